"""How many days before a date somebody is reminded, each time once."""

import datetime as dt

import pytest
from django.utils import translation

from foundation.reminders import Steps, facts_of

DATE = dt.date(2026, 6, 30)


def on(days_before):
    return DATE - dt.timedelta(days=days_before)


@pytest.mark.parametrize(
    ("before", "step"),
    [(181, None), (180, 180), (179, 180), (90, 90), (8, 30), (7, 7), (1, 7), (0, 7), (-1, None)],
)
def test_the_nearest_reminder_is_the_one_that_is_due(before, step):
    assert Steps((180, 90, 60, 30, 7)).now(on(before), DATE) == step


@pytest.mark.parametrize(("before", "step"), [(2, None), (1, 1), (0, 1), (-1, -1), (-99, -5)])
def test_steps_below_zero_go_on_after_the_date(before, step):
    assert Steps((1, -1, -5)).now(on(before), DATE) == step


@pytest.mark.parametrize(("after", "step"), [(0, None), (9, None), (10, -10), (25, -20), (99, -40)])
def test_a_rule_may_count_days_after_the_date_alone(after, step):
    assert Steps((-10, -20, -40)).now(on(-after), DATE) == step


def test_working_days_leave_out_the_official_holidays():
    # In 2026 China works on 20 September, a Sunday, and rests from 25 to 27 September.
    steps = Steps((5,), "CN")
    due = dt.date(2026, 9, 28)
    assert steps.now(dt.date(2026, 9, 17), due) is None
    assert steps.now(dt.date(2026, 9, 20), due) == 5
    assert Steps((5,), "weekdays").now(dt.date(2026, 9, 20), due) is None


def test_without_any_step_nobody_is_reminded():
    assert Steps(()).now(DATE, DATE) is None
    assert Steps(()).reach == dt.timedelta(0)
    assert Steps((), "CN").reach == dt.timedelta(days=21)


def test_a_date_is_told_with_weekday_and_working_days_in_both_languages():
    with translation.override("en"):
        facts = facts_of(dt.date(2026, 6, 30), dt.date(2026, 6, 26), "CN")
    assert facts == {
        "date_en": "Tuesday 30 June 2026",
        "date_zh": "2026年6月30日（周二）",
        "left_en": "2 working days left",
        "left_zh": "还有 2 个工作日",
    }
