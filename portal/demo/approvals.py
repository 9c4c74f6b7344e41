"""Orders about the approval of the third body: one in effect, one prepared."""

from datetime import timedelta

from django.utils import timezone

from certification.enums import ApprovalCause, ApprovalChangeKind
from certification.flows.approvals import APPROVAL_FLOW
from certification.services.approvals import change_prepare
from foundation.workflow import perform
from organisations.actors import actor_for
from portal.demo.parties import Desk, operator
from schemes.models import BodyApproval


def orders(desk: Desk) -> None:
    """Suspend one scheme of a body, and prepare to narrow another one."""
    body, today = desk.organisation, timezone.localdate()
    actor = actor_for(operator())
    held = BodyApproval.objects.in_force(today).filter(body=body).order_by("scheme__position")
    approvals = {row.scheme.code: row for row in held.select_related("scheme")}
    suspended = change_prepare(
        actor=actor,
        body=body,
        approvals=[approvals["OHSMS"]],
        kind=ApprovalChangeKind.SUSPEND,
        cause=ApprovalCause.CONDITIONS,
        reason="职业健康安全专业审核员不足，限期整改。 / Too few auditors in this field.",
        reference="演示监〔2026〕17号",
        takes_effect_on=today - timedelta(days=3),
    )
    perform(APPROVAL_FLOW, suspended, "order", actor)
    quality = approvals["QMS"]
    change_prepare(
        actor=actor,
        body=body,
        approvals=[quality],
        areas=list(quality.areas.order_by("-position")[:3]),
        kind=ApprovalChangeKind.NARROW,
        cause=ApprovalCause.REQUEST,
        reason="机构申请退出部分专业领域。 / The body leaves some fields of its own accord.",
        reference="演示监〔2026〕21号",
        takes_effect_on=today + timedelta(days=14),
    )
