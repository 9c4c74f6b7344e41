"""Calendar files as RFC 5545 asks: entries, escaping, folding. What they say stands elsewhere."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import get_language

CONTENT_TYPE = "text/calendar"
PUBLISH, CANCEL = "PUBLISH", "CANCEL"
TENTATIVE, CONFIRMED, CANCELLED = "TENTATIVE", "CONFIRMED", "CANCELLED"
_OCTETS = 75


@dataclass(frozen=True)
class Entry:
    """One entry: the whole days from ``first`` to ``last``, or the ``hours`` of one of them.

    ``key`` names the thing itself and stays while it moves, so a calendar moves the entry it has;
    ``path`` is its page here. ``remind_at`` is when a calendar may ring. A day that is only a
    limit keeps nobody ``busy``.
    """

    key: str
    title: Any
    path: str
    first: date
    last: date
    changed_at: datetime
    hours: tuple[datetime, datetime] | None = None
    sequence: int = 0
    status: str = CONFIRMED
    text: str = ""
    place: str = ""
    remind_at: datetime | None = None
    busy: bool = True

    @property
    def uid(self) -> str:
        return f"{self.key}@{urlsplit(settings.BASE_URL).hostname}"


def escape(text: str) -> str:
    """Escape a text value (RFC 5545 3.3.11)."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def fold(line: str) -> str:
    """Fold a content line at 75 octets without splitting a character (3.1)."""
    parts, size = [""], 0
    for character in line:
        width = len(character.encode())
        if size + width > _OCTETS:
            parts.append(" ")
            size = 1
        parts[-1] += character
        size += width
    return "\r\n".join(parts)


def document(entries: Iterable[Entry], *, name: str = "", hours: int = 0) -> bytes:
    """Return a calendar in the active language; with one cancelled entry it removes that.

    ``name`` and the ``hours`` after which programs should fetch it again are for feeds (RFC 7986).
    """
    entries = list(entries)
    cancels = [entry.status for entry in entries] == [CANCELLED]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Certification Portal//Dates//EN",
        "CALSCALE:GREGORIAN",
        f"METHOD:{CANCEL if cancels else PUBLISH}",
    ]
    if name:
        lines += [f"NAME:{escape(name)}", f"X-WR-CALNAME:{escape(name)}"]
    if hours:
        lines += [f"REFRESH-INTERVAL;VALUE=DURATION:PT{hours}H", f"X-PUBLISHED-TTL:PT{hours}H"]
    for entry in entries:
        lines += _lines(entry)
    lines.append("END:VCALENDAR")
    return "".join(f"{fold(line)}\r\n" for line in lines).encode()


def _lines(entry: Entry) -> Iterator[str]:
    tag = {"zh-hans": "zh-Hans"}.get(get_language() or "", get_language() or "en")
    address = settings.BASE_URL + entry.path
    changed = _utc(entry.changed_at)
    yield from ("BEGIN:VEVENT", f"UID:{entry.uid}", f"SEQUENCE:{entry.sequence}")
    yield from (f"DTSTAMP:{changed}", f"LAST-MODIFIED:{changed}")
    if entry.hours:
        begin, end = entry.hours
        yield from (f"DTSTART:{_utc(begin)}", f"DTEND:{_utc(end)}")
    else:
        yield f"DTSTART;VALUE=DATE:{entry.first:%Y%m%d}"
        # The end is the first day that is not part of it any more (3.6.1).
        yield f"DTEND;VALUE=DATE:{entry.last + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY;LANGUAGE={tag}:{escape(str(entry.title))}"
    text = "\n".join(filter(None, (entry.text, address)))
    yield f"DESCRIPTION;LANGUAGE={tag}:{escape(text)}"
    if entry.place:
        yield f"LOCATION:{escape(entry.place)}"
    yield from (f"STATUS:{entry.status}", f"TRANSP:{'OPAQUE' if entry.busy else 'TRANSPARENT'}")
    yield f"URL:{address}"
    if entry.remind_at:
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{escape(str(entry.title))}")
        yield from (f"TRIGGER;VALUE=DATE-TIME:{_utc(entry.remind_at)}", "END:VALARM")
    yield "END:VEVENT"


def _utc(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
