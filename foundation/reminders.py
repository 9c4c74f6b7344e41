"""Reminders of dates: declared as a table, given by one job a day, each once.

What is reminded of, until which state and whom to tell stands with the records; how many days
before comes from rule data. A missed day is caught up with the nearest reminder alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation import formatting, jobs, sweeps
from foundation.calendar import working_days_between
from foundation.daily import daily, day_of
from foundation.models import GivenReminder
from foundation.models.base import subject_type
from foundation.notices import in_both

HOUR = 6
CHUNK = 200
_DAY = timedelta(days=1)


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

    def spans(self, today: date) -> list[tuple[int, date | None, date]]:
        """Return each reminder that is due on a day, for the dates from one to another.

        The last one of those that go on after the date is due for any earlier date too.
        """
        if not self.days:
            return []
        first, last = today, today + self.reach
        while self.goes_on and self.left(today, first) > min(self.days):
            first -= _DAY
        found: dict[int, list[date]] = {}
        for number in range((last - first).days + 1):
            on = first + number * _DAY
            step = self.now(today, on)
            if step is not None:
                found.setdefault(step, [on, on])[1] = on
        ever = min(self.days) if self.goes_on else None
        return [(step, None if step == ever else one, two) for step, (one, two) in found.items()]

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
    column or annotation of days), ``steps`` returns what holds for which records on a day, ``tell``
    writes the notices with the facts of the date.
    """

    key: str
    rows: Callable[[], Any]
    date: str
    steps: Callable[[Day], "StepsOf"]
    tell: Callable[[Any, dict], None]


@dataclass(frozen=True)
class StepsOf:
    """The steps in force by what a record has at ``path``; those of "" hold for the others."""

    all: Mapping[Any, Steps]
    path: str

    def holds(self, key) -> Q:
        """Return the condition of the records for which the steps of a key hold."""
        if key == "":
            return ~Q(**{f"{self.path}__in": [one for one in self.all if one != ""]})
        return Q(**{self.path: key})


REMINDERS: dict[str, Reminder] = {}


def register(reminder: Reminder) -> None:
    """Add a line to the table of reminders."""
    REMINDERS[reminder.key] = reminder


def run(today: date, tick: Callable[[], None] = lambda: None) -> int:
    """Give every reminder that is due today and was not given yet; return how many were."""
    return sum(give(reminder, today, tick) for reminder in REMINDERS.values())


def give(reminder: Reminder, today: date, tick: Callable[[], None] = lambda: None) -> int:
    """Give one line's reminders of a day; return how many were given."""
    found, count = reminder.steps(today), 0
    for key, steps in found.all.items():
        steps_due = {pk: step for pk, _on, step in due(reminder, found.holds(key), steps, today)}
        keys = list(steps_due)
        for start in range(0, len(keys), CHUNK):
            tick()
            for row in reminder.rows().filter(pk__in=keys[start : start + CHUNK]):
                on = getattr(row, reminder.date)
                facts = facts_of(on, today, steps.calendar)
                count += _give(reminder, row, facts, date=on, step=steps_due[row.pk])
    return count


def due(reminder: Reminder, group: Q, steps: Steps, today: date):
    """Return key, date and step of the records to be reminded of; what was given is left out."""
    name = reminder.date
    spans = [
        (step, Q(**{f"{name}__lte": last} | ({f"{name}__gte": first} if first else {})))
        for step, first, last in steps.spans(today)
    ]
    if not spans:
        return []
    given = GivenReminder.objects.filter(
        key=reminder.key, subject_id=OuterRef("pk"), date=OuterRef(name), step=OuterRef("due_step")
    )
    rows = reminder.rows().filter(group, reduce(or_, [within for _step, within in spans]))
    which = Case(*(When(within, then=Value(step)) for step, within in spans))
    rows = rows.annotate(due_step=which).filter(~Exists(given))
    return rows.order_by(name).values_list("pk", name, "due_step")


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


def remind_of_dates(progress: sweeps.Progress = sweeps.silent) -> int:
    """Give every reminder that is due now; return how many were given."""
    return run(timezone.localdate(), lambda: progress(50))


@daily("foundation.remind", hour=HOUR, title=_("Remind of dates"))
def remind(job):
    """Give today's reminders; those of a day that is over are part of today's."""
    day = day_of(job)
    if day is not None:
        run(day, lambda: jobs.progress(job, 50))


sweeps.register("reminders", "foundation.remind", remind_of_dates)
