"""A proposed change of a certificate: a certifier follows it, or says why not."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.enums import CertificateStatus, DecisionKind, Ground, ProposalStatus
from certification.flows.impartiality import decides_impartially
from certification.models import Proposal
from certification.rights import DECIDER
from certification.services.periods import dismissed_until
from foundation import timeline
from foundation.access import IS_SYSTEM
from foundation.actor import SYSTEM
from foundation.formatting import day
from foundation.workflow import REASON, Blocker, Flow, Transition, perform

_S = ProposalStatus
RAISED = "proposal.raise"
# The state of a certificate from which the proposed decision is possible.
POSSIBLE_FROM = {
    DecisionKind.SUSPEND: CertificateStatus.VALID,
    DecisionKind.WITHDRAW: CertificateStatus.SUSPENDED,
    DecisionKind.CANCEL: CertificateStatus.VALID,
}

timeline.register(RAISED, _("Change of the certificate proposed"))


def may_be_dismissed(proposal, actor, data):
    """A suspension that ended has to be resolved (ISO/IEC 17021-1:2015 9.6.5)."""
    if proposal.ground == Ground.SUSPENSION:
        yield Blocker(
            _("A suspension that ended is resolved: reinstate, or withdraw."),
            proposal.get_absolute_url(),
        )


def not_for_too_long(proposal, actor, data):
    """What was dismissed is proposed again within a time the rules give (default of the portal)."""
    on = (data or {}).get("not_before")
    if on is None:
        return
    latest = dismissed_until(proposal.certificate)
    if not timezone.localdate() < on <= latest:
        yield Blocker(
            _("Choose a day after today, at the latest %(date)s.") % {"date": day(latest)},
            field="not_before",
        )


def dismiss(proposal, actor, not_before, **data):
    """Say from when it is proposed again."""
    return {"not_before": not_before.isoformat()}


def _dismissed(proposal, actor, reason, not_before, **data):
    return {
        "dismissal": reason,
        "dismissed_by": actor.user,
        "not_before": not_before,
        "cycle": proposal.case.cycle,
    }


def settle(certificate, kind: str = "") -> None:
    """Close the proposals on a certificate that just changed by a decision of some kind."""
    for proposal in certificate.proposals.filter(status=_S.OPEN):
        if proposal.kind == kind:
            perform(PROPOSAL_FLOW, proposal, "follow", SYSTEM)
        elif certificate.status != POSSIBLE_FROM[proposal.kind]:
            perform(PROPOSAL_FLOW, proposal, "lapse", SYSTEM)


PROPOSAL_FLOW = Flow(
    name="proposal",
    title=_("Proposal"),
    model=Proposal,
    states=_S,
    tags={_S.OPEN: "problem", _S.FOLLOWED: "closed", _S.DISMISSED: "closed", _S.LAPSED: "closed"},
    related=("certificate__case", "certificate__enterprise", "certificate__body"),
    asked=("certificate__case__involvements",),
    transitions=(
        Transition(
            action="dismiss",
            sources=(_S.OPEN,),
            target=_S.DISMISSED,
            right=DECIDER,
            title=_("Dismiss the proposal"),
            task=_("Decide on a proposed change of a certificate"),
            past=_("Proposed change of the certificate dismissed"),
            explain=_(
                "The certificate stays as it is. Your name and the reason stay on record. If the "
                "ground still holds on the day you name, it is proposed again."
            ),
            guards=(decides_impartially, may_be_dismissed, not_for_too_long),
            requires=(REASON, "not_before"),
            columns=_dismissed,
            effect=dismiss,
            internal=True,
            serious=True,
            confirmed=True,
        ),
        Transition(
            action="follow",
            sources=(_S.OPEN,),
            target=_S.FOLLOWED,
            right=IS_SYSTEM,
            title=_("Note that it was decided so"),
            past=_("Proposed change of the certificate decided"),
            internal=True,
            awaited=False,
        ),
        Transition(
            action="lapse",
            sources=(_S.OPEN,),
            target=_S.LAPSED,
            right=IS_SYSTEM,
            title=_("Note that its ground is gone"),
            past=_("Proposed change of the certificate lapsed"),
            internal=True,
            awaited=False,
        ),
    ),
)
