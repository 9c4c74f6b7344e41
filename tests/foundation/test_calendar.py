"""Working days by the official calendar of China, with its holidays and make-up days."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.calendar import (
    WEEKDAYS,
    add_months,
    add_working_days,
    is_working_day,
    working_days_between,
)

FRIDAY = dt.date(2026, 3, 13)


@pytest.mark.parametrize(
    ("day", "official", "weekday"),
    [
        (FRIDAY, True, True),
        (dt.date(2026, 3, 14), False, False),  # a Saturday
        (dt.date(2026, 3, 15), False, False),  # a Sunday
        (dt.date(2026, 10, 1), False, True),  # National Day
        (dt.date(2026, 10, 7), False, True),  # its last day off
        (dt.date(2026, 2, 23), False, True),  # the last day off of Spring Festival
        (dt.date(2026, 2, 28), True, False),  # a Saturday worked for it
        (dt.date(2026, 10, 10), True, False),  # a Saturday worked for National Day
    ],
)
def test_holidays_are_free_and_make_up_days_are_worked(day, official, weekday):
    assert (is_working_day(day), is_working_day(day, WEEKDAYS)) == (official, weekday)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (FRIDAY, 0, FRIDAY),
        (FRIDAY, 1, dt.date(2026, 3, 16)),
        (FRIDAY, 5, dt.date(2026, 3, 20)),
        (FRIDAY, -5, dt.date(2026, 3, 6)),
        # Past the days off of National Day, with the Saturday that makes up for one of them.
        (dt.date(2026, 9, 30), 1, dt.date(2026, 10, 8)),
        (dt.date(2026, 9, 30), 3, dt.date(2026, 10, 10)),
        (dt.date(2026, 9, 30), 4, dt.date(2026, 10, 12)),
    ],
)
def test_working_days_are_counted_past_weekends_and_holidays(start, days, end):
    assert add_working_days(start, days) == end
    assert working_days_between(start, end) == days


def test_weekdays_alone_know_no_holidays():
    assert add_working_days(dt.date(2026, 9, 30), 3, WEEKDAYS) == dt.date(2026, 10, 5)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (dt.date(2026, 1, 15), 6, dt.date(2026, 7, 15)),
        (dt.date(2026, 1, 31), 1, dt.date(2026, 2, 28)),
        (dt.date(2028, 2, 29), 12, dt.date(2029, 2, 28)),
        (dt.date(2026, 11, 30), 3, dt.date(2027, 2, 28)),
        (dt.date(2026, 3, 31), -1, dt.date(2026, 2, 28)),
        (dt.date(2026, 12, 31), 12, dt.date(2027, 12, 31)),
    ],
)
def test_months_end_where_the_month_ends(start, months, end):
    assert add_months(start, months) == end


@given(
    start=st.dates(dt.date(2023, 1, 1), dt.date(2027, 12, 31)),
    days=st.integers(-800, 800),
    calendar=st.sampled_from(["CN", WEEKDAYS]),
)
def test_counting_is_looking_at_every_day(start, days, calendar):
    end = start + dt.timedelta(days=days)
    first, last = sorted((start, end))
    between = (first + dt.timedelta(days=n) for n in range(1, (last - first).days + 1))
    worked = sum(is_working_day(day, calendar) for day in between)
    assert working_days_between(start, end, calendar) == (worked if end >= start else -worked)
