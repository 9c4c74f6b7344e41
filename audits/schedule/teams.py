"""Who could do an audit, and when: teams that cover it, and days on which all of them are free."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from audits.schedule.problem import (
    IDLE_HALF_DAY,
    LARGEST_TEAM,
    Placement,
    Plan,
    Problem,
    Task,
    length_of,
    span_mask,
    travel,
)

# How many teams of an audit are looked at, the nearest first.
KEPT = 40
# Among how many people, nearest first, a team of three is looked for.
NEAREST = 14


@dataclass(frozen=True)
class Team:
    """People who together cover an audit as long as their competences hold."""

    members: tuple[str, ...]
    price: int


def skills_for(task: Task, person, first: int, last: int) -> list:
    """Return what a person holds for an audit on all of these days."""
    return [row for row in person.skills if row.scheme in task.schemes and row.holds(first, last)]


def covers(task: Task, held: list[list]) -> bool:
    """Tell whether people with these skills, who leads first, cover an audit."""
    if not all(held) or not any(row.leads for row in held[0]):
        return False
    rows = [row for skills in held for row in skills]
    return (
        task.schemes <= {row.scheme for row in rows}
        and any(task.language in row.languages for row in rows)
        and task.needs <= {(row.scheme, area) for row in rows for area in row.areas}
    )


def _wanted(task: Task) -> list:
    return [*sorted(task.schemes), *sorted(task.needs), None]


def _whole(task: Task) -> int:
    return (1 << len(_wanted(task))) - 1


def _parts(task: Task, people) -> tuple[dict[str, int], set[str]]:
    """Return what each person covers of an audit as bits, and who may lead it."""
    wanted = _wanted(task)
    part = {}
    for key, skills in people:
        held = {row.scheme for row in skills}
        held |= {(row.scheme, area) for row in skills for area in row.areas}
        if any(task.language in row.languages for row in skills):
            held.add(None)
        part[key] = sum(1 << n for n, want in enumerate(wanted) if want in held)
    return part, {key for key, skills in people if any(row.leads for row in skills)}


class Teams:
    """The teams of each audit of a problem, found once."""

    def __init__(self, problem: Problem):
        self.problem = problem
        self._found: dict[str, list[Team]] = {}

    def eligible(self, task: Task) -> list[tuple[str, list]]:
        """Return who may audit any of it on some day of its window, the nearest first."""
        problem = self.problem
        found = []
        for person in problem.people:
            if person.key in task.refused:
                continue
            skills = [
                row
                for row in person.skills
                if row.scheme in task.schemes and row.first <= task.last and row.last >= task.first
            ]
            if skills:
                found.append((travel(problem, task, (person.key,)), person.key, skills))
        found.sort(key=lambda row: row[:2])
        return [(key, skills) for _km, key, skills in found]

    def of(self, task: Task) -> list[Team]:
        """Return teams that cover an audit, the cheapest first; larger ones where they help."""
        if task.key not in self._found:
            self._found[task.key] = self._find(task)
        return self._found[task.key]

    def _find(self, task: Task) -> list[Team]:
        people = self.eligible(task)
        part, leads = _parts(task, people)
        whole = _whole(task)
        found: list[Team] = []
        for size in range(1, LARGEST_TEAM + 1):
            # A team that is no quicker than a smaller one, and not needed to cover, only idles.
            if found and length_of(task, size) == length_of(task, size - 1):
                break
            if found and size == LARGEST_TEAM:
                break
            nearest = people if size < LARGEST_TEAM else people[:NEAREST]
            teams = []
            for chosen in combinations([key for key, _skills in nearest], size):
                together = 0
                for key in chosen:
                    together |= part[key]
                lead = next((key for key in chosen if key in leads), None)
                if together == whole and lead is not None:
                    members = (lead, *(key for key in chosen if key != lead))
                    teams.append(Team(members, self._price(task, members)))
            teams.sort(key=lambda team: (team.price, team.members))
            found += teams[:KEPT]
        return found

    def _price(self, task: Task, members) -> int:
        idle = 2 * len(members) * length_of(task, len(members)) - task.half_days
        return travel(self.problem, task, members) + IDLE_HALF_DAY * max(0, idle - 1)


class Occupied:
    """Which days of whom are taken by a plan, and how much of the caps is left."""

    def __init__(self, problem: Problem, plan: Plan):
        self.problem = problem
        self.days = {
            person.key: sum(1 << day for day in person.busy if day >= 0)
            for person in problem.people
        }
        self.on_site: dict = defaultdict(int)
        self.load = {person.key: person.load for person in problem.people}
        self.cases: dict = defaultdict(lambda: defaultdict(list))
        for key, placed in plan.items():
            self.take(problem.task[key], placed)

    def take(self, task: Task, placed: Placement) -> None:
        """Book a placement."""
        self._book(task, placed, 1)

    def give(self, task: Task, placed: Placement) -> None:
        """Take a booked placement back."""
        self._book(task, placed, -1)

    def _book(self, task: Task, placed: Placement, sign: int) -> None:
        worked = self.problem.working_days(placed.start, placed.end)
        for key in placed.team:
            self.days[key] ^= placed.mask  # a plan books nobody twice
            self.load[key] += sign * worked
            if task.on_site:
                for year in {self.problem.years[placed.start], self.problem.years[placed.end]}:
                    self.on_site[key, year] += sign * self.problem.days_in(year, placed)
            if task.certificates:
                kept = self.cases[key][task.case]
                (kept.append if sign > 0 else kept.remove)(task.certificates)

    def certificates(self, key: str) -> int:
        """Return how many certificates the plan makes a person answer for, besides those held."""
        held = self.problem.person[key].cases
        return sum(max(rows) for case, rows in self.cases[key].items() if rows and case not in held)

    def room(self, task: Task, placed: Placement) -> bool:
        """Tell whether the caps of everybody in the team allow a placement."""
        for key in placed.team:
            person = self.problem.person[key]
            if task.on_site:
                for year, limit in person.on_site.items():
                    more = self.problem.days_in(year, placed)
                    if more and self.on_site[key, year] + more > limit:
                        return False
            new = task.certificates and task.case not in person.cases
            if new and person.certificates is not None:
                counted = max(self.cases[key][task.case], default=0)
                more = max(0, task.certificates - counted)
                if self.certificates(key) + more > person.certificates:
                    return False
        return True


def options(
    teams: Teams, task: Task, occupied: Occupied, *, first: int = 0, last: int | None = None
) -> Iterator[Placement]:
    """Yield every placement of an audit that hurts nothing booked, team by team, day by day.

    ``first`` and ``last`` narrow the window further.
    """
    problem = teams.problem
    first = max(task.first, first, 0)
    last = min(task.last, len(problem.working) - 1, task.last if last is None else last)
    for team in teams.of(task):
        length = length_of(task, len(team.members))
        taken = 0
        for key in team.members:
            taken |= occupied.days[key]
        held = [problem.person[key] for key in team.members]
        whole = covers(task, [skills_for(task, one, first, last) for one in held])
        for start in range(first, last + 1):
            if not problem.working[start]:
                continue
            end = problem.end_of(start, length)
            if end is None or end > last:
                break
            if taken & span_mask(start, end):
                continue
            if not whole and not covers(task, [skills_for(task, one, start, end) for one in held]):
                continue
            placed = Placement(start, end, team.members)
            if occupied.room(task, placed):
                yield placed
