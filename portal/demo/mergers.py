"""Mergers of enterprises in the demonstration."""

from django.utils import timezone

from certification.flows.mergers import MERGER_FLOW
from certification.models import Case, ChangeReport, Merger
from certification.services.mergers import report
from foundation.workflow import perform
from organisations.actors import actor_in
from portal.demo import acts
from portal.demo.papers import paper
from portal.demo.parties import Client, Desk


def reported(client: Client, other: Client) -> Merger:
    """The enterprise that ends reports the merger; the other is asked."""
    for party in (client, other):
        party.organisation.refresh_from_db()
    return report(
        actor=actor_in(client.owner, client.organisation),
        absorbed=client.organisation,
        absorbing=other.organisation,
        description="吸收合并：全部场所、人员和过程由存续企业承接，管理体系继续运行。",
        takes_effect_on=timezone.localdate(),
        uploads=[paper("registration", f"Notice of merger (specimen) {client.works.name_en}")],
    )


def confirmed(merger: Merger, case: Case, other: Client) -> ChangeReport:
    """The other enterprise confirms; the body of the case is told."""
    actor = actor_in(other.owner, other.organisation).as_confirmed()
    perform(MERGER_FLOW, acts.fresh(merger), "confirm", actor)
    return ChangeReport.objects.get(merger=merger, case=case)


def handed_over(change: ChangeReport, desk: Desk) -> None:
    """The desk finds nothing against it."""
    actor = actor_in(desk.reviewer, desk.organisation)
    reason = "登记文件齐全，体系、场所和人员不变，交认证决定。"
    acts.do(change, "hand_over", actor, certificates=[], reason=reason)


def carried_over(change: ChangeReport, desk: Desk) -> None:
    """The certifier carries the case over to the new holder."""
    actor = actor_in(desk.certifier, desk.organisation)
    acts.do(change, "carry_over", actor, reason="体系由存续企业继续运行，原证书编号不变。")
