"""Write the timetable of an audit, or have one suggested."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import ceil

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from audits.checks.clauses import in_order
from audits.checks.timetable import (
    auditors_of,
    clauses_of,
    days_of,
    timetable_blockers,
    working_days_of,
)
from audits.enums import Activity, AuditStatus
from audits.models import Audit, PlanItem
from audits.rights import PLANS
from audits.services.planning import held
from audits.services.telling import client_people, tell
from certification.enums import AuditLanguage
from foundation.workflow import NotAllowed
from schemes.queries import book_of

WRITABLE = (AuditStatus.PLANNED, AuditStatus.PROPOSED, AuditStatus.OBJECTED)
_BEGIN = time(8, 30)
_NOON = time(12)
_AFTERNOON = time(13)
_MEETING = 30
_STEP = 30


@transaction.atomic
def save_timetable(*, audit: Audit, actor, lines, uncovered_reason: str | None = None) -> None:
    """Replace the lines of a timetable; the enterprise is told once it is complete.

    Raises NotAllowed, WrongState.
    """
    access = PLANS(actor, audit)
    if not access:
        raise NotAllowed(access.reason)
    fresh = held(audit, WRITABLE)
    was_complete = _is_complete(fresh)
    if uncovered_reason is not None:
        fresh.uncovered_reason = uncovered_reason
    fresh.save(update_fields=["uncovered_reason", "changed_at"])
    fresh.plan.all().delete()
    for line in lines:
        PlanItem.objects.create(audit=fresh, **line)
    if fresh.status == AuditStatus.PROPOSED and not was_complete and _is_complete(fresh):
        tell("timetable", fresh, client_people(fresh))


def _is_complete(audit: Audit) -> bool:
    return audit.starts_on is not None and not list(timetable_blockers(audit))


def suggest(audit: Audit) -> list[dict]:
    """Return a timetable to begin with: meetings, breaks, and the clauses shared out.

    Its length follows from the days planned, spread over auditors and working days, over the
    others too when those are not enough; texts are in the language of the audit. Needs dates and
    a team.
    """
    auditors = [member.user for member in auditors_of(audit)]
    if not auditors:
        return []
    hours = int(book_of(audit.case.rule_set).value("audit_hours_per_day"))
    days = working_days_of(audit)
    if audit.days_planned > len(days) * len(auditors):
        days = days_of(audit)
    with translation.override("zh-hans" if audit.language == AuditLanguage.ZH else "en"):
        blocks = _blocks(audit, _minutes_a_day(audit, len(auditors), len(days), hours), days)
        tracks = [(*block, auditor) for block in blocks["audit"] for auditor in auditors]
        shares = _share_out(_clauses(audit), len(tracks))
        lines = blocks["fixed"] + [
            {
                "day": day,
                "starts_at": start,
                "ends_at": end,
                "activity": Activity.AUDIT,
                "department": _department(share),
                "clauses": ", ".join(share),
                "member": auditor,
            }
            for (day, start, end, auditor), share in zip(tracks, shares, strict=True)
        ]
    return sorted(lines, key=lambda line: (line["day"], line["starts_at"]))


def _minutes_a_day(audit, auditors: int, days: int, hours: int) -> int:
    needed = Decimal(audit.days_planned) * hours * 60 / auditors / days
    return min(ceil(needed / _STEP) * _STEP, hours * 60)


def _shift(clock: time, minutes: int) -> time:
    return (datetime.combine(date.min, clock) + timedelta(minutes=minutes)).time()


def _blocks(audit, minutes: int, days) -> dict:
    """Return the fixed lines, and the (day, from, to) blocks left for auditing."""
    morning = (datetime.combine(date.min, _NOON) - datetime.combine(date.min, _BEGIN)).seconds // 60
    fixed, free = [], []
    for day in days:
        spans = [(_BEGIN, _shift(_BEGIN, min(minutes, morning)))]
        if minutes > morning:
            spans.append((_AFTERNOON, _shift(_AFTERNOON, minutes - morning)))
            fixed.append(_fixed(day, _NOON, _AFTERNOON, Activity.BREAK))
        if day == days[0]:
            start, end = spans[0]
            fixed.append(_fixed(day, start, _shift(start, _MEETING), Activity.OPENING))
            spans[0] = (_shift(start, _MEETING), end)
        if day == days[-1]:
            start, end = spans[-1]
            fixed.append(_fixed(day, _shift(end, -_MEETING), end, Activity.CLOSING))
            spans[-1] = (start, _shift(end, -_MEETING))
        free += [(day, start, end) for start, end in spans if start < end]
    return {"fixed": fixed, "audit": free}


def _fixed(day, start, end, activity) -> dict:
    return {
        "day": day,
        "starts_at": start,
        "ends_at": end,
        "activity": activity,
        "department": "",
        "clauses": "",
        "member": None,
    }


def _clauses(audit) -> list[str]:
    """Return the second-level clauses of all standards, each once, in order."""
    found: dict = {}
    for numbers in clauses_of(audit).values():
        for number in numbers:
            found.setdefault(".".join(number.split(".")[:2]), None)
    return sorted(found, key=in_order)


def _share_out(clauses: list[str], parts: int) -> list[list[str]]:
    """Cut a list into runs of nearly equal length; with more parts than clauses, some repeat."""
    size = len(clauses)
    shares = []
    for n in range(parts):
        start, end = n * size // parts, (n + 1) * size // parts
        shares.append(clauses[start : max(end, start + 1)])
    return shares


def _department(clauses: list[str]) -> str:
    chapter = clauses[0].partition(".")[0] if clauses else ""
    return {
        "4": _("Top management"),
        "5": _("Top management"),
        "6": _("Planning"),
        "7": _("Support"),
        "8": _("Operation"),
        "9": _("Evaluation"),
        "10": _("Improvement"),
    }.get(chapter, _("Controls"))
