"""An audit as a calendar file (RFC 5545), in the reader's language."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from audits.enums import ENDED, AuditStatus
from audits.models import Audit

CONTENT_TYPE = "text/calendar"
_OCTETS = 75


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


def _utc(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _times(audit, items) -> list[str]:
    """Real hours where an audit of one day has a timetable, otherwise whole days."""
    if items and audit.starts_on == audit.ends_on:
        zone = timezone.get_current_timezone()
        start = datetime.combine(audit.starts_on, min(i.starts_at for i in items), zone)
        end = datetime.combine(audit.ends_on, max(i.ends_at for i in items), zone)
        return [f"DTSTART:{_utc(start)}", f"DTEND:{_utc(end)}"]
    after = audit.ends_on + timedelta(days=1)
    return [
        f"DTSTART;VALUE=DATE:{audit.starts_on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{after:%Y%m%d}",
    ]


def _status(audit) -> str:
    if audit.status in ENDED:
        return "CANCELLED"
    tentative = (AuditStatus.PLANNED, AuditStatus.PROPOSED, AuditStatus.OBJECTED)
    return "TENTATIVE" if audit.status in tentative else "CONFIRMED"


def _description(audit, address: str) -> str:
    standards = ", ".join(str(edition) for edition in audit.editions.all())
    team = ", ".join(
        f"{member.user.name} ({member.get_role_display()})"
        for member in audit.members.select_related("user")
    )
    lines = [
        f"{_('Audit')}: {audit.number}",
        f"{_('Standards')}: {standards}",
        f"{_('Manner')}: {audit.get_mode_display()}",
        f"{_('Team')}: {team}",
        address,
    ]
    return "\n".join(lines)


def calendar_of(audit: Audit) -> bytes:
    """Return the calendar file of one audit; it needs dates.

    The identifier stays, the sequence grows with each change of dates, so a calendar moves the
    entry it has. A cancelled audit removes it.
    """
    address = settings.BASE_URL + audit.get_absolute_url()
    tag = {"zh-hans": "zh-Hans"}.get(get_language() or "", get_language() or "en")
    title = _("%(kind)s: %(client)s") % {
        "kind": audit.get_kind_display(),
        "client": audit.enterprise.name,
    }
    sites = list(audit.sites.all())
    place = "; ".join(" ".join(filter(None, (site.name, site.address))) for site in sites)
    status = _status(audit)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Certification Portal//Audits//EN",
        "CALSCALE:GREGORIAN",
        f"METHOD:{'CANCEL' if status == 'CANCELLED' else 'PUBLISH'}",
        "BEGIN:VEVENT",
        f"UID:audit-{audit.pk}@{urlsplit(settings.BASE_URL).hostname}",
        f"SEQUENCE:{audit.sequence}",
        f"DTSTAMP:{_utc(audit.changed_at)}",
        f"LAST-MODIFIED:{_utc(audit.changed_at)}",
        *_times(audit, list(audit.plan.all())),
        f"SUMMARY;LANGUAGE={tag}:{escape(title)}",
        f"DESCRIPTION;LANGUAGE={tag}:{escape(_description(audit, address))}",
        f"LOCATION:{escape(place)}",
        f"STATUS:{status}",
        "TRANSP:OPAQUE",
        f"URL:{address}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{fold(line)}\r\n" for line in lines).encode()


def file_name(audit: Audit) -> str:
    """Name the file after the audit."""
    return f"audit-{audit.number}.ics"
