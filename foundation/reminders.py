"""Reminders of dates: declared as a table, given by one job a day, each once.

What is reminded of, until which state and whom to tell stands with the records; how many days
before comes from rule data. A missed day is caught up with the nearest reminder alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from foundation import formatting, jobs
from foundation.calendar import working_days_between
from foundation.daily import daily, day_of
from foundation.models import GivenReminder
from foundation.models.base import subject_type
from foundation.notices import in_both

HOUR = 6
CHUNK = 200


@dataclass(frozen=True)
class Steps:
    """The days before a date on which somebody is reminded; below 0 after it.

    Working days of ``calendar``, or days of the year where it is empty. ``source`` says which
    rule sets them.
    """

    days: tuple[int, ...]
    calendar: str = ""
    source: str = ""

    def left(self, today: date, on: date) -> int:
        """Return the days left until a date, below 0 when it is over."""
        if self.calendar:
            return working_days_between(today, on, self.calendar)
        return (on - today).days

    def now(self, today: date, on: date) -> int | None:
        """Return the reminder that is due on a day: the nearest, or None when none is due yet.

        Steps that all lie before the date are of no use after it.
        """
        left = self.left(today, on)
        if on < today and not self.goes_on:
            return None
        return min((step for step in self.days if step >= left), default=None)

    @property
    def goes_on(self) -> bool:
        """Whether somebody is reminded after the date too."""
        return min(self.days, default=0) < 0

    @property
    def reach(self) -> timedelta:
        """How far ahead a date can lie and still be reminded of; holidays make weeks longer."""
        first = max((0, *self.days))
        return timedelta(days=2 * first + 21 if self.calendar else first)


# The name of a column below hides that of the type.
Day = date


@dataclass(frozen=True)
class Reminder:
    """One line of the table.

    ``rows`` gives the records for which somebody still has to act, ``date`` names their date (a
    column or annotation of days), ``steps`` returns what holds for each record on a day, ``tell``
    writes the notices with the facts of the date.
    """

    key: str
    rows: Callable[[], Any]
    date: str
    steps: Callable[[Day], "StepsOf"]
    tell: Callable[[Any, dict], None]


@dataclass(frozen=True)
class StepsOf:
    """The steps in force, and which of them holds for a record."""

    all: Mapping[Any, Steps]
    key: Callable[[Any], Any]

    def of(self, row) -> Steps:
        return self.all[self.key(row)]


REMINDERS: dict[str, Reminder] = {}


def register(reminder: Reminder) -> None:
    """Add a line to the table of reminders."""
    REMINDERS[reminder.key] = reminder


def run(today: date, tick: Callable[[], None] = lambda: None) -> int:
    """Give every reminder that is due today and was not given yet; return how many were."""
    return sum(give(reminder, today, tick) for reminder in REMINDERS.values())


def give(reminder: Reminder, today: date, tick: Callable[[], None] = lambda: None) -> int:
    """Give one line's reminders of a day; return how many were given."""
    steps = reminder.steps(today)
    found = list(steps.all.values())
    if not found:
        return 0
    last = today + max(each.reach for each in found)
    rows = reminder.rows().filter(**{f"{reminder.date}__lte": last})
    if not any(each.goes_on for each in found):
        rows = rows.filter(**{f"{reminder.date}__gte": today})
    keys, count = list(rows.values_list("pk", flat=True)), 0
    for start in range(0, len(keys), CHUNK):
        tick()
        some = list(rows.filter(pk__in=keys[start : start + CHUNK]))
        given = _given(reminder, some)
        for row in some:
            on = getattr(row, reminder.date)
            step = steps.of(row).now(today, on)
            if step is not None and (row.pk, on, step) not in given:
                facts = facts_of(on, today, steps.of(row).calendar)
                count += _give(reminder, row, facts, date=on, step=step)
    return count


def _given(reminder: Reminder, rows: list) -> set[tuple]:
    kept = GivenReminder.objects.filter(key=reminder.key, subject_id__in=[row.pk for row in rows])
    return set(kept.values_list("subject_id", "date", "step"))


@transaction.atomic
def _give(reminder, row, facts, **effect) -> bool:
    _kept, created = GivenReminder.objects.get_or_create(
        key=reminder.key,
        subject_id=row.pk,
        **effect,
        defaults={"subject_type": subject_type(row)},
    )
    if created:
        reminder.tell(row, facts)
    return created


def facts_of(on: date, today: date, calendar: str = "") -> dict[str, str]:
    """Return a date for a notice in both languages: the day, and the working days left."""

    def left(value):
        words = formatting.due(value, today, calendar) if calendar else formatting.due(value, today)
        return words.label

    return in_both("date", formatting.weekday_day, on) | in_both("left", left, on)


@daily("foundation.remind", hour=HOUR, title=_("Remind of dates"))
def remind(job):
    """Give today's reminders; those of a day that is over are part of today's."""
    day = day_of(job)
    if day is not None:
        run(day, lambda: jobs.progress(job, 50))
