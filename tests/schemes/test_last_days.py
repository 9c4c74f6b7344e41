"""The last day of every limit of both rule sets, where calendars are treacherous."""

import datetime as dt

import pytest

from foundation.calendar import CN, WEEKDAYS
from tests.schemes.shipped import CNCA, ISO

# Days that say how much, not until when.
AMOUNTS = {
    "audit_reminder_days",
    "auditor_onsite_days_per_year",
    "reminder_days",
    "rounding_step_days",
    "stage_1_min_days",
    "suspension_reminder_days",
}
# The end of a long month, a leap day, the last day of a year, the day before the holidays of
# Spring 2026 begin, and the last working day before those of National Day 2026.
BEGIN = ("2026-08-31", "2028-02-29", "2027-12-31", "2026-02-13", "2026-09-30")
# (unit, value, calendar): the last day after each of them, as a person counts it
LAST = {
    ("years", 0, ""): BEGIN,
    ("years", 2, ""): ("2028-08-31", "2030-02-28", "2029-12-31", "2028-02-13", "2028-09-30"),
    ("years", 3, ""): ("2029-08-31", "2031-02-28", "2030-12-31", "2029-02-13", "2029-09-30"),
    ("years", 6, ""): ("2032-08-31", "2034-02-28", "2033-12-31", "2032-02-13", "2032-09-30"),
    ("months", 0, ""): BEGIN,
    ("months", 3, ""): ("2026-11-30", "2028-05-29", "2028-03-31", "2026-05-13", "2026-12-30"),
    ("months", 6, ""): ("2027-02-28", "2028-08-29", "2028-06-30", "2026-08-13", "2027-03-30"),
    ("months", 12, ""): ("2027-08-31", "2029-02-28", "2028-12-31", "2027-02-13", "2027-09-30"),
    ("months", 36, ""): ("2029-08-31", "2031-02-28", "2030-12-31", "2029-02-13", "2029-09-30"),
    ("days", 14, ""): ("2026-09-14", "2028-03-14", "2028-01-14", "2026-02-27", "2026-10-14"),
    ("days", 30, ""): ("2026-09-30", "2028-03-30", "2028-01-30", "2026-03-15", "2026-10-30"),
    ("days", 60, ""): ("2026-10-30", "2028-04-29", "2028-02-29", "2026-04-14", "2026-11-29"),
    ("days", 90, ""): ("2026-11-29", "2028-05-29", "2028-03-30", "2026-05-14", "2026-12-29"),
    # Mondays to Fridays.
    ("working_days", 5, WEEKDAYS): (
        "2026-09-07", "2028-03-07", "2028-01-07", "2026-02-20", "2026-10-07",
    ),
    ("working_days", 10, WEEKDAYS): (
        "2026-09-14", "2028-03-14", "2028-01-14", "2026-02-27", "2026-10-14",
    ),
    ("working_days", 20, WEEKDAYS): (
        "2026-09-28", "2028-03-28", "2028-01-28", "2026-03-13", "2026-10-28",
    ),
    ("working_days", 30, WEEKDAYS): (
        "2026-10-12", "2028-04-11", "2028-02-11", "2026-03-27", "2026-11-11",
    ),
    # In China the Saturdays 14 and 28 February are worked for the nine days off between them, and
    # 10 October is for National Day.
    ("working_days", 5, CN): (None, None, None, "2026-02-27", "2026-10-13"),
    ("working_days", 10, CN): (None, None, None, "2026-03-05", "2026-10-20"),
    ("working_days", 20, CN): (None, None, None, "2026-03-19", "2026-11-03"),
    ("working_days", 30, CN): (None, None, None, "2026-04-02", "2026-11-17"),
}  # fmt: skip
CASES = [
    (kind, since, last)
    for kind, ends in LAST.items()
    for since, last in zip(BEGIN, ends, strict=True)
    if last
]
BOOKS = pytest.mark.parametrize("book", [ISO, CNCA], ids=["ISO", "CN"])


def _kind(limit) -> tuple:
    calendar = limit.calendar or WEEKDAYS if limit.unit == "working_days" else ""
    return (limit.unit, limit.value, calendar)


def _periods(book):
    """Return the limits that end something, by key; None and lists of steps do not."""
    return {
        key: limit
        for key, limit in book.limits.items()
        if limit.unit in ("years", "months", "days", "working_days")
        and key[0] not in AMOUNTS
        and limit.value is not None
        and not isinstance(limit.value, list)
    }


@BOOKS
def test_every_limit_is_in_the_table(book):
    unknown = {key: _kind(limit) for key, limit in _periods(book).items()
               if _kind(limit) not in LAST}  # fmt: skip
    assert unknown == {}


def test_the_table_holds_nothing_that_no_rule_has():
    known = {_kind(limit) for book in (ISO, CNCA) for limit in _periods(book).values()}
    assert set(LAST) == known


@pytest.mark.parametrize(("kind", "since", "last"), CASES)
@BOOKS
def test_a_limit_ends_on_the_day_a_person_counts(book, kind, since, last):
    begin = dt.date.fromisoformat(since)
    found = {
        key: limit.last_day(begin) for key, limit in _periods(book).items() if _kind(limit) == kind
    }
    assert found == dict.fromkeys(found, dt.date.fromisoformat(last))


@BOOKS
def test_a_limit_the_rules_do_not_know_has_no_last_day(book):
    none = [limit for limit in book.limits.values() if limit.value is None]
    assert {limit.last_day(dt.date(2026, 8, 31)) for limit in none} <= {None}


def test_what_is_no_period_has_no_last_day():
    with pytest.raises(ValueError, match="counted in percent, which is no period"):
        ISO.limit("reduction_cap_percent").last_day(dt.date(2026, 8, 31))
