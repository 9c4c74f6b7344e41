"""The dates of a certification, counted from the rules and from what happened.

Pure arithmetic: knows no database and no today. What the programme keeps, what the clock of a
case shows and what the doctor compares is counted here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from operator import itemgetter

from certification.enums import AuditKind
from schemes.rulebook import Limit, RuleBook

_DAY = timedelta(days=1)


class Event(StrEnum):
    """What a period is counted from."""

    DECISION = "decision"
    ISSUE = "issue"
    EFFECT = "effect"
    FIRST_SURVEILLANCE = "first_surveillance"
    FIRST_SURVEILLANCE_DUE = "first_surveillance_due"
    FORMER_END = "former_end"
    END = "end"
    SUSPENSION = "suspension"
    STAGE_2 = "stage_2"
    SHOWN = "shown"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ESCALATED = "escalated"
    EXTENDED = "extended"
    DUE = "due"
    APPROVAL_LOST = "approval_lost"


class Basis(StrEnum):
    """How the last day follows from the rule."""

    PERIOD = "period"  # a period after the event
    SPAN = "span"  # a period that begins with the day of the event
    AT_MOST = "at_most"  # set by a person, within a period after the event
    YEAR = "year"  # the end of the calendar year after the event
    BEFORE = "before"  # the day of the event itself
    SET = "set"  # set by a person


@dataclass(frozen=True)
class Deadline:
    """The last day of something, the first one where there is one, and how it was counted.

    A day that somebody promised or set has no ``limit``.
    """

    on: date
    limit: Limit | None
    basis: Basis
    event: Event
    since: date
    opens_on: date | None = None


@dataclass(frozen=True)
class Cycle:
    """What happened in a cycle of certification: decision, issue, end, audits held by kind."""

    decided_on: date
    issued_on: date
    expires_on: date
    held: Mapping[str, date] = field(default_factory=dict)


def programme(rules: RuleBook, cycle: Cycle) -> dict[str, Deadline]:
    """Return the limits of the audits after the decision, by kind of audit.

    ISO/IEC 17021-1:2015 9.1.3.3: the first surveillance within twelve months of the decision,
    then one each calendar year; CNCA-QMS-01:2025 5.4.1.4: within twelve months of the issue, then
    of the last one. Recertification in time before the end (9.6.3; 5.8.2). A certification that
    ends with an earlier cycle has no surveillance after its end.
    """
    first = _first_surveillance(rules, cycle)
    ahead = timedelta(days=max(rules.value("reminder_days")))
    recertification = Deadline(
        on=cycle.expires_on,
        opens_on=cycle.expires_on - ahead,
        limit=rules.limit("recertification_onsite_before_expiry"),
        basis=Basis.BEFORE,
        event=Event.END,
        since=cycle.expires_on,
    )
    found = {
        AuditKind.SURVEILLANCE_1: first,
        AuditKind.SURVEILLANCE_2: _second_surveillance(rules, cycle, first),
        AuditKind.RECERTIFICATION: recertification,
    }
    return {kind: one for kind, one in found.items() if one.on <= cycle.expires_on}


def _first_surveillance(rules: RuleBook, cycle: Cycle) -> Deadline:
    """Count it from the decision or the issue; it opens with the calendar year of its limit.

    A limit early in a year leaves too little of it, so the window begins in the year before.
    """
    limit = rules.limit("first_surveillance_months")
    event = Event(rules.value("first_surveillance_from"))
    since = cycle.issued_on if event == Event.ISSUE else cycle.decided_on
    on = limit.last_day(since)
    shortest = timedelta(days=int(rules.value("surveillance_window_days")))
    opens_on = min(date(on.year, 1, 1), on - shortest)
    return Deadline(on, limit, Basis.PERIOD, event, since, opens_on)


def _second_surveillance(rules: RuleBook, cycle: Cycle, first: Deadline) -> Deadline:
    """Count it from the first as it was held, or from the last day for that.

    It falls into the calendar year after the first, and within the months since the first where
    the rules give an interval; the earlier end counts. A first one that was late earns no year. A
    limit early in a year leaves too little of it, so the window begins in the year before.
    """
    held = cycle.held.get(AuditKind.SURVEILLANCE_1)
    event = Event.FIRST_SURVEILLANCE if held else Event.FIRST_SURVEILLANCE_DUE
    since = held or first.on
    year = min(since.year, first.on.year) + 1
    interval = rules.limit("surveillance_interval_months")
    ends = [(interval.last_day(since), interval, Basis.PERIOD)]
    if rules.value("surveillance_each_calendar_year"):
        each_year = rules.limit("surveillance_each_calendar_year")
        ends.append((date(year, 12, 31), each_year, Basis.YEAR))
    on, limit, basis = min((end for end in ends if end[0]), key=itemgetter(0))
    shortest = timedelta(days=int(rules.value("surveillance_window_days")))
    return Deadline(on, limit, basis, event, since, opens_on=min(date(year, 1, 1), on - shortest))


def validity(
    rules: RuleBook, *, effective_on: date, expires_on: date, former_end: date | None = None
) -> Deadline:
    """Return the end of a certificate with how it was counted.

    A first one ends with the cycle that its decision began, a renewed one follows the end it had
    before (ISO/IEC 17021-1:2015 9.1.3, 9.6.3); one that ends earlier keeps to a cycle that began
    elsewhere (IAF MD 2) or to the certificates there were.
    """
    limit = rules.limit("certificate_validity_years")
    if former_end is not None and limit.last_day(former_end) == expires_on:
        return Deadline(expires_on, limit, Basis.PERIOD, Event.FORMER_END, former_end)
    full = limit.last_day(effective_on) - _DAY
    basis = Basis.SPAN if full == expires_on else Basis.AT_MOST
    return Deadline(expires_on, limit, basis, Event.EFFECT, effective_on)


def restoration(rules: RuleBook, *, expired_on: date) -> Deadline | None:
    """Return until when an expired certificate can be restored; None where the rules know none.

    ISO/IEC 17021-1:2015 9.6.3.2.5; CNCA-QMS-01:2025 5.8.2 knows no restoration.
    """
    limit = rules.limit("restoration_months")
    if not limit.value:
        return None
    return Deadline(limit.last_day(expired_on), limit, Basis.PERIOD, Event.END, expired_on)


def suspension(
    rules: RuleBook, *, since: date, expires_on: date, until: date | None = None
) -> Deadline:
    """Return the end of a suspension, or the latest one while none is set (9.6.5)."""
    limit = rules.limit("suspension_months")
    latest = limit.last_day(since)
    on = until or min(latest, expires_on)
    basis = Basis.PERIOD if on == latest else Basis.AT_MOST
    return Deadline(on, limit, basis, Event.SUSPENSION, since)


def major_verification(rules: RuleBook, *, stage_2_on: date) -> Deadline:
    """Return by when a major nonconformity of stage 2 is verified, or else another stage 2 is due.

    ISO/IEC 17021-1:2015 9.5.3.2.
    """
    limit = rules.limit("major_verified_months")
    return Deadline(limit.last_day(stage_2_on), limit, Basis.PERIOD, Event.STAGE_2, stage_2_on)


def escalation(rules: RuleBook, *, due_on: date) -> Deadline:
    """Return the last day on which an overdue minor nonconformity is still a minor one."""
    limit = rules.limit("minor_grace_days")
    return Deadline(limit.last_day(due_on), limit, Basis.PERIOD, Event.DUE, due_on)


def transfer(rules: RuleBook, *, since: date, expires_on: date) -> Deadline:
    """Return by when the client of a body without approval goes to another one (IAF MD 2).

    Six months from the day the approval was lost or the end of the certificate, whichever is
    sooner.
    """
    limit = rules.limit("transfer_months")
    latest = limit.last_day(since)
    basis = Basis.PERIOD if latest <= expires_on else Basis.AT_MOST
    return Deadline(min(latest, expires_on), limit, basis, Event.APPROVAL_LOST, since)
