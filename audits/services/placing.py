"""Audits of the programme and the people of a body as a problem of the solver, and back."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Prefetch
from django.utils import timezone

from audits.checks.facts import Facts
from audits.checks.team import Bench
from audits.enums import ENDED, AuditStatus, TeamRole
from audits.models import Audit
from audits.queries.programme import waiting
from audits.schedule.problem import Person, Place, Placement, Problem, Skill, Task
from audits.services.planning import language_of
from certification.enums import AuditKind
from certification.models import ApplicationScheme, ApplicationSite, ProgrammeItem
from certification.services.programme import DECISIVE
from foundation.calendar import calendar_of, is_working_day
from organisations.enums import Role
from schemes.enums import CompetenceRole

_AUDITS = (CompetenceRole.LEAD_AUDITOR, CompetenceRole.AUDITOR)


@dataclass
class Draft:
    """A problem with the records it was made of, by the keys of its tasks and people."""

    problem: Problem
    items: dict[str, ProgrammeItem]
    people: dict
    benches: dict[str, Bench]

    def dates(self, placed: Placement) -> tuple[date, date]:
        """Return the first and the last day of a placement."""
        return self.problem.date(placed.start), self.problem.date(placed.end)


def with_facts(rows):
    """Return programme items with everything that planning them reads."""
    schemes = ApplicationScheme.objects.select_related("scheme", "edition").prefetch_related(
        "areas"
    )
    return rows.select_related("case__enterprise", "case__body", "case__rule_set").prefetch_related(
        "case__applications",
        Prefetch("case__applications__schemes", queryset=schemes),
        Prefetch(
            "case__applications__sites", queryset=ApplicationSite.objects.select_related("site")
        ),
    )


def due_items(body, first: date, last: date):
    """Return what waits to be planned and may take place in a period, the most pressing first."""
    rows = ProgrammeItem.objects.filter(case__body=body)
    rows = waiting(rows).exclude(window_from__gt=last).exclude(window_to__lt=first)
    return with_facts(rows).order_by("window_to", "window_from", "created_at")


def prospect(item: ProgrammeItem) -> Audit:
    """Return the audit that planning an item would create; it is not stored."""
    case = item.case
    audit = Audit(
        case=case,
        programme_item=item,
        cycle=item.cycle,
        kind=item.kind,
        enterprise=case.enterprise,
        body=case.body,
        days=item.days,
        language=language_of(case, case.application),
    )
    editions = [row.edition for row in case.application.schemes.all()]
    # Not stored: what it has many of is given instead of asked for.
    audit.__dict__["_prefetched_objects_cache"] = {"members": [], "editions": editions}
    return audit


def draft_for(body, items, *, first: date, last: date, locked=None) -> Draft:
    """Make the problem of placing items of a body within a period; queries do not grow with it.

    ``locked`` maps items to placements that stay. Days before tomorrow are never offered.
    """
    begins = max(first, timezone.localdate() + timedelta(days=1))
    last = max(last, begins)
    people = list(body.people(Role.AUDITOR))
    items = [item for item in items if item.case.application is not None]
    audits = {str(item.pk): prospect(item) for item in items}
    facts = Facts(audits.values(), people, first=begins, last=last)
    benches = {key: Bench(audit, people, facts) for key, audit in audits.items()}
    calendar = calendar_of(str(body.country))
    days = tuple(
        is_working_day(begins + timedelta(days=n), calendar)
        for n in range((last - begins).days + 1)
    )
    stages = _stages(items)
    problem = Problem(
        begins,
        days,
        tuple(_task(item, benches[str(item.pk)], begins, len(days), stages) for item in items),
        tuple(_people(facts, benches, begins, last)) if items else (),
        locked or {},
    )
    return Draft(
        problem,
        {str(item.pk): item for item in items},
        {str(person.pk): person for person in people},
        benches,
    )


def _stages(items) -> dict:
    """Map each case to its stage 1: an item of the same draft, else the end of its audit."""
    found: dict = {item.case_id: str(item.pk) for item in items if item.kind == AuditKind.STAGE_1}
    missing = [
        item.case_id
        for item in items
        if item.kind == AuditKind.STAGE_2 and item.case_id not in found
    ]
    rows = Audit.objects.filter(case__in=missing, kind=AuditKind.STAGE_1).exclude(status__in=ENDED)
    found.update(rows.order_by("created_at").values_list("case_id", "ends_on"))
    wanted = ProgrammeItem.objects.filter(case__in=missing, kind=AuditKind.STAGE_1)
    for case, key in wanted.values_list("case_id", "pk"):
        if found.get(case) is None:
            found[case] = str(key)  # neither held nor placed here: stage 2 has to wait
    return found


def _task(item, bench, begins: date, length: int, stages) -> Task:
    """Say of an audit what the solver has to know (ISO/IEC 17021-1:2015 9.1.4, 9.2.2)."""
    needs = frozenset(
        (scheme.code, area.code) for scheme, areas in bench.required.items() for area in areas
    )
    start = max(begins, item.window_from or begins)
    end = item.window_to or begins + timedelta(days=length - 1)
    before = stages.get(item.case_id) if item.kind == AuditKind.STAGE_2 else None
    if isinstance(before, date):
        start, before = max(start, before + timedelta(days=1)), ""
    schemes = frozenset(scheme.code for scheme in bench.required)
    return Task(
        key=str(item.pk),
        case=str(item.case_id),
        first=(start - begins).days,
        last=min((end - begins).days, length - 1),
        half_days=max(1, int(-(-(item.days * 2) // Decimal(1)))),
        schemes=schemes,
        needs=needs,
        language=bench.audit.language,
        place=place_of(item),
        certificates=len(schemes) if item.kind in DECISIVE else 0,
        refused={
            str(person.pk): "; ".join(reasons)
            for person in bench.people
            if (reasons := bench.reasons(person, TeamRole.AUDITOR))
        },
        after=before or "",
    )


def place_of(item) -> Place | None:
    """Return where an enterprise is audited: its central function, else any of its sites."""
    rows = [row.site for row in item.case.application.sites.all()]
    rows.sort(key=lambda site: not site.is_central)
    for site in rows:
        if site.latitude is not None and site.longitude is not None:
            return float(site.latitude), float(site.longitude)
    return None


def _people(facts, benches, begins: date, last: date):
    """Yield the people of a body with their competences, days and caps."""
    any_bench = next(iter(benches.values()))
    busy, load = _busy(facts, begins, last)
    homes = _homes(facts, last)
    limits = [
        (
            bench.rules.value("auditor_onsite_days_per_year"),
            bench.rules.value("auditor_certificates"),
        )
        for bench in benches.values()
    ]
    on_site = min((int(days) for days, _count in limits if days is not None), default=None)
    certificates = min((int(count) for _days, count in limits if count is not None), default=None)
    for person in facts.people:
        held = facts.certificates.get(person.pk, {})
        yield Person(
            key=str(person.pk),
            home=homes.get(person.pk),
            skills=tuple(
                Skill(
                    row.scheme.code,
                    row.role == CompetenceRole.LEAD_AUDITOR,
                    frozenset(area.code for area in row.areas.all()),
                    frozenset(row.languages),
                    (row.valid_from - begins).days,
                    (row.valid_until - begins).days,
                )
                for row in facts.competences.get(person.pk, [])
                if row.role in _AUDITS
            ),
            busy=frozenset(busy[person.pk]),
            on_site={}
            if on_site is None
            else {
                year: max(0, on_site - len(any_bench.days_on_site(person, year)))
                for year in range(begins.year, last.year + 1)
            },
            certificates=None
            if certificates is None
            else max(0, certificates - sum(held.values())),
            cases=frozenset(str(case) for case in held),
            load=load[person.pk],
        )


def _busy(facts, begins: date, last: date):
    """Return the days of each person that are taken, and how many of them by audits.

    Audits in planning that have dates are not binding, but nobody plans over them.
    """
    spans: dict = defaultdict(list)
    audits: dict = defaultdict(set)
    for person, rows in facts.bookings.items():
        audits[person].update((row.starts_on, row.ends_on) for row in rows)
    planned = Audit.objects.filter(
        status=AuditStatus.PLANNED,
        body=facts.audits[0].body,
        members__user__in=facts.ids,
        starts_on__lte=last,
        ends_on__gte=begins,
    )
    for person, first, end in planned.values_list("members__user", "starts_on", "ends_on"):
        audits[person].add((first, end))
    for person, rows in facts.absences.items():
        spans[person] += [(row.starts_on, row.ends_on) for row in rows]
    length = (last - begins).days
    busy, load = defaultdict(set), defaultdict(int)
    for person in facts.ids:
        taken = {day for span in audits[person] for day in _days(span, begins, length)}
        load[person] = len(taken)
        busy[person] = taken | {
            day for span in spans[person] for day in _days(span, begins, length)
        }
    return busy, load


def _days(span, begins: date, length: int):
    first, last = ((day - begins).days for day in span)
    return range(max(0, first), min(last, length) + 1)


def _homes(facts, last: date) -> dict:
    """Where people set out from: the office of the body, as far as its place is known."""
    sites = facts.audits[0].body.sites.order_by("-is_central", "created_at")
    for site in sites:
        if site.latitude is not None and site.longitude is not None:
            return dict.fromkeys(facts.ids, (float(site.latitude), float(site.longitude)))
    return {}
