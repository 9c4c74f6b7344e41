"""A reported change: assessed by the body's desk, followed by what it calls for."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.enums import (
    OPEN_CHANGES,
    ApplicationKind,
    ChangeKind,
    ChangeStatus,
    SpecialPurpose,
)
from certification.flows import special
from certification.flows.carrying import CARRY_OVER
from certification.models import ChangeReport
from certification.rights import DECIDER
from certification.services import changes
from certification.services.telling import tell_body, tell_deciders, tell_enterprise
from foundation import timeline
from foundation.access import IS_SYSTEM
from foundation.actor import SYSTEM
from foundation.workflow import REASON, SAME, Blocker, Flow, Transition, perform
from organisations.rights import ENTERPRISE, OWNER, held

_S = ChangeStatus
ASSESSES = held(*changes.DESK, party="body")
APPLICATIONS = (ApplicationKind.EXTENSION, ApplicationKind.CHANGE)

timeline.register(changes.REPORTED, _("Change reported"))


def is_no_merger(change, actor, data):
    """The holder of a merged enterprise's case ends: only a certifier can settle that."""
    if change.kind == ChangeKind.MERGER:
        yield Blocker(
            _(
                "The holder ends with the merger: hand it to the certifiers. An audit is planned "
                "from the page of the case."
            ),
            change.case.get_absolute_url(),
        )


def something_is_certified(change, actor, data):
    """A revision needs a certificate in force; the desk may leave out some of several.

    A merger concerns the case as a whole, certified or not.
    """
    if change.kind == ChangeKind.MERGER:
        return
    held_now = {row.pk for row in changes.certificates_in_force(change.case)}
    if not held_now:
        yield Blocker(_("No certificate is in force any more."), change.case.get_absolute_url())
    elif data and not held_now & {row.pk for row in data.get("certificates") or ()}:
        yield Blocker(_("Choose the certificates to be revised."), field="certificates")


def case_can_be_audited(change, actor, data):
    """Special audits belong to what is certified."""
    if change.case.status not in special.WHILE:
        yield Blocker(_("The case is not certified any more."), change.case.get_absolute_url())


def application_fits(change, actor, data):
    if data and data.get("application_kind") and data["application_kind"] not in APPLICATIONS:
        yield Blocker(_("Choose an extension or a change."), field="application_kind")


def nothing_is_begun(change, actor, data):
    if change.application_id is not None:
        yield Blocker(_("The application is begun."), change.application.get_absolute_url())


def _assessed(change, actor, reason, **data):
    return {"assessment": reason}


def _tell(kind, change, **facts):
    tell_enterprise(kind, change.case, **changes.facts_of(change), **facts)


def asked(change, actor, reason, **data):
    _tell("change.question", change, reason=reason)
    return {"number": change.number}


def answered(change, actor, answer, uploads=(), **data):
    changes.attach(change, uploads, actor)
    tell_body("change.answered", change.case, *changes.DESK, **changes.facts_of(change))
    return {"number": change.number, "note": answer}


def without_consequence(change, actor, reason, **data):
    _tell("change.unchanged", change, reason=reason)
    return {"number": change.number}


def handed_over(change, actor, certificates, reason, **data):
    if change.kind == ChangeKind.MERGER:
        certificates = changes.certificates_in_force(change.case)
    change.certificates.set(certificates)
    tell_deciders("change.handed_over", change.case, **changes.facts_of(change), reason=reason)
    _tell("change.revision", change, reason=reason)
    return {"number": change.number, "certificates": [row.number for row in certificates]}


def declined(change, actor, reason, **data):
    facts = changes.facts_of(change)
    tell_body("change.declined", change.case, *changes.DESK, **facts, reason=reason)
    return {"number": change.number}


def audit_planned(change, actor, reason, **data):
    data["purpose"] = SpecialPurpose.CHANGE
    item, facts = special.plan(change.case, reason=reason, **data)
    change.item = item
    change.save(update_fields=["item", "changed_at"])
    special.tell_of_plan(item)
    return {"number": change.number, **facts}


def application_asked(change, actor, application_kind, reason, **data):
    _tell("change.application", change, reason=reason)
    return {"number": change.number, "application": application_kind}


def application_begun(change, actor, **data):
    change.application = changes.begin_application(change, actor)
    change.save(update_fields=["application", "changed_at"])
    return {"number": change.number}


def settled(change, actor, **data):
    _tell("change.done", change)
    return {"number": change.number}


def with_number(change, actor, **data):
    return {"number": change.number}


def certificate_changed(certificate) -> None:
    """Settle the reports whose last certificate to revise was just revised, or ended."""
    rows = certificate.changes.filter(status=_S.REVISION).select_related("case")
    for change in rows.exclude(kind=ChangeKind.MERGER):
        if changes.is_revised(change):
            perform(CHANGE_FLOW, change, "revised", SYSTEM)


def decided(decision) -> None:
    """Settle the reports whose special audit a decision rests on."""
    rows = ChangeReport.objects.filter(status=_S.AUDIT, item__outcomes__decision=decision)
    for change in rows.select_related("case").distinct():
        perform(CHANGE_FLOW, change, "audited", SYSTEM)


def audit_dropped(item) -> None:
    """Let the desk assess anew what a special audit was to look at, now out of the programme."""
    for change in item.changes.filter(status=_S.AUDIT).select_related("case"):
        perform(CHANGE_FLOW, change, "drop_audit", SYSTEM)


def submitted(application) -> None:
    """Settle the report that waited for an application: the one it was begun for, or the oldest."""
    rows = changes.waiting_for(application).order_by("created_at")
    change = rows.filter(application=application).first() or rows.filter(application=None).first()
    if change is not None:
        perform(CHANGE_FLOW, change, "applied", SYSTEM)


def dropped(application) -> None:
    """Let the owner begin anew when the application that a change needs was given up."""
    for change in application.changes.filter(status=_S.APPLICATION).select_related("case"):
        perform(CHANGE_FLOW, change, "drop_application", SYSTEM)


def ended(case) -> None:
    """Close what was reported on a case that has ended."""
    for change in case.changes.filter(status__in=OPEN_CHANGES).select_related("case"):
        perform(CHANGE_FLOW, change, "lapse", SYSTEM)


ASSESSING = (
    Transition(
        action="no_consequence",
        sources=(_S.REPORTED,),
        target=_S.UNCHANGED,
        right=ASSESSES,
        title=_("Nothing follows"),
        task=_("Assess a reported change"),
        past=_("Reported change assessed: nothing follows"),
        requires=(REASON,),
        columns=_assessed,
        guards=(is_no_merger,),
        effect=without_consequence,
        explain=_("Certificates and programme stay as they are. The enterprise reads why."),
    ),
    Transition(
        action="ask",
        sources=(_S.REPORTED,),
        target=_S.ASKED,
        right=ASSESSES,
        title=_("Ask the enterprise"),
        past=_("Question about a reported change asked"),
        requires=(REASON,),
        columns=lambda change, actor, reason, **data: {"question": reason, "answer": ""},
        effect=asked,
        awaited=False,
        explain=_("Your time to assess begins anew with the answer."),
        done_text=_("Your question is sent to the enterprise."),
    ),
    Transition(
        action="hand_over",
        sources=(_S.REPORTED,),
        target=_S.REVISION,
        right=ASSESSES,
        title=_("Have the certificates revised"),
        past=_("Reported change handed to the certifiers"),
        guards=(something_is_certified,),
        requires=(REASON, "certificates"),
        columns=lambda change, actor, reason, **data: {
            "assessment": reason,
            "handed_over_at": timezone.now(),
        },
        effect=handed_over,
        awaited=False,
        explain=_(
            "A certifier corrects name, address or wording, reduces the scope, or carries the "
            "case over after a merger. The report closes by itself with that."
        ),
    ),
    Transition(
        action="plan_audit",
        sources=(_S.REPORTED,),
        target=_S.AUDIT,
        right=ASSESSES,
        title=_("Have it audited"),
        past=_("Special audit planned for a reported change"),
        guards=(is_no_merger, case_can_be_audited, special.time_is_given),
        requires=("days", "window_from", "window_to", REASON),
        columns=_assessed,
        effect=audit_planned,
        awaited=False,
        explain=_(
            "A special audit joins the programme. The report closes by itself with the decision "
            "that rests on that audit."
        ),
    ),
    Transition(
        action="need_application",
        sources=(_S.REPORTED,),
        target=_S.APPLICATION,
        right=ASSESSES,
        title=_("Ask for an application"),
        past=_("Application asked for because of a reported change"),
        guards=(is_no_merger, application_fits),
        requires=("application_kind", REASON),
        columns=lambda change, actor, application_kind, reason, **data: {
            "assessment": reason,
            "application_kind": application_kind,
        },
        effect=application_asked,
        awaited=False,
        explain=_("The owner of the enterprise begins it from here; then it takes its usual way."),
    ),
    Transition(
        action="answer",
        sources=(_S.ASKED,),
        target=_S.REPORTED,
        right=ENTERPRISE,
        title=_("Answer the question"),
        past=_("Question about a reported change answered"),
        requires=("answer",),
        columns=lambda change, actor, answer, **data: {
            "answer": answer,
            "assess_by": changes.assessed_by(change.case),
        },
        effect=answered,
        explain=_("The certification body assesses the change with your answer."),
    ),
    Transition(
        action="withdraw",
        sources=(_S.REPORTED, _S.ASKED),
        target=_S.WITHDRAWN,
        right=ENTERPRISE,
        title=_("Take the report back"),
        past=_("Report of a change taken back"),
        guards=(is_no_merger,),
        requires=(REASON,),
        effect=with_number,
        awaited=False,
        explain=_("The change does not take place, or was reported by mistake."),
    ),
)

FOLLOWING = (
    Transition(
        action="decline",
        sources=(_S.REVISION,),
        target=_S.REPORTED,
        right=DECIDER,
        title=_("Decline to revise"),
        task=_("Revise the certificates for a reported change"),
        past=_("Revision declined"),
        requires=(REASON,),
        columns=lambda change, actor, **data: {
            "handed_over_at": None,
            "assess_by": changes.assessed_by(change.case),
        },
        effect=declined,
        internal=True,
        explain=_("The report goes back to the desk, which assesses it again."),
    ),
    Transition(
        action="begin_application",
        sources=(_S.APPLICATION,),
        target=SAME,
        right=OWNER,
        title=_("Begin the application"),
        task=_("Apply because of a reported change"),
        past=_("Application begun because of a reported change"),
        guards=(nothing_is_begun,),
        effect=application_begun,
        awaited=lambda change: change.application_id is None,
        explain=_("It begins with what is certified today; change what changes, and send it."),
        done_text=_("The application is begun. Complete it, and send it."),
    ),
    Transition(
        action="drop_application",
        sources=(_S.APPLICATION,),
        target=SAME,
        right=IS_SYSTEM,
        title=_("Note that the application was given up"),
        past=_("Application because of a reported change given up"),
        columns=lambda change, actor, **data: {"application_id": None},
        effect=with_number,
    ),
    Transition(
        action="revised",
        sources=(_S.REVISION,),
        target=_S.DONE,
        right=IS_SYSTEM,
        title=_("Note that the certificates are revised"),
        past=_("Certificates revised as a reported change asked"),
        effect=settled,
    ),
    Transition(
        action="audited",
        sources=(_S.AUDIT,),
        target=_S.DONE,
        right=IS_SYSTEM,
        title=_("Note that it was decided on the audit"),
        past=_("Decided on the audit of a reported change"),
        effect=settled,
    ),
    Transition(
        action="drop_audit",
        sources=(_S.AUDIT,),
        target=_S.REPORTED,
        right=IS_SYSTEM,
        title=_("Note that the audit does not take place"),
        past=_("Audit of a reported change taken out of the programme"),
        columns=lambda change, actor, **data: {
            "item_id": None,
            "assess_by": changes.assessed_by(change.case),
        },
        effect=with_number,
    ),
    Transition(
        action="applied",
        sources=(_S.APPLICATION,),
        target=_S.DONE,
        right=IS_SYSTEM,
        title=_("Note that the application is sent"),
        past=_("Application sent because of a reported change"),
        effect=settled,
    ),
    Transition(
        action="lapse",
        sources=OPEN_CHANGES,
        target=_S.LAPSED,
        right=IS_SYSTEM,
        title=_("Note that nothing is certified any more"),
        past=_("Reported change lapsed with the case"),
        effect=with_number,
    ),
)

CHANGE_FLOW = Flow(
    name="change",
    title=_("Reported change"),
    model=ChangeReport,
    states=_S,
    tags={
        _S.REPORTED: "waiting",
        _S.ASKED: "waiting",
        _S.REVISION: "info",
        _S.AUDIT: "info",
        _S.APPLICATION: "waiting",
        _S.UNCHANGED: "closed",
        _S.DONE: "closed",
        _S.WITHDRAWN: "cancelled",
        _S.LAPSED: "cancelled",
    },
    related=("case__enterprise", "case__body"),
    asked=("case__involvements",),
    transitions=(*ASSESSING, CARRY_OVER, *FOLLOWING),
)
