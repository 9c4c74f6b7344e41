"""Guards and effects of the way of a complaint or an appeal."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification import appeals
from certification.enums import About, Conclusion, EntryKind
from certification.models import Case, ComplaintEntry
from certification.queries.complaints import (
    authority_for,
    independent_people,
    may_turn_to_authority,
    open_question,
)
from certification.services.complaint_telling import (
    forget_mails,
    tell,
    tell_complainant,
    tell_handlers,
    tell_holder,
    tell_managers,
)
from certification.services.outcomes import count_appeals
from foundation import files
from foundation.workflow import Blocker
from organisations.enums import Role
from schemes.queries import rule_book_for

LABEL = "complaint_file"


def limit_of(body, key: str):
    """Return the last day of a limit of complaints, counted from today by the body's calendar."""
    today = timezone.localdate()
    return rule_book_for(str(body.country), today).limit(key).last_day(today)


def write(complaint, actor, kind, text, uploads=()) -> ComplaintEntry:
    """Put something into the file; its attachments are seen by whoever may read it."""
    entry = ComplaintEntry.objects.create(
        complaint=complaint, kind=kind, text=text, author=actor.user
    )
    for upload in uploads or ():
        files.attach(files.store(upload, actor=actor), entry, LABEL)
    return entry


# Guards


def handler_is_independent(complaint, actor, data):
    """Who handles it took no part (ISO/IEC 17021-1:2015 9.7, 9.8)."""
    yield from _is_independent(complaint, data or {}, "handler")


def decider_is_independent(complaint, actor, data):
    """Who decides it took no part (ISO/IEC 17021-1:2015 9.7, 9.8)."""
    yield from _is_independent(complaint, data or {}, "decider")


def _is_independent(complaint, data, name):
    chosen = data.get(name)
    if chosen is None:
        return
    free = independent_people(complaint, data.get("case"))
    if chosen not in free or chosen == data.get("person"):
        yield Blocker(_("Choose somebody who took no part in the matter."), field=name)


def person_is_named(complaint, actor, data):
    """Whom a complaint about an auditor is about has to be known: that person stays out of it."""
    if data is None or complaint.about != About.AUDITOR or complaint.subject_id:
        return
    person = data.get("person")
    if person is None:
        yield Blocker(_("Choose whom it is about."), field="person")
    elif actor.user is not None and person.pk == actor.user.pk:
        yield Blocker(_("It is about you: another manager has to do this."), field="person")


def can_be_passed_on(complaint, actor, data):
    if complaint.about != About.HOLDER or complaint.enterprise_id is None:
        yield Blocker(_("It is not about an organisation that this portal knows."))
    elif complaint.passed_on_at is not None:
        yield Blocker(_("It was passed on already."))


def conclusion_is_known(complaint, actor, data):
    if data is not None and data.get("conclusion") not in (None, "", *Conclusion.values):
        yield Blocker(_("Choose an answer for “Conclusion”."), field="conclusion")


def waits_for_new_decision(complaint, actor, data):
    if not complaint.needs_new_decision:
        yield Blocker(_("Nothing has to be decided anew."))


def nothing_is_left(complaint, actor, data):
    if complaint.needs_new_decision:
        yield Blocker(
            _("The appeal was upheld: a new decision is still to be taken."), complaint.matter_url
        )


def a_question_is_open(complaint, actor, data):
    if open_question(complaint) is None:
        yield Blocker(_("No question waits for an answer."))


def may_be_escalated(complaint, actor, data):
    """First the body has its time (ISO/IEC 17021-1:2015 9.8); then the authority can be asked."""
    if complaint.authority_id is not None:
        yield Blocker(_("The authority was turned to already."))
        return
    if not may_turn_to_authority(complaint):
        yield Blocker(_("The body has its time to answer first."))
    if authority_for(complaint.body) is None:
        yield Blocker(_("No authority on this portal oversees this body: write to it directly."))


def something_to_forget(complaint, actor, data):
    if not complaint.name and not complaint.email:
        yield Blocker(_("Neither a name nor an e-mail address is kept."))


# What is written in the same statement as the status


def until_decision(complaint, actor, **data):
    return {"due_on": complaint.decide_by}


def until_next_progress(complaint, actor, **data):
    """The next report to the complainant is due, or the decision if that comes first."""
    due = limit_of(complaint.body, "complaint_progress_working_days")
    return {"due_on": min(filter(None, (due, complaint.decide_by)))}


def admitted_as(complaint, actor, handler, case=None, person=None, **data):
    facts = {"handler": handler} | until_next_progress(complaint, actor)
    if case is not None and complaint.case_id is None:
        facts["case"] = case
        if complaint.about == About.HOLDER:
            facts["enterprise"] = case.enterprise
    if person is not None and complaint.about == About.AUDITOR:
        facts["subject"] = person
    return facts


def passed_on_now(complaint, actor, **data):
    return {"passed_on_at": timezone.now()}


def decision_of(complaint, actor, conclusion, **data):
    return {
        "conclusion": conclusion,
        "decided_by": actor.user,
        "decided_on": timezone.localdate(),
        "due_on": limit_of(complaint.body, "complaint_end_working_days"),
    }


def settled_now(complaint, actor, **data):
    return {"settled_at": timezone.now()}


def ended_now(complaint, actor, **data):
    return {"ended_at": timezone.now(), "due_on": None}


def escalated_now(complaint, actor, **data):
    return {"authority": authority_for(complaint.body), "escalated_at": timezone.now()}


# Effects


def acknowledged(complaint, actor, **data):
    tell_complainant("acknowledged", complaint)


def admitted(complaint, actor, handler, **data):
    tell("complaint.assigned", complaint, [handler])
    tell_complainant("admitted", complaint)


def not_admitted(complaint, actor, text, **data):
    write(complaint, actor, EntryKind.END, text)
    count_appeals(complaint.audit_id)
    tell_complainant("not_admitted", complaint)


def handler_named(complaint, actor, handler, **data):
    tell("complaint.assigned", complaint, [handler])
    return {"person": handler.name}


def decider_named(complaint, actor, decider, **data):
    tell("complaint.reported", complaint, [decider])
    return {"person": decider.name}


def asked(complaint, actor, text, **data):
    write(complaint, actor, EntryKind.QUESTION, text)
    tell_complainant("question", complaint)


def progressed(complaint, actor, text, **data):
    write(complaint, actor, EntryKind.PROGRESS, text)
    tell_complainant("progress", complaint)


def passed_on(complaint, actor, text, **data):
    write(complaint, actor, EntryKind.PASSED_ON, text)
    tell_holder("complaint.passed_on", complaint)


def client_answered(complaint, actor, text, uploads=(), **data):
    write(complaint, actor, EntryKind.CLIENT_ANSWER, text, uploads)
    tell_handlers("complaint.client_answered", complaint)


def reported(complaint, actor, text, **data):
    write(complaint, actor, EntryKind.REPORT, text)
    people = [complaint.decider] if complaint.decider else complaint.body.people(Role.MANAGER)
    tell("complaint.reported", complaint, people)


def sent_back(complaint, actor, text, **data):
    write(complaint, actor, EntryKind.SENT_BACK, text)
    tell_handlers("complaint.assigned", complaint)


def decided(complaint, actor, conclusion, text, internal="", **data):
    """Tell it, and let what an appeal is against follow where that needs no new decision."""
    write(complaint, actor, EntryKind.DECISION, text)
    if internal:
        write(complaint, actor, EntryKind.INTERNAL, internal)
    count_appeals(complaint.audit_id)
    appeals.follow(complaint, actor)
    tell_complainant("decided", complaint)
    if complaint.passed_on_at:
        tell_holder("complaint.decided", complaint)
    if complaint.needs_new_decision:
        deciders = Role.CERTIFIER if complaint.about == About.DECISION else Role.REVIEWER
        tell("complaint.to_decide_anew", complaint, complaint.body.people(deciders))
    return {"conclusion": conclusion}


def settled(complaint, actor, text, **data):
    write(complaint, actor, EntryKind.ANEW, text)
    tell_handlers("complaint.settled", complaint)


def closed(complaint, actor, text, **data):
    write(complaint, actor, EntryKind.END, text)
    tell_complainant("ended", complaint)


def added(complaint, actor, text, uploads=(), **data):
    write(complaint, actor, EntryKind.ADDED, text, uploads)
    tell_handlers("complaint.added", complaint)


def answered(complaint, actor, text, uploads=(), **data):
    write(complaint, actor, EntryKind.ANSWER, text, uploads)
    tell_handlers("complaint.added", complaint)


def withdrawn(complaint, actor, **data):
    count_appeals(complaint.audit_id)
    tell_handlers("complaint.withdrawn", complaint)


def escalated(complaint, actor, **data):
    tell("complaint.escalated_to_you", complaint, complaint.authority.people(Role.SUPERVISOR))
    tell_managers("complaint.escalated", complaint)
    if complaint.handler:
        tell("complaint.escalated", complaint, [complaint.handler])
    tell_complainant("escalated", complaint)


def noted(complaint, actor, text, **data):
    write(complaint, actor, EntryKind.AUTHORITY, text)
    people = [*complaint.body.people(Role.MANAGER), complaint.handler]
    tell("complaint.noted", complaint, dict.fromkeys(people))
    tell_complainant("noted", complaint)
    if complaint.passed_on_at:
        tell_holder("complaint.noted", complaint)


def forgotten(complaint, actor, **data):
    """Delete the mails that were to go out: one that was refused names the address."""
    forget_mails([complaint.pk])


def case_named(body, words: str):
    """Return the case of a body by its number or that of a certificate, or None."""
    cases = Case.objects.filter(body=body)
    return cases.filter(number=words).first() or cases.filter(certificates__number=words).first()
