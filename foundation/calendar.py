"""Working days by the official calendar, make-up days included."""

from calendar import isleap
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate

import holidays

CN = "CN"
WEEKDAYS = "weekdays"


@lru_cache(maxsize=8)
def _official(calendar: str):
    return holidays.country_holidays(calendar)


def calendar_of(country: str) -> str:
    """Return the calendar by which people of a country work: weekdays where we know no better."""
    return CN if country == CN else WEEKDAYS


def is_working_day(day: date, calendar: str = CN) -> bool:
    """Tell whether people work on this day.

    ``calendar`` is a country code with an official calendar, or ``weekdays``.
    """
    if calendar == WEEKDAYS:
        return day.weekday() < 5  # noqa: PLR2004 -- Monday to Friday
    return _official(calendar).is_working_day(day)


def add_working_days(start: date, days: int, calendar: str = CN) -> date:
    """Return the day on which ``days`` working days after ``start`` end; 0 keeps the start."""
    day = start
    step = 1 if days >= 0 else -1
    left = abs(days)
    while left:
        day += timedelta(days=step)
        if is_working_day(day, calendar):
            left -= 1
    return day


def working_days_between(start: date, end: date, calendar: str = CN) -> int:
    """Count working days after ``start`` up to and including ``end``; negative when overdue."""
    if end < start:
        return -working_days_between(end, start, calendar)
    years = sum(_worked(year, calendar)[-1] for year in range(start.year, end.year))
    return years + _until(end, calendar) - _until(start, calendar)


def _until(day: date, calendar: str) -> int:
    """Count the working days of the year up to and including this day."""
    return _worked(day.year, calendar)[day.timetuple().tm_yday]


@lru_cache(maxsize=64)
def _worked(year: int, calendar: str) -> list[int]:
    """Return how many working days have passed by the end of each day of a year, 0 before it."""
    first = date(year, 1, 1)
    length = 366 if isleap(year) else 365
    days = (first + timedelta(days=n) for n in range(length))
    return [0, *accumulate(int(is_working_day(day, calendar)) for day in days)]


def add_months(start: date, months: int) -> date:
    """Return the same day some calendar months later, clipped to the end of a short month."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    month += 1
    for day in range(start.day, start.day - 4, -1):
        try:
            return date(year, month, day)
        except ValueError:
            continue
    raise ValueError(start, months)
