"""Changes of a body's approval: now and then suspended for some days, then reinstated."""

from datetime import timedelta

from django.utils import timezone

from certification.enums import ApprovalCause, ApprovalChangeKind, ApprovalChangeStatus
from certification.models import ApprovalChange
from certification.services.approvals import change_prepare
from foundation.actor import OPERATOR
from organisations.actors import crews_of
from portal.simulation.registry import maker, pastime
from schemes.enums import ApprovalStanding
from schemes.models import BodyApproval

_MONTHS, _DAYS = (3, 8), (10, 11)
_LASTS = timedelta(days=10)
_DAY = timedelta(days=1)


@pastime
def change_approvals(world):
    """Suspend one scheme of a body now and then; reinstate what was suspended long enough."""
    operators = crews_of({OPERATOR}).get(OPERATOR, ())
    prepared = ApprovalChange.objects.filter(status=ApprovalChangeStatus.PREPARED)
    if not operators or prepared.exists():
        return
    today = timezone.localdate()
    rows = BodyApproval.objects.on_record(today).order_by("body_id", "scheme_id", "pk")
    over = rows.filter(standing=ApprovalStanding.SUSPENDED, valid_from__lt=today - _LASTS)
    if found := over.first():
        _prepare(operators[0], found, ApprovalChangeKind.REINSTATE, ApprovalCause.REMEDIED)
    elif today.month in _MONTHS and today.day in _DAYS:
        held = list(rows.filter(standing=ApprovalStanding.HOLDS, valid_from__lt=today))
        if held:
            # By the day and not by chance, so that what everybody else does stays as it was.
            chosen = held[today.toordinal() % len(held)]
            _prepare(operators[0], chosen, ApprovalChangeKind.SUSPEND, ApprovalCause.CONDITIONS)


def _prepare(operator, approval, kind, cause) -> None:
    change_prepare(
        actor=operator,
        body=approval.body,
        approvals=[approval],
        kind=kind,
        cause=cause,
        reason="The authority ordered it.",
        reference=f"ORDER-{timezone.localdate():%Y%m%d}",
        takes_effect_on=timezone.localdate() + _DAY,
    )


@maker("approval_change", "order")
def order(world, change, actor):
    return {}


@maker("approval_change", "drop", weight=0.1)
def drop(world, change, actor):
    return {}
