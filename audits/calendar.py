"""An audit in a calendar, in the reader's language."""

from dataclasses import replace
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from audits.enums import ENDED, AuditStatus
from audits.models import Audit
from foundation import icalendar
from foundation.icalendar import CONTENT_TYPE, Entry

__all__ = ["CONTENT_TYPE", "calendar_of", "entry_of", "file_name"]


def _hours(audit, items) -> tuple[datetime, datetime] | None:
    """Real hours where an audit of one day has a timetable, otherwise whole days."""
    if not items or audit.starts_on != audit.ends_on:
        return None
    zone = timezone.get_current_timezone()
    return (
        datetime.combine(audit.starts_on, min(item.starts_at for item in items), zone),
        datetime.combine(audit.ends_on, max(item.ends_at for item in items), zone),
    )


def _status(audit) -> str:
    if audit.status in ENDED:
        return icalendar.CANCELLED
    tentative = (AuditStatus.PLANNED, AuditStatus.PROPOSED, AuditStatus.OBJECTED)
    return icalendar.TENTATIVE if audit.status in tentative else icalendar.CONFIRMED


def _description(audit) -> str:
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
    ]
    return "\n".join(lines)


def entry_of(audit: Audit) -> Entry:
    """Return an audit with dates as an entry that names no party: what, which number, when."""
    return Entry(
        key=f"audit-{audit.pk}",
        title=f"{audit.get_kind_display()} {audit.number}",
        path=audit.get_absolute_url(),
        first=audit.starts_on,
        last=audit.ends_on,
        changed_at=audit.changed_at,
        hours=_hours(audit, list(audit.plan.all())),
        sequence=audit.sequence,
        status=_status(audit),
    )


def calendar_of(audit: Audit) -> bytes:
    """Return the calendar file of one audit for its parties; it needs dates.

    The identifier stays, the sequence grows with each change of dates, so a calendar moves the
    entry it has. A cancelled audit removes it.
    """
    title = _("%(kind)s: %(client)s") % {
        "kind": audit.get_kind_display(),
        "client": audit.enterprise.name,
    }
    sites = list(audit.sites.all())
    place = "; ".join(" ".join(filter(None, (site.name, site.address))) for site in sites)
    entry = replace(entry_of(audit), title=title, text=_description(audit), place=place)
    return icalendar.document([entry])


def file_name(audit: Audit) -> str:
    """Name the file after the audit."""
    return f"audit-{audit.number}.ics"
