"""What is asked of a plan: audits with their windows, people with their days, and what counts.

Days are numbers, 0 is the first day of the period; they include days on which nobody works.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache
from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371
LARGEST_TEAM = 3
# What weighs as much as a kilometre of travel. Placing an audit outweighs everything.
PLACED = 10_000_000
IDLE_HALF_DAY = 40
DAY_OFF_AWAY = 60
CLOSE_TO_THE_END = 12
ROOM = 5

Place = tuple[float, float]


@dataclass(frozen=True)
class Skill:
    """What a person may audit in one scheme, from the first through the last day it holds."""

    scheme: str
    leads: bool
    areas: frozenset[str]
    languages: frozenset[str]
    first: int
    last: int

    def holds(self, first: int, last: int) -> bool:
        """Tell whether it holds on all these days."""
        return self.first <= first and last <= self.last


@dataclass(frozen=True)
class Person:
    """An auditor: ``busy`` are days nobody may plan, ``load`` days of audits planned before.

    ``on_site`` is how many more days on site each year allows, ``certificates`` how many more
    certificates to answer for; a year that is not named, and None, have no limit. ``cases`` are
    those whose certificates are counted already.
    """

    key: str
    home: Place | None = None
    skills: tuple[Skill, ...] = ()
    busy: frozenset[int] = frozenset()
    on_site: Mapping[int, int] = field(default_factory=dict)
    certificates: int | None = None
    cases: frozenset[str] = frozenset()
    load: int = 0


@dataclass(frozen=True)
class Task:
    """An audit to be placed between ``first`` and ``last``.

    ``half_days`` of work are shared by the team. ``needs`` are pairs of scheme and technical area
    somebody has to cover. ``refused`` maps a person to why he or she may not be on the team.
    ``after`` is an audit that has to end before this one begins.
    """

    key: str
    case: str
    first: int
    last: int
    half_days: int
    schemes: frozenset[str]
    needs: frozenset[tuple[str, str]]
    language: str
    place: Place | None = None
    on_site: bool = True
    certificates: int = 0
    refused: Mapping[str, str] = field(default_factory=dict)
    after: str = ""


def span_mask(start: int, end: int) -> int:
    """Return the days from ``start`` through ``end`` as bits."""
    return (1 << (end + 1)) - (1 << start)


@dataclass(frozen=True)
class Placement:
    """Days and team of an audit; the first of the team leads it."""

    start: int
    end: int
    team: tuple[str, ...]

    @property
    def days(self) -> range:
        return range(self.start, self.end + 1)

    @property
    def mask(self) -> int:
        """The days as bits of a number: what two placements share is one ``&``."""
        return span_mask(self.start, self.end)


Plan = dict[str, Placement]


@dataclass(frozen=True)
class Problem:
    """A period with its working days, audits and people; ``locked`` placements stay as they are."""

    begins: date
    working: tuple[bool, ...]
    tasks: tuple[Task, ...]
    people: tuple[Person, ...]
    locked: Mapping[str, Placement] = field(default_factory=dict)

    @cached_property
    def task(self) -> dict[str, Task]:
        return {task.key: task for task in self.tasks}

    @cached_property
    def person(self) -> dict[str, Person]:
        return {person.key: person for person in self.people}

    @cached_property
    def worked(self) -> list[int]:
        """How many working days lie before each day, one more for the end."""
        counts = [0]
        for works in self.working:
            counts.append(counts[-1] + works)
        return counts

    @cached_property
    def years(self) -> list[int]:
        """The calendar year of each day."""
        return [(self.begins + timedelta(days=n)).year for n in range(len(self.working))]

    @cached_property
    def _working_days(self) -> list[int]:
        return [day for day, works in enumerate(self.working) if works]

    def date(self, day: int) -> date:
        """Return the date of a day."""
        return self.begins + timedelta(days=day)

    def end_of(self, start: int, length: int) -> int | None:
        """Return the last of so many working days from ``start``; None past the period."""
        position = self.worked[start] + length - 1
        return self._working_days[position] if position < len(self._working_days) else None

    def days_in(self, year: int, placed: Placement) -> int:
        """Count the days of a placement in a calendar year."""
        if self.years[placed.start] == self.years[placed.end] == year:
            return placed.end - placed.start + 1
        return sum(self.years[day] == year for day in placed.days)

    def working_days(self, first: int, last: int) -> int:
        """Count the working days from ``first`` through ``last``."""
        return self.worked[last + 1] - self.worked[first]


def length_of(task: Task, size: int) -> int:
    """Return how many working days a team of this size needs: half days make a whole one."""
    return -(-task.half_days // (2 * size))


@lru_cache(maxsize=1 << 16)
def distance(one: Place | None, other: Place | None) -> float:
    """Return kilometres in a straight line on the globe; 0 where a place is not known."""
    if one is None or other is None:
        return 0.0
    lat1, lon1, lat2, lon2 = map(radians, (*one, *other))
    chord = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(chord))


def travel(problem: Problem, task: Task, team) -> int:
    """Return the kilometres of a team, each member there and back once."""
    if not task.on_site:
        return 0
    return round(sum(2 * distance(problem.person[key].home, task.place) for key in team))


def cost(problem: Problem, task: Task, placed: Placement) -> int:
    """Return what a placement costs apart from the load of its people, in kilometres."""
    size = len(placed.team)
    idle = 2 * size * problem.working_days(placed.start, placed.end) - task.half_days
    away = len(placed.days) - problem.working_days(placed.start, placed.end)
    last = min(task.last, len(problem.working) - 1)
    room = problem.working_days(placed.end, last) - 1
    return (
        travel(problem, task, placed.team)
        + IDLE_HALF_DAY * max(0, idle - 1)
        + DAY_OFF_AWAY * away * size
        + CLOSE_TO_THE_END * max(0, ROOM - room)
    )


def load_cost(days: int) -> int:
    """Return what the load of one person costs: each further day more than the one before."""
    return days * days


def loads(problem: Problem, plan: Plan) -> dict[str, int]:
    """Return the days of audits of each person, those planned before included."""
    found = {person.key: person.load for person in problem.people}
    for placed in plan.values():
        for key in placed.team:
            found[key] += problem.working_days(placed.start, placed.end)
    return found


@dataclass(frozen=True, order=True)
class Value:
    """How good a plan is: more audits placed, then less cost."""

    placed: int
    saved: int

    @property
    def cost(self) -> int:
        return -self.saved


def value(problem: Problem, plan: Plan) -> Value:
    """Return the value of a plan; the greater one is better."""
    total = sum(cost(problem, problem.task[key], placed) for key, placed in plan.items())
    total += sum(map(load_cost, loads(problem, plan).values()))
    return Value(len(plan), -total)


@dataclass(frozen=True)
class Figures:
    """A plan in figures that people compare: audits, kilometres, days of the most and least."""

    placed: int
    total: int
    km: int
    most: int
    least: int
    spread: float
    cost: int


def figures(problem: Problem, plan: Plan) -> Figures:
    """Return the figures of a plan; the spread is the standard deviation of the days."""
    found = list(loads(problem, plan).values())
    mean = sum(found) / len(found) if found else 0
    deviation = sqrt(sum((days - mean) ** 2 for days in found) / len(found)) if found else 0
    return Figures(
        placed=len(plan),
        total=len(problem.tasks),
        km=sum(travel(problem, problem.task[key], row.team) for key, row in plan.items()),
        most=max(found, default=0),
        least=min(found, default=0),
        spread=round(deviation, 2),
        cost=value(problem, plan).cost,
    )
