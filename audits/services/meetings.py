"""Opening and closing meetings: who was there, and the team's check-in."""

from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt

from django.utils import timezone

from audits.enums import Activity, Anomaly, Meeting, Mode
from audits.models import Attendance, Audit, CheckIn
from foundation import files
from schemes.queries import book_of

PHOTOS = "check_in"
_ACTIVITY = {Meeting.OPENING: Activity.OPENING, Meeting.CLOSING: Activity.CLOSING}
_RULE = {Meeting.OPENING: "checkin_open_hours", Meeting.CLOSING: "checkin_close_hours"}
_EARTH_KM = 6371.0


def latest(audit: Audit, meeting: str) -> datetime | None:
    """Return until when the team has to check in at a meeting, or None without a timetable.

    Counted from the start of the opening and from the end of the closing meeting.
    """
    line = audit.plan.filter(activity=_ACTIVITY[meeting]).first()
    if line is None:
        return None
    clock = line.starts_at if meeting == Meeting.OPENING else line.ends_at
    planned = datetime.combine(line.day, clock, timezone.get_current_timezone())
    return planned + timedelta(hours=int(book_of(audit.case.rule_set).value(_RULE[meeting])))


def is_late(audit: Audit, meeting: str) -> bool:
    """Tell whether a check-in now would be later than the rule set allows."""
    limit = latest(audit, meeting)
    return limit is not None and timezone.now() > limit


def distance_km(site, latitude, longitude) -> float | None:
    """Return the distance from a site as the crow flies, or None when a place is unknown."""
    if None in (site.latitude, site.longitude, latitude, longitude):
        return None
    a, b, c, d = map(radians, map(float, (site.latitude, site.longitude, latitude, longitude)))
    h = sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(h))


def hold_meeting(audit: Audit, meeting: str, actor, *, team=(), others=(), photos=(), **facts):
    """Record attendance and the check-in that one member signs for the team.

    ``team`` are members of the audit, ``others`` pairs of name and function. ``facts`` may bring
    position (``latitude``, ``longitude``, ``accuracy_m``), ``device_time`` and the
    ``explanation`` of an anomaly. Returns the check-in.
    """
    Attendance.objects.filter(audit=audit, meeting=meeting).delete()
    rows = [
        Attendance(
            audit=audit,
            meeting=meeting,
            name=member.user.name,
            function=member.role,
            of_team=True,
        )
        for member in team
    ]
    rows += [
        Attendance(audit=audit, meeting=meeting, name=name, function=function)
        for name, function in others
    ]
    for row in rows:
        row.save()
    check_in = CheckIn(audit=audit, meeting=meeting, user=actor.user)
    for name in ("latitude", "longitude", "accuracy_m", "device_time"):
        setattr(check_in, name, facts.get(name))
    check_in.explanation = facts.get("explanation", "")
    check_in.explained_at = timezone.now() if check_in.explanation else None
    check_in.anomalies = _anomalies(audit, meeting, check_in)
    check_in.save()
    for photo in photos:
        files.attach(photo, audit, PHOTOS)
    return check_in


def explain(audit: Audit, explanation: str) -> None:
    """Keep why the check-ins that nobody explained were late or away from the site."""
    for row in audit.check_ins.all():
        if row.lacks_explanation:
            row.explanation, row.explained_at = explanation, timezone.now()
            row.save(update_fields=["explanation", "explained_at", "changed_at"])


def _anomalies(audit, meeting, check_in) -> list[str]:
    found = [Anomaly.LATE.value] if is_late(audit, meeting) else []
    if audit.mode == Mode.REMOTE:
        return found
    distances = [
        distance_km(site, check_in.latitude, check_in.longitude) for site in audit.sites.all()
    ]
    known = [distance for distance in distances if distance is not None]
    if known:
        nearest = min(known)
        check_in.distance_m = round(nearest * 1000)
        if nearest > float(book_of(audit.case.rule_set).number("checkin_distance_km")):
            found.append(Anomaly.FAR.value)
    return found
