"""The end of a suspension: its cause is gone, and somebody looked (ISO/IEC 17021-1:2015 9.6.5)."""

from django.utils.translation import gettext_lazy as _

from certification.enums import Cause, CertificateStatus, SpecialPurpose
from certification.flows import special
from certification.flows.guards import majors_are_closed
from certification.rights import PLANS_SPECIAL
from certification.services import programme, suspensions
from foundation.workflow import REASON, SAME, Blocker, Transition


def cause_is_gone(certificate, actor, data):
    """Whatever led to the suspension is resolved and verified, by the facts of the case."""
    case, event = certificate.case, suspensions.suspension_of(certificate)
    yield from majors_are_closed(case, actor, data)
    if event is None:
        return
    if event.cause == Cause.SURVEILLANCE_OVERDUE and not suspensions.audit_since(case, event.on):
        for item in programme.missed_surveillances(case):
            yield Blocker(
                _(
                    "%(audit)s: not held, or its report not reviewed. Hold it, or an audit to end "
                    "the suspension."
                )
                % {"audit": item.get_kind_display()},
                case.get_absolute_url(),
            )
    if event.cause == Cause.CLIENT and certificate.cancellation_requested_at is not None:
        yield Blocker(_("The holder still asks to cancel the certificate."))


def resolved(certificate) -> None:
    """Let the audit that ended the suspension stand for the surveillance that was missed."""
    event = suspensions.suspension_of(certificate)
    if event is None or event.cause != Cause.SURVEILLANCE_OVERDUE:
        return
    held = suspensions.audit_since(certificate.case, event.on)
    for item in programme.missed_surveillances(certificate.case) if held else ():
        programme.audit_done(
            certificate.case, cycle=item.cycle, kind=item.kind, on=held.last_day, item=item
        )


def none_is_planned(certificate, actor, data):
    """One such audit is enough."""
    rows = certificate.case.programme.to_come().filter(
        purpose=SpecialPurpose.REINSTATEMENT, cycle=certificate.case.cycle
    )
    if rows.exists():
        yield Blocker(
            _("An audit to end the suspension is in the programme already."),
            certificate.case.get_absolute_url(),
        )


def reinstatement_planned(certificate, actor, reason, **data):
    data["purpose"] = SpecialPurpose.REINSTATEMENT
    item, facts = special.plan(certificate.case, reason=reason, **data)
    special.tell_of_plan(item)
    return facts


PLAN_REINSTATEMENT = Transition(
    action="plan_reinstatement",
    sources=(CertificateStatus.SUSPENDED,),
    target=SAME,
    right=PLANS_SPECIAL,
    title=_("Plan an audit to end the suspension"),
    past=_("Audit to end the suspension planned"),
    guards=(none_is_planned, special.time_is_given),
    requires=("days", "window_from", "window_to", REASON),
    effect=reinstatement_planned,
    awaited=False,
    explain=_(
        "A special audit joins the programme, to verify that the cause of the suspension is "
        "resolved. The enterprise is told and confirms dates and team as usual."
    ),
    done_text=_("The audit is in the programme; dates and team are planned next."),
)
