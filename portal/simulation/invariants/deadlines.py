"""Limits, counted again from the journal and the rules alone."""

from django.utils import timezone

from certification import deadlines
from certification.deadlines import Cycle
from certification.enums import AuditKind, CaseStatus
from certification.models import Case, Certificate
from foundation.models import JournalEntry
from portal.simulation.watch import Broken, Look, invariant
from schemes.queries import book_of

_BEGIN = ("case.grant", "case.renew")


@invariant("the programme of a cycle follows from the journal and the rules")
def windows_follow_from_the_journal(look: Look):
    """Count the windows again: from the entry of the decision and those of the audits held."""
    rows = look.rows(Case, "pk").filter(status__in=(CaseStatus.CERTIFIED, CaseStatus.DECIDING))
    for case in rows.exclude(cycle_starts_on=None).select_related("rule_set"):
        story = list(JournalEntry.objects.filter(thread=case.thread).order_by("at", "number"))
        begun = [entry for entry in story if entry.verb in _BEGIN]
        if not begun:
            yield Broken(case, "its cycle began without a decision in the journal")
            continue
        decided = timezone.localdate(begun[-1].at)
        if decided != case.cycle_starts_on:
            yield Broken(case, f"cycle from {case.cycle_starts_on}, the journal says {decided}")
        yield from _windows(case, story, decided)


def _windows(case, story, decided):
    items = {row.kind: row for row in case.programme.filter(cycle=case.cycle)}
    last = items.get(AuditKind.RECERTIFICATION)
    if last is None or last.window_to is None:
        yield Broken(case, "its cycle has no end")
        return
    accepted = {entry.subject_id for entry in story if entry.verb == "audit.accept_report"}
    closed = {
        entry.subject_id: timezone.localdate(entry.at)
        for entry in story
        if entry.verb == "audit.close_meeting"
    }
    held = {}
    for audit in case.audits.filter(cycle=case.cycle, pk__in=accepted).order_by("created_at"):
        held.setdefault(audit.kind, closed[audit.pk])
    cycle = Cycle(decided, issued_on=decided, expires_on=last.window_to, held=held)
    for kind, found in deadlines.programme(book_of(case.rule_set), cycle).items():
        item = items.get(kind)
        if item is None or item.done_on is not None:
            continue
        if (item.window_from, item.window_to) != (found.opens_on, found.on):
            yield Broken(
                case,
                f"{kind}: {item.window_from}–{item.window_to}, counted {found.opens_on}–{found.on}",
            )


@invariant("a suspension ends on the day the journal tells")
def suspensions_follow_from_the_journal(look: Look):
    """Read the end of each suspension out of the entry that began it."""
    for entry in look.entries:
        if entry.verb in ("certificate.suspend", "certificate.suspend_by_rule"):
            yield from _until(entry)


def _until(entry):
    certificate = Certificate.objects.get(pk=entry.subject_id)
    kept = certificate.suspended_until
    if certificate.status == "suspended" and entry.data.get("until") != kept.isoformat():
        yield Broken(certificate, f"until {kept}, the journal says {entry.data.get('until')}")
