"""What the timetable of an audit covers and what it lacks."""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from audits.checks.clauses import includes
from audits.enums import AUDITING_ROLES, BINDING, Activity
from audits.models import PlanItem
from certification.enums import AuditKind
from foundation.calendar import calendar_of, is_working_day
from foundation.formatting import short_day
from foundation.workflow import Blocker
from schemes.models import Clause
from schemes.queries import book_of

# All clauses are audited in these; the others take a part (ISO/IEC 17021-1:2015 9.3.1.3, 9.6.3).
WHOLE = (AuditKind.STAGE_2, AuditKind.RECERTIFICATION)
# Internal audit and management review belong to every surveillance (9.6.2.2 a).
SURVEILLANCE = (AuditKind.SURVEILLANCE_1, AuditKind.SURVEILLANCE_2)
ALWAYS = ("9.2", "9.3")

_TOKEN = re.compile(r"(?:A\.)?\d{1,2}(?:\.\d{1,2})*")
_RANGE = re.compile(r"(\d{1,2})-(\d{1,2})")


def clause_numbers(text: str) -> tuple[list[str], list[str]]:
    """Split what was typed into clause numbers; returns (numbers, what is none).

    ``4-6`` means the chapters 4, 5 and 6; full-width signs and Chinese commas are understood.
    """
    plain = unicodedata.normalize("NFKC", text).replace("–", "-").replace("—", "-")
    numbers, wrong = [], []
    for word in re.split(r"[\s,;、/]+", plain.strip()):
        if not word:
            continue
        chapters = _RANGE.fullmatch(word)
        if chapters and int(chapters[1]) <= int(chapters[2]):
            numbers += [str(n) for n in range(int(chapters[1]), int(chapters[2]) + 1)]
        elif _TOKEN.fullmatch(word):
            numbers.append(word)
        else:
            wrong.append(word)
    return numbers, wrong


def clauses_of(audit) -> dict:
    """Return the clauses of each edition of an audit: {edition: [number, …]} in their order."""
    found = {edition: [] for edition in audit.editions.all()}
    by_pk = {edition.pk: numbers for edition, numbers in found.items()}
    for clause in Clause.objects.filter(edition__in=by_pk).order_by("position"):
        by_pk[clause.edition_id].append(clause.number)
    return found


def unknown(numbers, clauses: dict) -> list[str]:
    """Return those of the numbers that no edition has."""
    everything = [clause for found in clauses.values() for clause in found]
    return [n for n in numbers if not any(includes(n, clause) for clause in everything)]


def uncovered(named, clauses) -> list[str]:
    """Return the clauses that no named number includes, the shortest way to say it."""
    leaves = [c for c in clauses if not any(includes(c, other) and c != other for other in clauses)]
    missing = {leaf for leaf in leaves if not any(includes(n, leaf) for n in named)}
    words: list[str] = []
    for leaf in leaves:
        if leaf not in missing or any(includes(word, leaf) for word in words):
            continue
        parts = leaf.split(".")
        heads = [".".join(parts[:n]) for n in range(1, len(parts) + 1)]
        words.append(next(h for h in heads if all(x in missing for x in leaves if includes(h, x))))
    return words


@dataclass(frozen=True)
class Coverage:
    """Which clauses a timetable names; ``missing`` maps each edition to what it must still name."""

    named: tuple[str, ...]
    missing: dict
    required: bool


def due_clauses(audit, numbers) -> list[str]:
    """Return those of a standard's clauses that this kind of audit has to cover by itself."""
    if audit.kind in WHOLE:
        return list(numbers)
    if audit.kind in SURVEILLANCE:
        return [n for n in numbers if any(includes(a, n) for a in ALWAYS)]
    return []


def _earlier_in_cycle(audit) -> list[str]:
    """Return what the first surveillance of the same cycle had on its timetable."""
    rows = PlanItem.objects.filter(
        audit__case=audit.case_id,
        audit__cycle=audit.cycle,
        audit__kind=AuditKind.SURVEILLANCE_1,
        audit__status__in=BINDING,
    )
    texts = rows.exclude(clauses="").values_list("clauses", flat=True)
    return [n for text in texts for n in clause_numbers(text)[0]]


def _ends_the_cycle(audit) -> bool:
    """Tell whether the surveillances together have to reach every clause with this one."""
    if audit.kind != AuditKind.SURVEILLANCE_2:
        return False
    return bool(book_of(audit.case.rule_set).value("surveillances_cover_all"))


def coverage(audit, items, clauses: dict | None = None) -> Coverage:
    """Compare the clauses on the timetable with those this kind of audit has to cover.

    The second surveillance takes up what the first left out (ISO/IEC 17021-1:2015 9.1.3.2).
    ``clauses`` are those of the standards, where they were read already.
    """
    named = [n for item in items for n in clause_numbers(item.clauses)[0]]
    whole = _ends_the_cycle(audit)
    earlier = _earlier_in_cycle(audit) if whole else []
    missing = {}
    for edition, numbers in (clauses or clauses_of(audit)).items():
        lacking = uncovered(named, due_clauses(audit, numbers))
        if whole:
            rest = uncovered([*named, *earlier], numbers)
            lacking += [n for n in rest if n not in lacking]
        if lacking:
            missing[edition] = lacking
    return Coverage(tuple(named), missing, audit.kind in WHOLE)


def _minutes(item) -> int:
    day = date.min
    length = datetime.combine(day, item.ends_at) - datetime.combine(day, item.starts_at)
    return length // timedelta(minutes=1)


def auditors_of(audit) -> list:
    """Return the members whose time counts as audit time (ISO/IEC 17021-1:2015 9.1.4)."""
    return [member for member in audit.members.all() if member.role in AUDITING_ROLES]


def planned_days(audit, items, hours_per_day: int) -> Decimal:
    """Return the audit days on the timetable, to a tenth.

    Only auditors' time counts, breaks do not, and no person's day counts for more than one: longer
    days do not make fewer of them (IAF MD 5:2019).
    """
    people = [member.user_id for member in auditors_of(audit)]
    minutes: dict = defaultdict(int)
    for item in items:
        if item.activity == Activity.BREAK:
            continue
        for person in people if item.member_id is None else [item.member_id]:
            if person in people:
                minutes[person, item.day] += _minutes(item)
    full = hours_per_day * 60
    total = sum(min(spent, full) for spent in minutes.values())
    return (Decimal(total) / full).quantize(Decimal("0.1"), ROUND_HALF_UP)


def remote_percent(items) -> int:
    """Return the share of remote time in the audit's own activities, in percent."""
    counted = [item for item in items if item.activity != Activity.BREAK]
    total = sum(_minutes(item) for item in counted)
    remote = sum(_minutes(item) for item in counted if item.remote)
    return round(100 * remote / total) if total else 0


def timetable_blockers(audit):
    """Yield everything that keeps a timetable from being confirmed."""
    url = reverse("audits:timetable", args=[audit.pk])
    items = list(audit.plan.select_related("member"))
    if not items:
        yield Blocker(_("The timetable is not written yet."), url)
        return
    messages = (
        *_days(audit, items),
        *_meetings(items),
        *_people(audit, items),
        *_clauses(audit, items),
        *_duration(audit, items),
    )
    for message in messages:
        yield Blocker(message, url)


def days_of(audit) -> list[date]:
    """Return every day from the first of an audit to its last."""
    length = (audit.ends_on - audit.starts_on).days + 1
    return [audit.starts_on + timedelta(days=n) for n in range(length)]


def working_days_of(audit) -> list[date]:
    """Return the days that an audit is expected to use: its ends and the working days between."""
    ends = (audit.starts_on, audit.ends_on)
    calendar = calendar_of(str(audit.case.enterprise.country))
    return [on for on in days_of(audit) if on in ends or is_working_day(on, calendar)]


def _days(audit, items):
    used, wanted = {item.day for item in items}, set(days_of(audit))
    for on in sorted(set(working_days_of(audit)) - used):
        yield _("The timetable has nothing for %(day)s.") % {"day": short_day(on)}
    for on in sorted(used - wanted):
        yield _("The timetable has lines for %(day)s, outside the audit.") % {"day": short_day(on)}


def _meetings(items):
    found = {item.activity for item in items}
    if Activity.OPENING not in found:
        yield _("The timetable has no opening meeting.")
    if Activity.CLOSING not in found:
        yield _("The timetable has no closing meeting.")


def _people(audit, items):
    team = {member.user_id for member in auditors_of(audit)}
    for person in {item.member for item in items if item.member_id not in (None, *team)}:
        yield _("%(person)s is on the timetable but does not audit here.") % {"person": person}
    seen: set = set()
    for first, second in _clashes(items):
        pair = (first.member or second.member, first.day)
        if pair not in seen:
            seen.add(pair)
            yield _("%(person)s is at two places at once on %(day)s.") % {
                "person": pair[0] or _("The whole team"),
                "day": short_day(first.day),
            }


def _clashes(items):
    """Yield pairs of lines that overlap and need the same person."""
    ordered = sorted(items, key=lambda item: (item.day, item.starts_at))
    for n, first in enumerate(ordered):
        for second in ordered[n + 1 :]:
            if second.day != first.day or second.starts_at >= first.ends_at:
                break
            if None in (first.member_id, second.member_id) or first.member_id == second.member_id:
                yield first, second


def _clauses(audit, items):
    if audit.uncovered_reason:
        return
    for edition, numbers in coverage(audit, items).missing.items():
        yield _("%(standard)s: nobody audits %(clauses)s; add it or say why not.") % {
            "standard": edition,
            "clauses": ", ".join(numbers),
        }


def _duration(audit, items):
    item = audit.programme_item
    if item is None or audit.days_reason:
        return
    hours = int(book_of(audit.case.rule_set).value("audit_hours_per_day"))
    days = planned_days(audit, items, hours)
    if days < item.on_site_days:
        yield _("The timetable holds %(days)s audit days, at least %(least)s are needed.") % {
            "days": days,
            "least": item.on_site_days,
        }
