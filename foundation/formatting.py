"""Dates, sizes and sums of money in the reader's language."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from foundation.calendar import CN, working_days_between

SOON = 7
_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip
_KILO = 1000
_NO_BREAK = "\u00a0"


def is_chinese() -> bool:
    """Tell whether the active language is Chinese."""
    return (get_language() or "").startswith("zh")


def nowrap(value) -> SafeString:
    """Keep each part of ``GB/T 19001-2016 / ISO 9001:2015`` on one line of a page."""
    parts = ((part,) for part in str(value or "").split(" / ") if part)
    return format_html_join(" / ", '<span class="nw">{}</span>', parts)


def as_date(value: date | datetime) -> date:
    """Return the day of a time in the reader's zone; a date stays as it is."""
    if not isinstance(value, datetime):
        return value
    return (timezone.localtime(value) if timezone.is_aware(value) else value).date()


def listed(words) -> str:
    """Enumerate words: a, b, c in English, a、b、c in Chinese."""
    return ("、" if is_chinese() else ", ").join(str(word) for word in words)


def day(value: date | datetime) -> str:
    """Write a date in full: 16 March 2026, 2026年3月16日."""
    value = as_date(value)
    if is_chinese():
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def weekday_day(value: date | datetime) -> str:
    """Write a date with its weekday: Friday 19 June 2026, 2026年6月19日（周五）."""
    value = as_date(value)
    if is_chinese():
        return f"{day(value)}（周{_WEEKDAYS_ZH[value.weekday()]}）"
    return f"{_WEEKDAYS[value.weekday()]} {day(value)}"


def short_day(value: date | datetime, today: date | None = None) -> str:
    """Write a date without its year when that is the current one: 19 June, 6月19日."""
    value = as_date(value)
    if value.year != (today or timezone.localdate()).year:
        return day(value)
    if is_chinese():
        return f"{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]}"


def month(value: date | datetime) -> str:
    """Write a month: June 2026, 2026年6月."""
    value = as_date(value)
    if is_chinese():
        return f"{value.year}年{value.month}月"
    return f"{_MONTHS[value.month - 1]} {value.year}"


def day_range(start: date, end: date) -> str:
    """Write a range, naming month and year once: 18 to 20 May 2026, 2026年5月18日至20日."""
    if start == end:
        return day(start)
    same_year = start.year == end.year
    same_month = same_year and start.month == end.month
    if is_chinese():
        if same_month:
            return f"{day(start)}至{end.day}日"
        return f"{day(start)}至{short_day(end, start) if same_year else day(end)}"
    if same_month:
        return f"{start.day} to {day(end)}"
    return f"{short_day(start, end) if same_year else day(start)} to {day(end)}"


def clock(value: datetime) -> str:
    """Write the time of day in the reader's zone: 14:31."""
    return f"{timezone.localtime(value):%H:%M}"


def moment(value: datetime) -> str:
    """Write date and time of an event: 10 June 2026 at 14:31, 2026年6月10日 14:31."""
    if is_chinese():
        return f"{day(value)} {clock(value)}"
    return f"{day(value)} at {clock(value)}"


def zone_name(value: datetime) -> str:
    """Name the zone of a local time: 北京时间 for Chinese readers in China, else UTC+8."""
    value = timezone.localtime(value)
    if is_chinese() and str(value.tzinfo) == "Asia/Shanghai":
        return "北京时间"
    offset = value.utcoffset() or timedelta()
    if not offset:
        return "UTC"
    sign = "+" if offset > timedelta() else "-"
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")


def stamp(value: datetime) -> str:
    """Write a machine stamp with its zone: 2026-06-12 14:32:07 (UTC+8)."""
    local = timezone.localtime(value)
    zone = zone_name(value)
    return f"{local:%Y-%m-%d %H:%M:%S}" + (f"（{zone}）" if is_chinese() else f" ({zone})")


def machine(value: date | datetime) -> str:
    """Write a date or time for ``<time datetime>``: ISO 8601, times in UTC."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return value.isoformat()


def size(count: int) -> str:
    """Write a file size in decimal units: 212 KB, 1.1 MB."""
    if count < _KILO:
        return f"{count}{_NO_BREAK}B"
    value = count / _KILO
    for unit in ("KB", "MB"):
        if round(value, 1) < _KILO:
            figure = f"{value:.1f}" if unit == "MB" else f"{value:.0f}"
            return f"{figure}{_NO_BREAK}{unit}"
        value /= _KILO
    return f"{value:.1f}{_NO_BREAK}GB"


def money(amount: Decimal, currency: str = "CNY") -> str:
    """Write a sum with two decimals: CNY 12,345.00, 12,345.00 元."""
    figure = f"{amount:,.2f}"
    if is_chinese() and currency == "CNY":
        return f"{figure}{_NO_BREAK}元"
    return f"{currency}{_NO_BREAK}{figure}"


@dataclass(frozen=True)
class Due:
    """A deadline as a person reads it: working days left, the date, and how urgent it is.

    ``level`` is ``late`` past the date, ``soon`` within seven working days, else empty.
    """

    date: date
    days: int
    level: str
    label: str

    @property
    def days_late(self) -> int:
        """Working days past the deadline, 0 before it."""
        return max(0, -self.days)


def due(value: date | datetime, today: date | None = None, calendar: str = CN) -> Due:
    """Count the working days left until a deadline and word them."""
    value = as_date(value)
    today = today or timezone.localdate()
    days = working_days_between(today, value, calendar)
    if value < today:
        return Due(value, days, "late", _overdue(-days))
    level = "soon" if days <= SOON else ""
    if value == today:
        return Due(value, 0, level, gettext("Due today"))
    if days == 0:
        return Due(value, 0, level, gettext("Less than 1 working day left"))
    left = ngettext("%(count)s working day left", "%(count)s working days left", days)
    return Due(value, days, level, left % {"count": days})


def _overdue(days: int) -> str:
    if days == 0:
        return gettext("Overdue")
    late = ngettext("%(count)s working day overdue", "%(count)s working days overdue", days)
    return late % {"count": days}
