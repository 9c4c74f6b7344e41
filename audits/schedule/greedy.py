"""The plan a careful person makes: the most pressing audit first, each where it costs least."""

from audits.schedule.problem import Plan, Problem, Task, cost, load_cost
from audits.schedule.teams import Occupied, Teams, options


def bounds(problem: Problem, plan: Plan, task: Task, followers: dict) -> tuple[int, int] | None:
    """Return the days an audit may take beside the audits before and after it; None for none."""
    first, last = 0, len(problem.working) - 1
    if task.after:
        if task.after not in plan:
            return None
        first = plan[task.after].end + 1
    for key in followers.get(task.key, ()):
        if key in plan:
            last = min(last, plan[key].start - 1)
    return first, last


def followers_of(problem: Problem) -> dict[str, list[str]]:
    """Map each audit to those that have to come after it."""
    found: dict[str, list[str]] = {}
    for task in problem.tasks:
        if task.after:
            found.setdefault(task.after, []).append(task.key)
    return found


def extra(problem: Problem, occupied: Occupied, task: Task, placed) -> int:
    """Return what a placement adds to the cost of a plan, the load of its people included."""
    worked = problem.working_days(placed.start, placed.end)
    more = sum(
        load_cost(occupied.load[key] + worked) - load_cost(occupied.load[key])
        for key in placed.team
    )
    return cost(problem, task, placed) + more


def greedy(problem: Problem, teams: Teams | None = None) -> Plan:
    """Place one audit after another and never look back; locked ones first."""
    teams = teams or Teams(problem)
    plan: Plan = dict(problem.locked)
    occupied = Occupied(problem, plan)
    followers = followers_of(problem)
    for task in _in_order(problem, teams):
        if task.key in plan:
            continue
        span = bounds(problem, plan, task, followers)
        if span is None:
            continue
        found = options(teams, task, occupied, first=span[0], last=span[1])
        best = min(
            found,
            key=lambda placed: (extra(problem, occupied, task, placed), placed.start, placed.team),
            default=None,
        )
        if best is not None:
            plan[task.key] = best
            occupied.take(task, best)
    return plan


def _in_order(problem: Problem, teams: Teams) -> list[Task]:
    """Order audits: those that go before others, then what ends soonest and has fewest teams."""
    depth: dict[str, int] = {}

    def deep(task: Task) -> int:
        if task.key not in depth:
            before = problem.task.get(task.after)
            depth[task.key] = 0
            depth[task.key] = deep(before) + 1 if before else 0
        return depth[task.key]

    last = {task.key: task.last for task in problem.tasks}
    for task in problem.tasks:  # what goes before another one is as pressing
        if task.after in last:
            last[task.after] = min(last[task.after], task.last)
    return sorted(
        problem.tasks,
        key=lambda task: (deep(task), last[task.key], len(teams.of(task)), task.key),
    )
