"""A person's own dates: audits to attend, limits of the own work, ends of the own certificates.

They go to calendar programs of others, so they say what, which number and when. Names of parties,
people and places, and what anybody wrote, stay behind the sign-in.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from audits.calendar import entry_of
from audits.enums import ENDED
from audits.models import Audit
from audits.queries.programme import waiting
from certification.enums import CertificateStatus
from certification.flows.certificates import IN_FORCE
from certification.models import Certificate, ProgrammeItem
from foundation.calendar import add_working_days, calendar_of
from foundation.icalendar import Entry
from foundation.models import WorkItem
from organisations.enums import Kind
from portal.digests import actors_of

# What is over stays in the calendar for a quarter.
KEPT = timedelta(days=92)
REMINDED_BEFORE = 3
_MORNING = time(9)


def entries_of(user, today: date) -> list[Entry]:
    """Return all dates of a person, for every party he or she acts for, soonest first."""
    found: dict[str, Entry] = {}
    for actor in actors_of(user):
        for entry in _entries(actor, today):
            found.setdefault(entry.key, entry)
    return sorted(found.values(), key=lambda entry: (entry.first, entry.key))


def _entries(actor, today: date) -> Iterator[Entry]:
    audits = list(_audits(actor, today))
    yield from map(entry_of, audits)
    yield from _work(actor, today, {audit.pk for audit in audits})
    if actor.kind == Kind.ENTERPRISE:
        yield from _own_certificates(actor)
        yield from _programme(actor)


def _audits(actor, today: date) -> Iterable[Audit]:
    """Return the audits of the own enterprise, or those on whose team the person is."""
    if actor.kind not in (Kind.ENTERPRISE, Kind.BODY):
        return Audit.objects.none()
    rows = Audit.objects.visible_to(actor).filter(ends_on__gte=today - KEPT)
    if actor.kind == Kind.BODY:
        rows = rows.filter(members__user=actor.user)
    return rows.exclude(status__in=ENDED).prefetch_related("plan")


def _work(actor, today: date, held: set) -> Iterator[Entry]:
    """Yield the limits of what waits for the person; the days of an audit are there already."""
    for item in WorkItem.objects.open(today).waiting_for(actor).exclude(due_on=None):
        if item.subject_id not in held:
            key = f"work-{item.subject_id}-{item.action}"
            yield _limit(actor, key, _named(item.title, item.number), row=item, day=item.due_on)


def _own_certificates(actor) -> Iterator[Entry]:
    for row in Certificate.objects.visible_to(actor).filter(status__in=IN_FORCE):
        title = _named(_("Certificate expires"), row.number)
        yield _limit(actor, f"expiry-{row.pk}", title, row=row, day=row.expires_on)
        if row.status == CertificateStatus.SUSPENDED:
            title = _named(_("Suspension ends"), row.number)
            yield _limit(actor, f"suspension-{row.pk}", title, row=row, day=row.suspended_until)


def _programme(actor) -> Iterator[Entry]:
    """Yield the last days on which the next audits may take place."""
    items = waiting(ProgrammeItem.objects.visible_to(actor)).exclude(window_to=None)
    for item in items.select_related("case"):
        title = _("Last day for: %(kind)s") % {"kind": item.title}
        title = _named(title, item.case.number)
        yield _limit(actor, f"programme-{item.pk}", title, row=item.case, day=item.window_to)


def _named(title: Any, number: str) -> str:
    return f"{title} · {number}" if number else str(title)


def _limit(actor, key: str, title: str, *, row: Any, day: date) -> Entry:
    """Return the last day for something, with a reminder some working days before."""
    country = str(actor.organisation.country) if actor.organisation else ""
    reminder = add_working_days(day, -REMINDED_BEFORE, calendar_of(country))
    return Entry(
        key=key,
        title=title,
        path=row.get_absolute_url(),
        first=day,
        last=day,
        changed_at=row.changed_at,
        text=_("Until the end of this day."),
        remind_at=datetime.combine(reminder, _MORNING, timezone.get_current_timezone()),
        busy=False,
    )
