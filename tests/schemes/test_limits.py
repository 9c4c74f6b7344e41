"""Periods of the rules: the last day, at the ends of months, over holidays and make-up days."""

import datetime as dt

import pytest

from schemes.rulebook import Limit

# (value, unit, calendar, day of the event, last day)
PERIODS = [
    (3, "years", "", "2026-06-12", "2029-06-12"),
    (3, "years", "", "2024-02-29", "2027-02-28"),
    (4, "years", "", "2024-02-29", "2028-02-29"),
    (12, "months", "", "2027-02-28", "2028-02-28"),
    (12, "months", "", "2028-02-29", "2029-02-28"),
    (6, "months", "", "2026-08-31", "2027-02-28"),
    (6, "months", "", "2027-08-31", "2028-02-29"),
    (1, "months", "", "2026-10-31", "2026-11-30"),
    (1, "months", "", "2026-11-30", "2026-12-30"),
    (0, "months", "", "2026-11-30", "2026-11-30"),
    (30, "days", "", "2026-12-15", "2027-01-14"),
    (60, "days", "", "2028-01-01", "2028-03-01"),
    (7, "days", "", "2026-09-30", "2026-10-07"),
    # National Day 2026 is off from 1 to 7 October; Saturday 10 October is worked instead.
    (5, "working_days", "CN", "2026-09-30", "2026-10-13"),
    (5, "working_days", "weekdays", "2026-09-30", "2026-10-07"),
    (5, "working_days", "", "2026-09-30", "2026-10-07"),
    (1, "working_days", "CN", "2026-10-09", "2026-10-10"),
    (1, "working_days", "weekdays", "2026-10-09", "2026-10-12"),
    (5, "working_days", "weekdays", "2026-10-10", "2026-10-16"),
    (None, "months", "", "2026-10-10", None),
]


@pytest.mark.parametrize(("value", "unit", "calendar", "since", "last"), PERIODS)
def test_the_last_day_is_counted_as_the_rule_says(value, unit, calendar, since, last):
    limit = Limit(key="x", value=value, unit=unit, calendar=calendar)
    assert limit.last_day(dt.date.fromisoformat(since)) == (last and dt.date.fromisoformat(last))


@pytest.mark.parametrize("unit", ["", "percent", "hours", "flag"])
def test_what_is_no_period_has_no_last_day(unit):
    with pytest.raises(ValueError, match="no period"):
        Limit(key="x", value=5, unit=unit).last_day(dt.date(2026, 1, 1))
