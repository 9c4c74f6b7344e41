"""Why an audit is not in a plan: what nobody has, who was refused, who is away, what is full."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from audits.schedule.problem import Plan, Problem, Task, length_of
from audits.schedule.teams import Occupied, Teams, options


@dataclass(frozen=True)
class Why:
    """One reason: a ``code`` for programs and its facts; the words are for the pages."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def why_not(problem: Problem, plan: Plan, key: str, teams: Teams | None = None) -> list[Why]:
    """Return what kept an audit out of a plan, the deepest cause first; nothing if it is in it."""
    if key in plan:
        return []
    task = problem.task[key]
    teams = teams or Teams(problem)
    if task.after and task.after not in plan:
        return [Why("waits", {"after": task.after}), *_lacking(problem, task, teams)]
    return _lacking(problem, task, teams) or _days(problem, plan, task, teams)


def _lacking(problem: Problem, task: Task, teams: Teams) -> list[Why]:
    """What the body lacks for an audit on any day: competence, language, somebody free of it."""
    if teams.of(task):
        return []
    able = [
        (person.key, row)
        for person in problem.people
        for row in person.skills
        if row.scheme in task.schemes and row.first <= task.last and row.last >= task.first
    ]
    missing = sorted(task.schemes - {row.scheme for _key, row in able})
    found = [Why("scheme", {"scheme": scheme}) for scheme in missing]
    for scheme, area in sorted(task.needs):
        held = {key for key, row in able if row.scheme == scheme and area in row.areas}
        if not held:
            found.append(Why("area", {"scheme": scheme, "area": area}))
        elif held <= set(task.refused):
            found.append(Why("area_refused", {"scheme": scheme, "area": area, "people": len(held)}))
    if able and not any(task.language in row.languages for _key, row in able):
        found.append(Why("language", {"language": task.language}))
    if able and not any(row.leads for key, row in able if key not in task.refused):
        found.append(Why("lead"))
    refused = {key for key, _row in able} & set(task.refused)
    if refused:
        found.append(Why("refused", {"people": len(refused)}))
    return found or [Why("team")]


def _days(problem: Problem, plan: Plan, task: Task, teams: Teams) -> list[Why]:
    """Why none of the teams has its days: the window, the people, the caps."""
    first = plan[task.after].end + 1 if task.after else task.first
    first, last = max(0, first, task.first), min(task.last, len(problem.working) - 1)
    found = teams.of(task)
    shortest = min(length_of(task, len(team.members)) for team in found)
    span = {"first": first, "last": last, "days": shortest}
    if last < first or problem.working_days(first, last) < shortest:
        return [Why("no_days", span)]
    empty = Occupied(problem, {})
    uncapped = _Uncapped(problem, {})
    people = {key for team in found for key in team.members}
    if not any(options(teams, task, uncapped, first=first)):
        return [Why("nobody_free", {**span, "teams": len(found), "people": len(people)})]
    if not any(options(teams, task, empty, first=first)):
        return [Why("cap", {"people": len(people)})]
    return [Why("taken", {**span, "teams": len(found), "people": len(people)})]


class _Uncapped(Occupied):
    """The days alone, without the caps."""

    def room(self, task, placed) -> bool:
        return True
