"""The best dates and teams for one audit, and the reason beside everybody who is not on them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from audits.checks.facts import Facts
from audits.checks.team import Bench, Standing
from audits.schedule.greedy import extra
from audits.schedule.problem import travel
from audits.schedule.teams import Occupied, Teams, options
from audits.schedule.why import why_not
from audits.services.placing import draft_for, prospect
from audits.services.reasons import words_of

SHOWN = 5
OF_ONE_TEAM = 2
# How far ahead dates are looked for when the programme names no last day.
AHEAD = timedelta(days=90)


@dataclass(frozen=True)
class Proposal:
    """Dates and a team, who leads first; kilometres of all together, days of audits of each."""

    first: date
    last: date
    team: tuple
    km: int
    loads: tuple[int, ...]

    @property
    def key(self) -> str:
        """What a form sends to choose this one."""
        return "_".join([self.first.isoformat(), *(str(person.pk) for person in self.team)])


@dataclass(frozen=True)
class Other:
    """Somebody of the body with how he or she stands towards the audit on the best days."""

    person: Any
    standing: Standing
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Proposals:
    found: list[Proposal]
    others: list[Other]
    why: list[str]
    first: date
    last: date


def period_of(item, first=None, last=None) -> tuple[date, date]:
    """Return the days to look at: those asked for, within the window of the programme."""
    today = timezone.localdate()
    first = max(first or today, item.window_from or today, today + timedelta(days=1))
    last = min(last or date.max, item.window_to or first + AHEAD)
    return first, max(last, first)


def proposals_for(item, *, first=None, last=None) -> Proposals:
    """Return the best combinations of days and people for an item within its window."""
    first, last = period_of(item, first, last)
    draft = draft_for(item.case.body, [item], first=first, last=last)
    found = _best(draft, str(item.pk)) if draft.items else []
    days = (found[0].first, found[0].last) if found else (first, first)
    why = [] if found or not draft.items else [
        words_of(reason.code, reason.facts, draft)
        for reason in why_not(draft.problem, {}, str(item.pk))
    ]  # fmt: skip
    others = _others(item, days, found[0].team if found else ())
    return Proposals(found, others, why, first, last)


def _best(draft, key: str) -> list[Proposal]:
    problem, task = draft.problem, draft.problem.task[key]
    occupied = Occupied(problem, {})
    rows = sorted(
        options(Teams(problem), task, occupied),
        key=lambda row: (extra(problem, occupied, task, row), row.start, row.team),
    )
    chosen: list = []
    teams: dict = {}
    for row in rows:
        if teams.get(row.team, 0) < OF_ONE_TEAM:
            teams[row.team] = teams.get(row.team, 0) + 1
            chosen.append(row)
        if len(chosen) == SHOWN:
            break
    return [
        Proposal(
            draft.problem.date(row.start),
            draft.problem.date(row.end),
            tuple(draft.people[name] for name in row.team),
            travel(problem, task, row.team),
            tuple(occupied.load[name] for name in row.team),
        )
        for row in chosen
    ]


def _others(item, days, team) -> list[Other]:
    """Say of everybody else why not, on the days of the best proposal."""
    audit = prospect(item)
    audit.starts_on, audit.ends_on = days
    people = [person for person in item.case.body.people("auditor") if person not in team]
    bench = Bench(audit, people, Facts([audit], people, first=days[0], last=days[1]))
    found = []
    for person in people:
        standing = bench.standing(person)
        reasons = list(standing.reasons)
        if not set(standing.roles) & {"lead", "auditor"}:
            reasons.append(_("not competent as an auditor of this on these days"))
        elif audit.language not in bench.languages(person):
            reasons.append(_("does not work in the language of the audit"))
        found.append(Other(person, standing, tuple(reasons)))
    return sorted(
        found, key=lambda row: (bool(row.reasons), len(row.standing.lacks), row.person.name)
    )
