"""Who does what on which day: for planners everybody of the body, for an auditor the own days."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from audits.checks.facts import FREE
from audits.enums import ENDED, DayPart
from audits.models import Absence, AuditMember
from audits.services.absences import people_for
from foundation.calendar import calendar_of, is_working_day

AUDIT, AWAY = "audit", "away"


@dataclass(frozen=True)
class Entry:
    """Something that takes days of a person; without ``url`` it is nobody's business here."""

    kind: str
    letter: str
    title: str
    first: date
    last: date
    url: str = ""
    sub: str = ""
    tentative: bool = False


@dataclass
class Line:
    """One person with the entries of a period, and with those of each of its days."""

    person: Any
    entries: list[Entry] = field(default_factory=list)
    days: list[tuple[date, list[Entry]]] = field(default_factory=list)


def working(actor, days) -> dict[date, bool]:
    """Tell of each day whether people work on it where the body is."""
    calendar = calendar_of(str(actor.organisation.country))
    return {day: is_working_day(day, calendar) for day in days}


def lines(actor, first: date, last: date) -> list[Line]:
    """Return the people an actor plans with, or the actor alone, with their days.

    Bookings of other bodies, and absences entered there, read alike and tell nothing more.
    """
    people = list(people_for(actor))
    found = defaultdict(list)
    for row in _members(actor, people, first, last):
        found[row.user_id].append(_booking(actor, row))
    absences = Absence.objects.filter(user__in=people).within(first, last)
    for absence in absences:
        found[absence.user_id].append(_absence(actor, absence))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [_line(person, sorted(found[person.pk], key=_order), days) for person in people]


def _order(entry: Entry):
    return entry.first, entry.last, entry.title


def _line(person, entries, days) -> Line:
    on = [(day, [one for one in entries if one.first <= day <= one.last]) for day in days]
    return Line(person, entries, on)


def _members(actor, people, first, last):
    """Return who is on which audit: of the body all that are not over, elsewhere the binding."""
    rows = AuditMember.objects.filter(
        user__in=people, audit__starts_on__lte=last, audit__ends_on__gte=first
    ).exclude(audit__status__in=ENDED)
    elsewhere = ~Q(audit__body=actor.organisation_id)
    return rows.exclude(elsewhere, audit__status__in=FREE).select_related("audit__enterprise")


def _booking(actor, row) -> Entry:
    audit = row.audit
    if audit.body_id != actor.organisation_id:
        return _busy(audit.starts_on, audit.ends_on)
    return Entry(
        AUDIT,
        pgettext("calendar", "A"),
        audit.enterprise.name,
        audit.starts_on,
        audit.ends_on,
        audit.get_absolute_url(),
        f"{audit.get_kind_display()} · {audit.get_status_display()}",
        tentative=audit.status in FREE,
    )


def _absence(actor, absence) -> Entry:
    if absence.body_id != actor.organisation_id:
        return _busy(absence.starts_on, absence.ends_on)
    part = "" if absence.part == DayPart.WHOLE else str(absence.get_part_display())
    title = str(absence.get_kind_display())
    return Entry(
        AWAY, pgettext("calendar", "N"), title, absence.starts_on, absence.ends_on, sub=part
    )


def _busy(first: date, last: date) -> Entry:
    return Entry(AWAY, pgettext("calendar", "N"), _("Not available"), first, last)
