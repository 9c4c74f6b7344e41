"""Whether a plan keeps every hard constraint; written apart from what makes plans."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from audits.schedule.problem import LARGEST_TEAM, Placement, Plan, Problem, Task


def faults(problem: Problem, plan: Plan) -> list[str]:
    """Return what is wrong with a plan, empty when it keeps everything; for programs and tests."""
    found = list(_unreadable(problem, plan))
    if found:
        return found
    for key, placed in plan.items():
        found += [f"{key}: {fault}" for fault in _faults_of(problem, problem.task[key], placed)]
    found += _days_twice(problem, plan)
    found += _over_the_caps(problem, plan)
    found += _out_of_order(problem, plan)
    found += [
        f"{key}: locked, and moved" for key, row in problem.locked.items() if plan.get(key) != row
    ]
    return found


def _unreadable(problem: Problem, plan: Plan) -> Iterator[str]:
    """What names no audit, people or days of the problem; nothing else can be asked of it."""
    for key, placed in plan.items():
        team = placed.team
        if key not in problem.task:
            yield f"{key}: unknown audit"
        if not 0 <= placed.start <= placed.end < len(problem.working):
            yield f"{key}: outside the period"
        if not 1 <= len(set(team)) == len(team) <= LARGEST_TEAM:
            yield f"{key}: not a team"
        if any(name not in problem.person for name in team):
            yield f"{key}: unknown person"


def _faults_of(problem: Problem, task: Task, placed: Placement) -> Iterator[str]:
    team = placed.team
    if placed.start < task.first or placed.end > task.last:
        yield "outside its window"
    if not (problem.working[placed.start] and problem.working[placed.end]):
        yield "begins or ends on a day nobody works"
    held = sum(problem.working[day] for day in placed.days)
    work = 2 * len(team) * held
    if not work - 2 * len(team) < task.half_days <= work:
        yield "the days do not add up to the audit time"
    yield from (f"{key} may not: {task.refused[key]}" for key in team if key in task.refused)
    yield from _not_covered(problem, task, placed)


def _not_covered(problem: Problem, task: Task, placed: Placement) -> Iterator[str]:
    """What the team lacks in competence (ISO/IEC 17021-1:2015 9.2.2)."""
    held = {
        key: [
            skill
            for skill in problem.person[key].skills
            if skill.scheme in task.schemes
            and skill.first <= placed.start
            and placed.end <= skill.last
        ]
        for key in placed.team
    }
    yield from (f"{key} audits none of this" for key, skills in held.items() if not skills)
    if not any(skill.leads for skill in held[placed.team[0]]):
        yield "nobody may lead"
    everything = [skill for skills in held.values() for skill in skills]
    for scheme in task.schemes - {skill.scheme for skill in everything}:
        yield f"nobody audits {scheme}"
    for scheme, area in task.needs:
        if not any(skill.scheme == scheme and area in skill.areas for skill in everything):
            yield f"nobody covers {scheme} {area}"
    if not any(task.language in skill.languages for skill in everything):
        yield f"nobody speaks {task.language}"


def _days_twice(problem: Problem, plan: Plan) -> list[str]:
    taken = Counter(
        (key, day) for placed in plan.values() for key in placed.team for day in placed.days
    )
    twice = [f"{key}: twice on day {day}" for (key, day), count in taken.items() if count > 1]
    away = [
        f"{key}: not available on day {day}"
        for key, day in taken
        if day in problem.person[key].busy
    ]
    return twice + away


def _over_the_caps(problem: Problem, plan: Plan) -> list[str]:
    on_site: Counter = Counter()
    cases = defaultdict(dict)
    for name, placed in plan.items():
        task = problem.task[name]
        for key in placed.team:
            if task.on_site:
                on_site.update((key, problem.years[day]) for day in placed.days)
            if task.certificates and task.case not in problem.person[key].cases:
                counted = cases[key].get(task.case, 0)
                cases[key][task.case] = max(counted, task.certificates)
    found = [
        f"{key}: {days} days on site in {year}"
        for (key, year), days in on_site.items()
        if days > problem.person[key].on_site.get(year, days)
    ]
    for key, counts in cases.items():
        limit = problem.person[key].certificates
        if limit is not None and sum(counts.values()) > limit:
            found.append(f"{key}: too many certificates")
    return found


def _out_of_order(problem: Problem, plan: Plan) -> list[str]:
    found = []
    for key, placed in plan.items():
        before = problem.task[key].after
        if before and (before not in plan or plan[before].end >= placed.start):
            found.append(f"{key}: not after {before}")
    return found
