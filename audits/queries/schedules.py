"""The rows of a draft as people read them."""

from datetime import date
from types import SimpleNamespace

from django.contrib.auth import get_user_model

from audits.services.reasons import words_of
from foundation.calendar import working_days_between


def rows_of(schedule) -> list:
    """Return the rows of a draft with names and words, in a fixed number of queries."""
    rows = list(schedule.rows.select_related("item__case__enterprise", "audit"))
    keys = {key for row in rows for key in row.team}
    people = {str(one.pk): one for one in get_user_model().objects.filter(pk__in=keys)}
    begins = schedule.figures.get("begins")
    draft = SimpleNamespace(problem=SimpleNamespace(date=_dates(begins))) if begins else None
    for row in rows:
        row.people = [people[key] for key in row.team if key in people]
        row.reasons = [words_of(code, facts, draft) for code, facts in row.why] if draft else []
        until = row.item.window_to
        row.room = working_days_between(row.ends_on, until) if until and row.ends_on else None
    return rows


def _dates(begins: str):
    first = date.fromisoformat(begins).toordinal()
    return lambda day: date.fromordinal(first + day)
