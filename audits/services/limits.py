"""Until when the enterprise has to act on a nonconformity, and from when a minor is a major."""

from datetime import date

from django.utils import timezone

from audits.enums import DueFrom, Grade
from certification import deadlines
from certification.deadlines import Basis, Deadline, Event
from certification.enums import AuditKind, CertificateStatus
from certification.models import AuditOutcome
from schemes.queries import book_of
from schemes.rulebook import RuleBook

_FIRST = {Grade.MINOR: "minor_due_days", Grade.MAJOR: "major_due_days"}
_AGAIN = "answer_again_days"


def _rule_of(finding) -> str:
    """Return the key of the rule that gave a nonconformity its limit; nothing for a promise."""
    return {
        DueFrom.SHOWN: _FIRST.get(finding.grade, ""),
        DueFrom.ESCALATED: _FIRST[Grade.MAJOR],
        DueFrom.ACCEPTED: _AGAIN,
        DueFrom.REJECTED: _AGAIN,
        DueFrom.STAGE_2: "major_verified_months",
    }.get(finding.due_from, "")


def limit_of(finding, rules: RuleBook) -> Deadline:
    """Return the limit of a nonconformity with how it was counted."""
    if not finding.due_from:  # shown by a release that did not note it
        finding.due_from = DueFrom.SHOWN
        finding.due_since = timezone.localdate(finding.shown_at)
    rule = _rule_of(finding)
    if not rule:
        extended = finding.due_from == DueFrom.EXTENDED
        event = Event.EXTENDED if extended else Event.ACCEPTED
        return Deadline(finding.due_on, None, Basis.SET, event, finding.due_since)
    event = Event(finding.due_from)
    return Deadline(finding.due_on, rules.limit(rule), Basis.PERIOD, event, finding.due_since)


def escalation_of(finding, rules: RuleBook) -> Deadline | None:
    """Return the last day on which a nonconformity stays a minor one; None where it stays one."""
    if finding.grade != Grade.MINOR or finding.due_on is None:
        return None
    found = deadlines.escalation(rules, due_on=finding.due_on)
    return None if found.on is None else found


def give(finding, since: str, *, promised: date | None = None) -> None:
    """Set and save the limit that an event of today gives the enterprise.

    A judgement may come late, so there is always time to act after it; it takes none away, but a
    promised day replaces the limit of a plan. A major of stage 2 has to be verified within half
    a year (ISO/IEC 17021-1:2015 9.5.3.2), so the limit of its evidence lies within.
    """
    rules, today = book_of(finding.audit.case.rule_set), timezone.localdate()
    before = (finding.due_on, finding.due_from, finding.due_since)
    finding.due_from = since
    found = [(rules.limit(_rule_of(finding)).last_day(today), since, today)]
    if promised is not None:
        found.append((promised, DueFrom.PLAN, today))
    elif since in (DueFrom.ACCEPTED, DueFrom.REJECTED):
        found.append(before)
    on, kind, day = max(found, key=lambda one: one[0] or date.min)
    latest = _verified_by(finding, rules)
    if on is not None and latest is not None and today <= latest.on < on:
        on, kind, day = latest.on, DueFrom.STAGE_2, latest.since
    finding.due_on, finding.due_from, finding.due_since = on, kind, day
    finding.save(update_fields=["due_from", "due_since", "due_on", "changed_at"])


def latest_extension(finding, rules: RuleBook) -> date | None:
    """Return the latest day to which a limit can be put off now; None where it cannot be.

    Each extension has a longest length and a finding a greatest number of them. A major has to be
    verified within half a year of its audit (ISO/IEC 17021-1:2015 9.5.3.2 for stage 2), one of a
    recertification before the certificates end (9.6.3.2.2).
    """
    given = sum(one.granted_on is not None for one in finding.extensions.all())
    if finding.due_on is None or given >= int(rules.value("finding_extensions")):
        return None
    ends = [rules.limit("finding_extension_days").last_day(finding.due_on)]
    audit = finding.audit
    if finding.grade == Grade.MAJOR and audit.closed_at is not None:
        closed_on = timezone.localdate(audit.closed_at)
        ends.append(rules.limit("major_verified_months").last_day(closed_on))
    if finding.grade == Grade.MAJOR and audit.kind == AuditKind.RECERTIFICATION:
        rows = audit.case.certificates.filter(status=CertificateStatus.VALID)
        ends += rows.values_list("expires_on", flat=True)
    latest = min(one for one in ends if one is not None)
    return latest if latest > max(finding.due_on, timezone.localdate()) else None


def put_off(finding, on: date) -> None:
    """Set and save the day that was granted on request."""
    finding.due_on, finding.due_from = on, DueFrom.EXTENDED
    finding.due_since = timezone.localdate()
    finding.save(update_fields=["due_from", "due_since", "due_on", "changed_at"])


def _verified_by(finding, rules) -> Deadline | None:
    """Return by when a major of stage 2 has to be verified; None once it was decided on."""
    audit = finding.audit
    if finding.grade != Grade.MAJOR or audit.kind != AuditKind.STAGE_2 or audit.closed_at is None:
        return None
    if AuditOutcome.objects.filter(audit_id=audit.pk).exclude(decision=None).exists():
        return None
    found = deadlines.major_verification(rules, stage_2_on=timezone.localdate(audit.closed_at))
    return None if found.on is None else found
