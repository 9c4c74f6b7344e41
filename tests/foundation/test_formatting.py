"""Dates, sizes and sums as people read them, in both languages."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from foundation import formatting

MARCH = date(2026, 3, 16)
NOON = datetime(2026, 6, 12, 6, 32, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["16 March 2026", "Monday 16 March 2026", "12 June 2026 at 14:32", "14:32"]),
        ("zh-hans", ["2026年3月16日", "2026年3月16日（周一）", "2026年6月12日 14:32", "14:32"]),
    ],
)
def test_dates_and_times_follow_the_language(language, expected):
    with translation.override(language):
        written = [
            formatting.day(MARCH),
            formatting.weekday_day(MARCH),
            formatting.moment(NOON),
            formatting.clock(NOON),
        ]
    assert written == expected


def test_day_of_a_moment_is_the_readers_day():
    late = datetime(2026, 6, 12, 23, 0, tzinfo=UTC)
    assert formatting.day(late) == "13 June 2026"


@pytest.mark.parametrize(
    ("language", "this_year", "other_year"),
    [("en", "16 March", "16 March 2027"), ("zh-hans", "3月16日", "2027年3月16日")],
)
def test_short_day_drops_the_current_year(language, this_year, other_year):
    with translation.override(language):
        assert formatting.short_day(MARCH, date(2026, 1, 1)) == this_year
        assert formatting.short_day(date(2027, 3, 16), date(2026, 1, 1)) == other_year


@pytest.mark.parametrize(
    ("start", "end", "english", "chinese"),
    [
        (date(2026, 5, 18), date(2026, 5, 20), "18 to 20 May 2026", "2026年5月18日至20日"),
        (date(2026, 5, 30), date(2026, 6, 2), "30 May to 2 June 2026", "2026年5月30日至6月2日"),
        (
            date(2026, 12, 30),
            date(2027, 1, 2),
            "30 December 2026 to 2 January 2027",
            "2026年12月30日至2027年1月2日",
        ),
        (MARCH, MARCH, "16 March 2026", "2026年3月16日"),
    ],
)
def test_day_range_names_month_and_year_once(start, end, english, chinese):
    assert formatting.day_range(start, end) == english
    with translation.override("zh-hans"):
        assert formatting.day_range(start, end) == chinese


@pytest.mark.parametrize(
    ("language", "zone", "expected"),
    [
        ("en", "Asia/Shanghai", "2026-06-12 14:32:07 (UTC+8)"),
        ("zh-hans", "Asia/Shanghai", "2026-06-12 14:32:07（北京时间）"),
        ("en", "UTC", "2026-06-12 06:32:07 (UTC)"),
        ("en", "Asia/Kolkata", "2026-06-12 12:02:07 (UTC+5:30)"),
        ("zh-hans", "America/New_York", "2026-06-12 02:32:07（UTC-4）"),
    ],
)
def test_stamp_names_the_zone(language, zone, expected):
    with translation.override(language), timezone.override(zone):
        assert formatting.stamp(NOON) == expected


def test_machine_times_are_utc():
    assert formatting.machine(NOON) == "2026-06-12T06:32:07Z"
    assert formatting.machine(MARCH) == "2026-03-16"


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0\u00a0B"),
        (999, "999\u00a0B"),
        (1_000, "1\u00a0KB"),
        (212_000, "212\u00a0KB"),
        (999_999, "1.0\u00a0MB"),
        (1_100_000, "1.1\u00a0MB"),
        (2_500_000_000, "2.5\u00a0GB"),
    ],
)
def test_size_uses_the_fitting_unit(count, expected):
    assert formatting.size(count) == expected


def test_money_places_the_currency_by_language():
    assert formatting.money(Decimal(12345)) == "CNY\u00a012,345.00"
    assert formatting.money(Decimal("0.5"), "EUR") == "EUR\u00a00.50"
    with translation.override("zh-hans"):
        assert formatting.money(Decimal(12345)) == "12,345.00\u00a0元"
        assert formatting.money(Decimal(1), "EUR") == "EUR\u00a01.00"


# The week of 15 June 2026: Friday 19 is the Dragon Boat festival.
@pytest.mark.parametrize(
    ("day", "days", "level", "label"),
    [
        (date(2026, 6, 12), -1, "late", "1 working day overdue"),
        (date(2026, 6, 15), 0, "soon", "Due today"),
        (date(2026, 6, 16), 1, "soon", "1 working day left"),
        (date(2026, 6, 24), 6, "soon", "6 working days left"),
        (date(2026, 6, 25), 7, "soon", "7 working days left"),
        (date(2026, 6, 26), 8, "", "8 working days left"),
    ],
)
def test_due_counts_working_days_and_warns_from_seven(day, days, level, label):
    due = formatting.due(day, today=date(2026, 6, 15))
    assert (due.days, due.level, due.label) == (days, level, label)


def test_due_over_a_holiday_is_never_without_words():
    over = formatting.due(date(2026, 6, 20), today=date(2026, 6, 18))
    assert (over.days, over.label) == (0, "Less than 1 working day left")
    past = formatting.due(date(2026, 6, 19), today=date(2026, 6, 21))
    assert (past.days, past.level, past.label, past.days_late) == (0, "late", "Overdue", 0)
    assert formatting.due(date(2026, 6, 12), today=date(2026, 6, 16)).days_late == 2
