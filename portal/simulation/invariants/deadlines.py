"""Limits, counted again from the journal and the rules alone."""

from collections import defaultdict
from datetime import date

from django.utils import timezone

from audits.enums import UNDER_WAY, Grade
from audits.models import Finding
from certification import deadlines
from certification.deadlines import Cycle
from certification.enums import AuditKind, CaseStatus
from certification.models import Case, Certificate
from foundation.models import JournalEntry
from portal.simulation.watch import Broken, Look, invariant
from schemes.queries import book_of

_BEGIN = ("case.grant", "case.renew")
# What changes a grade, and whether it was a minor one before.
_GRADES = {"finding.escalate": True, "finding.lower": False}
_ON_AUDITS = frozenset(
    f"case.{kind}" for kind in ("grant", "maintain", "renew", "extend", "refuse")
)
_LIMITS = (
    "show", "escalate", "lower", "accept_plan", "reject_plan", "reject_evidence", "grant_extension",
)  # fmt: skip


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


@invariant("the limit of a finding follows from the journal and the rules")
def limits_follow_from_the_journal(look: Look):
    """Replay what gave each nonconformity its limit, and count it again."""
    label = Finding._meta.label_lower
    changed = {entry.subject_id for entry in look.entries if entry.subject_type == label}
    rows = Finding._base_manager.filter(status__in=UNDER_WAY).exclude(due_from="")
    if not look.whole:
        rows = rows.filter(pk__in=changed)
    stories = defaultdict(list)
    verbs = [f"finding.{action}" for action in _LIMITS]
    entries = JournalEntry.objects.filter(subject_id__in=list(rows.values_list("pk", flat=True)))
    for entry in entries.filter(verb__in=verbs).order_by("at", "number"):
        stories[entry.subject_id].append(entry)
    for finding in rows.select_related("audit__case__rule_set"):
        counted = _limit_of(finding, stories[finding.pk])
        if counted != finding.due_on:
            yield Broken(finding, f"due {finding.due_on}, counted {counted}")


def _limit_of(finding: Finding, story: list[JournalEntry]) -> date | None:
    """Return the last day that the entries of a nonconformity give it."""
    rules = book_of(finding.audit.case.rule_set)
    regraded = [entry.verb for entry in story if entry.verb in _GRADES]
    minor = _GRADES[regraded[0]] if regraded else finding.grade == Grade.MINOR
    due = None
    for entry in story:
        on = timezone.localdate(entry.at)
        if entry.verb == "finding.show":
            due = rules.limit("minor_due_days" if minor else "major_due_days").last_day(on)
        elif entry.verb == "finding.escalate":
            minor, due = False, rules.limit("major_due_days").last_day(on)
        elif entry.verb == "finding.lower":
            minor, due = True, rules.limit("answer_again_days").last_day(on)
        elif entry.verb == "finding.grant_extension":
            due = date.fromisoformat(entry.data["due_on"])
            continue
        else:
            promised = entry.data.get("promised", "")
            other = date.fromisoformat(promised) if promised else due
            again = rules.limit("answer_again_days").last_day(on)
            due = max((day for day in (again, other) if day), default=None)
        if not minor:
            due = _within_half_a_year(finding, rules, entry, due)
    return due


@invariant("no more time is granted for a finding than the rules let")
def extensions_are_bounded(look: Look):
    """Count the extensions in the journal, and the days that each one adds."""
    granted = [entry for entry in look.entries if entry.verb == "finding.grant_extension"]
    found = {str(row.pk): row for row in _findings_of(granted)}
    for entry in granted:
        finding = found[str(entry.subject_id)]
        rules = book_of(finding.audit.case.rule_set)
        before, on = (date.fromisoformat(entry.data[key]) for key in ("due_before", "due_on"))
        latest = rules.limit("finding_extension_days").last_day(before)
        if not before < on <= latest:
            yield Broken(finding, f"put off from {before} to {on}, {latest} is the limit")
        past = JournalEntry.objects.filter(subject_id=entry.subject_id, verb=entry.verb)
        if past.count() > int(rules.value("finding_extensions")):
            yield Broken(finding, f"was put off {past.count()} times")


def _findings_of(entries):
    rows = Finding._base_manager.filter(pk__in=[entry.subject_id for entry in entries])
    return rows.select_related("audit__case__rule_set")


def _within_half_a_year(finding, rules, entry, due: date | None) -> date | None:
    """Cut the limit of a major of a stage 2 nobody decided on yet (ISO/IEC 17021-1 9.5.3.2)."""
    audit = finding.audit
    if audit.kind != AuditKind.STAGE_2 or due is None:
        return due
    story = JournalEntry.objects.filter(thread=audit.case.thread, at__lt=entry.at)
    if story.filter(verb__in=_ON_AUDITS, at__gt=audit.closed_at).exists():
        return due
    held = timezone.localdate(audit.closed_at)
    latest = deadlines.major_verification(rules, stage_2_on=held).on
    return latest if timezone.localdate(entry.at) <= latest < due else due
