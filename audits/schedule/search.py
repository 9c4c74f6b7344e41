"""A better plan than the greedy one: parts of it are freed and placed anew by CP-SAT, best wins.

A whole quarter in one model has millions of choices. Each round frees a few dozen audits that
compete (for days, for people, for a place in the plan), lists where each could go, and lets the
solver choose among all combinations. A round is kept when it makes the plan better, so the plan
is never worse than the one it began with.
"""

import random
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from audits.schedule.greedy import extra, followers_of, greedy
from audits.schedule.problem import (
    PLACED,
    Figures,
    Placement,
    Plan,
    Problem,
    Task,
    Value,
    cost,
    figures,
    load_cost,
    value,
)
from audits.schedule.teams import Occupied, Teams, options

FREED = 20
LISTED = 30
# What the solver may do in one round, in its own count of work, which no clock sways.
EFFORT = 0.2


@dataclass(frozen=True)
class Found:
    """A plan, the greedy one it began with, and how long it took."""

    plan: Plan
    first: Plan
    value: Value
    figures: Figures
    greedy: Figures
    rounds: int
    seconds: float


def solve(
    problem: Problem,
    *,
    seed: int = 1,
    rounds: int | None = None,
    seconds: float = 45,
    progress: Callable[[int], bool] = lambda percent: True,
) -> Found:
    """Return the best plan found within so many rounds, or seconds if they end sooner.

    The same problem, seed and rounds give the same plan unless time runs out. ``progress`` is told
    percents and returns False to stop; the best plan until then is returned.
    """
    begun = time.monotonic()
    teams = Teams(problem)
    first = greedy(problem, teams)
    search = Search(problem, teams, first, random.Random(seed))  # noqa: S311 -- no secret
    wanted = rounds if rounds is not None else max(12, len(problem.tasks) // 3)
    done = 0
    while done < wanted and not search.is_done():
        spent = time.monotonic() - begun
        share = max(done / wanted, spent / seconds)
        if spent >= seconds or not progress(round(99 * min(1, share))):
            break
        search.round(done)
        done += 1
    return Found(
        plan=search.best,
        first=first,
        value=value(problem, search.best),
        figures=figures(problem, search.best),
        greedy=figures(problem, first),
        rounds=done,
        seconds=round(time.monotonic() - begun, 2),
    )


class Search:
    """The rounds; ``best`` is the plan so far."""

    def __init__(self, problem: Problem, teams: Teams, first: Plan, chance: random.Random):
        self.problem, self.teams, self.chance = problem, teams, chance
        self.best = dict(first)
        self.value = value(problem, first)
        self.followers = followers_of(problem)
        self.free = [task for task in problem.tasks if task.key not in problem.locked]

    def is_done(self) -> bool:
        """Tell whether nothing is left to decide."""
        return not any(self.teams.of(task) for task in self.free)

    def round(self, number: int) -> bool:
        """Free some audits and place them anew; return whether the plan became better."""
        freed = self._freed(number)
        kept = {key: row for key, row in self.best.items() if key not in freed}
        part = Part(self, kept, freed)
        plan = part.solve(self.chance.randrange(1 << 30))
        found = value(self.problem, plan)
        if found <= self.value:
            return False
        self.best, self.value = plan, found
        return True

    def _freed(self, number: int) -> set[str]:
        """Choose audits that compete: about one not placed, of some people, or of some weeks."""
        missing = [task for task in self.free if task.key not in self.best and self.teams.of(task)]
        if missing and number % 2 == 0:
            return self._about(self.chance.choice(missing))
        if number % 3 == 0:
            return self._of_people()
        return self._about(self.chance.choice(self.free))

    def _about(self, task: Task) -> set[str]:
        """An audit, and those placed in its window that share most people with it."""
        people = {key for team in self.teams.of(task) for key in team.members}
        near = []
        for other in self.free:
            placed = self.best.get(other.key)
            if other.key == task.key:
                continue
            if placed is None:
                shared = {key for team in self.teams.of(other) for key in team.members} & people
                weight = 0.6 * bool(shared)
            elif placed.end < task.first - 5 or placed.start > task.last + 5:
                continue
            else:
                weight = len(people.intersection(placed.team))
            near.append((weight + self.chance.random(), other.key))
        near.sort(reverse=True)
        return self._with_its_own({task.key} | {key for _weight, key in near[: FREED - 1]})

    def _of_people(self) -> set[str]:
        """The audits of some people with much to do and of some with little."""
        load = Occupied(self.problem, self.best).load
        order = sorted(load, key=lambda key: (load[key] + self.chance.random() * 8, key))
        chosen = set(order[:6] + order[-6:])
        keys = [
            task.key
            for task in self.free
            if (placed := self.best.get(task.key)) and chosen.intersection(placed.team)
        ]
        self.chance.shuffle(keys)
        return self._with_its_own(set(keys[:FREED]))

    def _with_its_own(self, freed: set[str]) -> set[str]:
        """Add what comes before and after the audits chosen, so that pairs move together."""
        open_ones = {task.key for task in self.free}
        more = {self.problem.task[key].after for key in freed}
        more |= {name for key in freed for name in self.followers.get(key, ())}
        return freed | (more & open_ones)


class Part:
    """Some audits to be placed beside a plan that stays."""

    def __init__(self, search: Search, kept: Plan, freed):
        self.problem, self.kept, self.present = search.problem, kept, search.best
        self.freed = sorted(freed)
        self.occupied = Occupied(self.problem, kept)
        self.listed = {key: self._list(search.teams, key, search.followers) for key in self.freed}

    def _list(self, teams, key: str, followers) -> list[Placement]:
        """List where an audit could go: the cheapest, and where it is now."""
        task = self.problem.task[key]
        first, last = 0, len(self.problem.working) - 1
        if task.after and task.after not in self.freed:
            if task.after not in self.kept:
                return []
            first = self.kept[task.after].end + 1
        around = {name: self.kept[name] for name in followers.get(key, ()) if name in self.kept}
        if around:
            last = min(row.start for row in around.values()) - 1
        rows = list(options(teams, task, self.occupied, first=first, last=last))
        rows.sort(
            key=lambda row: (extra(self.problem, self.occupied, task, row), row.start, row.team)
        )
        now = self.present.get(key)
        found = _spread(rows)
        return found if now is None or now in found else [*found, now]

    def solve(self, seed: int) -> Plan:
        """Return the plan with the freed audits placed as well as the solver can."""
        from ortools.sat.python import cp_model  # noqa: PLC0415 -- large; only who solves needs it

        model = cp_model.CpModel()
        chosen = {
            (key, index): model.new_bool_var("")
            for key in self.freed
            for index in range(len(self.listed[key]))
        }
        for key in self.freed:
            model.add_at_most_one(chosen[key, n] for n in range(len(self.listed[key])))
        self._nobody_twice(model, chosen)
        self._caps(model, chosen)
        self._order(model, chosen)
        gain = [
            (PLACED - cost(self.problem, self.problem.task[key], self.listed[key][n])) * pick
            for (key, n), pick in chosen.items()
        ]
        model.maximize(sum(gain) - sum(self._even(model, chosen)))
        for (key, n), pick in chosen.items():
            model.add_hint(pick, self.listed[key][n] == self.present.get(key))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = seed
        solver.parameters.max_deterministic_time = EFFORT
        solver.parameters.relative_gap_limit = 1e-6
        status = solver.solve(model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return dict(self.present)
        placed = {
            key: self.listed[key][n] for (key, n), pick in chosen.items() if solver.value(pick)
        }
        return {**self.kept, **placed}

    def _each(self, chosen):
        for (key, n), pick in chosen.items():
            yield self.problem.task[key], self.listed[key][n], pick

    def _nobody_twice(self, model, chosen) -> None:
        days = defaultdict(list)
        for _task, row, pick in self._each(chosen):
            for person in row.team:
                for day in row.days:
                    days[person, day].append(pick)
        for picks in days.values():
            if len(picks) > 1:
                model.add_at_most_one(picks)

    def _caps(self, model, chosen) -> None:
        """Days on site in a year, and certificates, of everybody who has a limit."""
        on_site, cases = defaultdict(list), defaultdict(lambda: defaultdict(list))
        for task, row, pick in self._each(chosen):
            for name in row.team:
                person = self.problem.person[name]
                if task.on_site:
                    for year in person.on_site:
                        days = self.problem.days_in(year, row)
                        if days:
                            on_site[name, year].append(days * pick)
                new = task.certificates and task.case not in person.cases
                if new and person.certificates is not None:
                    cases[name][task.case].append((task.certificates, pick))
        for (name, year), parts in on_site.items():
            left = self.problem.person[name].on_site[year] - self.occupied.on_site[name, year]
            model.add(sum(parts) <= left)
        for name, found in cases.items():
            self._certificates(model, name, found)

    def _certificates(self, model, name, found) -> None:
        """A case counts once for a person, with the most of its audits."""
        parts = []
        for case, picks in found.items():
            kept = max(self.occupied.cases[name][case], default=0)
            most = max(number for number, _pick in picks)
            counted = model.new_int_var(kept, max(kept, most), "")
            for number, pick in picks:
                model.add(counted >= number * pick)
            parts.append(counted - kept)
        left = self.problem.person[name].certificates - self.occupied.certificates(name)
        model.add(sum(parts) <= left)

    def _order(self, model, chosen) -> None:
        """What comes after another audit begins when that one is over, and not without it."""
        for key in self.freed:
            before = self.problem.task[key].after
            if before not in self.listed:
                continue
            later = [chosen[key, n] for n in range(len(self.listed[key]))]
            earlier = [chosen[before, n] for n in range(len(self.listed[before]))]
            model.add(sum(later) <= sum(earlier))
            for n, row in enumerate(self.listed[key]):
                early = [
                    chosen[before, m]
                    for m, other in enumerate(self.listed[before])
                    if other.end < row.start
                ]
                model.add(sum(early) >= chosen[key, n])

    def _even(self, model, chosen):
        """Yield what the load of each person costs: a square, drawn by its chords."""
        days = defaultdict(list)
        for _task, row, pick in self._each(chosen):
            worked = self.problem.working_days(row.start, row.end)
            for name in row.team:
                days[name].append((row.days, worked, pick))
        for name, parts in days.items():
            base = self.occupied.load[name]
            free = sum(self.problem.working) - base
            most = base + max(0, min(sum(worked for _days, worked, _pick in parts), free))
            load = model.new_int_var(base, max(base, most), "")
            model.add(load == base + sum(worked * pick for _days, worked, pick in parts))
            price = model.new_int_var(load_cost(base), load_cost(max(base, most)), "")
            for level in range(base, most):
                model.add(price >= (2 * level + 1) * load - level * (level + 1))
            yield price


def _spread(rows: list[Placement]) -> list[Placement]:
    """Keep the cheapest placements, not all of one team and not all of one day."""
    found, teams, days = [], defaultdict(int), defaultdict(int)
    for row in rows:
        if teams[row.team] >= LISTED // 4 or days[row.start] >= LISTED // 4:
            continue
        teams[row.team] += 1
        days[row.start] += 1
        found.append(row)
        if len(found) == LISTED:
            break
    return found
