"""The world of a simulation: who lives in it, what was done, what was found wrong."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from time import perf_counter

from django.utils import timezone

from foundation import jobs
from foundation.models import JournalEntry, WorkItem
from foundation.workflow import FLOW_OF, FLOWS
from foundation.worksources import SOURCES
from organisations.actors import crews_of
from portal.simulation import invariants as _invariants  # noqa: F401 -- registers what must hold
from portal.simulation import makers as _makers  # noqa: F401 -- registers what people do
from portal.simulation.acting import DONE, LATER, Acting, allowed, crew_of, flow_of
from portal.simulation.chance import Chance
from portal.simulation.clock import EVENING, MORNING, Clock
from portal.simulation.parties import Cast
from portal.simulation.registry import (
    MAKERS,
    PASTIMES,
    WORKERS,
    NotNowError,
    all_edges,
    is_human,
    lacking,
)
from portal.simulation.watch import Watch

# Simulations begin under the Chinese rules of 2026.
START = date(2026, 1, 5)
# Days somebody usually lets a piece of work lie, and how often it is forgotten for long.
USUAL = 3
_FORGOTTEN, _LONG = 0.02, (25, 90)
# How many ways that nobody went are tried on a day, each with so many records at most.
_NEW_WAYS, _RECORDS = 5, 3
_LINES = 6
MOST_FAULTS = 20


@dataclass
class Fault:
    """An invariant that did not hold: when, for which record, and what was journaled of it last."""

    day: date
    invariant: str
    record: str
    text: str
    lines: list[str] = field(default_factory=list)

    def __str__(self):
        told = "".join(f"\n    {line}" for line in self.lines)
        return f"{self.day}: {self.invariant}\n  {self.record}: {self.text}{told}"


class BrokenError(Exception):
    """So many faults that going on shows nothing more."""


class World(Acting):
    """Parties, their plans, the clock, and the count of what happened."""

    def __init__(self, *, seed: int, cast: Cast, clock: Clock, chance: Chance, pace: float = USUAL):
        self.seed, self.clock, self.chance, self.pace = seed, clock, chance, pace
        self.cast = cast
        self.desks, self.spare, self.clients = cast.desks, cast.spare, cast.clients
        self.manuals, self.bodies = cast.manuals, len(cast.desks) + 1
        self._client_of = {client.organisation.pk: client for client in self.clients}
        self.applies_on = {
            client.organisation.pk: clock.day + timedelta(days=chance.randint(1, self._spread()))
            for client in self.clients
        }
        self.taken: set = set()
        self.faults: list[Fault] = []
        self.acts = self.refused = self.mistakes = self.days = 0
        self.seconds = Counter()
        self._plans: dict = {}
        self._once: dict = {}
        self.strangers = self._strangers()
        self.watch = Watch(self)
        if unknown := lacking():
            names = ", ".join(unknown)
            raise LookupError(
                f"Nobody in the simulation knows how to take: {names}. Add a maker for each in "
                "portal/simulation/makers (docs/simulation.md)."
            )

    def _spread(self) -> int:
        """Return over how many days the enterprises come: the more, the longer."""
        return min(4 * len(self.clients), 540)

    def _strangers(self) -> list:
        """Return people of an enterprise and a body who have no part in most records."""
        parties = {self.clients[-1].organisation.pk, self.spare.organisation.pk}
        return [actor for crew in crews_of(parties).values() for actor in crew]

    def client_of(self, key):
        """Return an enterprise by its key."""
        return self._client_of[key]

    def once(self, key, choose):
        """Return what was chosen for something when it was asked first."""
        if key not in self._once:
            self._once[key] = choose()
        return self._once[key]

    def tick(self) -> None:
        self.clock.tick()

    # A day

    def play(self, until: date, tell=lambda day: None) -> None:
        """Play day after day up to one; stops early when too much is wrong."""
        try:
            while self.clock.day < until:
                self.one_day()
                tell(self.clock.day)
                self.clock.next_day()
            self.clock.go(MORNING)
            self.watch.everything()
        except BrokenError:
            return

    def one_day(self) -> None:
        """Play one day: the night, the work of the people, the check."""
        with self._timed("night"):
            self.clock.night()
        if self.clock.is_working_day:
            self.clock.go(MORNING)
            with self._timed("people"):
                for pastime in PASTIMES:
                    pastime(self)
                self._work_off()
                self._explore()
        self.clock.go(EVENING)
        with self._timed("jobs"):
            jobs.run_due()
        with self._timed("checks"):
            self.watch.day()
        self.days += 1

    def _timed(self, what: str):
        return _Timer(self.seconds, what)

    def _work_off(self) -> None:
        """Let people do what waits for them, each piece on the day somebody gets to it."""
        today = timezone.localdate()
        waiting = defaultdict(set)
        rows = WorkItem.objects.open(today).order_by("since", "subject_type", "subject_id")
        for label, key, action, status in rows.values_list(
            "subject_type", "subject_id", "action", "status"
        ):
            waiting[label, key, status].add(action)
        self._plans = {key: day for key, day in self._plans.items() if key in waiting}
        for key, actions in waiting.items():
            if key not in self._plans:
                self._plans[key] = today + timedelta(days=self._delay())
            if self._plans[key] <= today:
                self._plans[key] = today + timedelta(days=self._get_to(key, actions))

    def _delay(self) -> int:
        if self.chance.happens(_FORGOTTEN):
            return self.chance.randint(*_LONG)
        return self.chance.days(self.pace)

    def _get_to(self, key, actions) -> int:
        """Let somebody take up a piece of work; return in how many days somebody looks again."""
        label, pk, _status = key
        if label in WORKERS:
            return self._do_other(label, pk)
        obj = FLOW_OF[label].model._base_manager.filter(pk=pk).first()
        if obj is None:
            return 1
        day = self._first_day(obj, actions)
        if day is not None and day > timezone.localdate() and not self.chance.happens(0.01):
            return (day - timezone.localdate()).days
        return 1 if self.turn(obj, only=frozenset(actions)) == DONE else self.chance.randint(1, 9)

    def _do_other(self, label, pk) -> int:
        self.tick()
        obj = next(iter(SOURCES[label].load([pk])), None)
        if obj is None:
            return 1
        (task, *_rest) = SOURCES[label].tasks(obj)
        actors = [actor for actor in crew_of(obj) if task.right(actor, obj)]
        if not actors:
            return 5
        try:
            WORKERS[label](self, obj, self.chance.choice(actors).as_confirmed())
        except NotNowError:
            return self.chance.randint(2, 6)
        self.acts += 1
        return 1

    def _first_day(self, obj, actions) -> date | None:
        flow = flow_of(obj)
        days = [
            maker.since(obj)
            for action in actions
            if (maker := MAKERS.get((flow.name, action))) and maker.since
        ]
        return min((day for day in days if day), default=None)

    def _explore(self) -> None:
        """Do what nobody waits for: a few records at random, and ways that nobody went yet."""
        for _n in range(1 + len(self.clients) // 60):
            flow = self.chance.weighed([FLOWS[name] for name in _WHIMS], list(_WHIMS.values()))
            states = sorted(
                {source for row in flow.transitions if is_human(row) for source in row.sources}
            )
            self._somewhere(flow, states)
        if self.curiosity:
            left = sorted(
                edge
                for edge, row in all_edges().items()
                if is_human(row) and edge not in self.taken
            )
            for name, status, action in self.chance.sample(left, min(_NEW_WAYS, len(left))):
                for _n in range(_RECORDS):
                    if self._somewhere(FLOWS[name], [status], action) in (None, DONE):
                        break

    def _somewhere(self, flow, states, action="") -> str | None:
        """Let somebody do something, or a certain thing, with a record in one of these states."""
        rows = flow.model._base_manager.filter(**{f"{flow.status_field}__in": states})
        keys = list(rows.order_by("-created_at", "pk").values_list("pk", flat=True)[:200])
        if not keys:
            return None
        obj = flow.model._base_manager.get(pk=self.chance.choice(keys))
        if not action:
            return self.turn(obj) if getattr(obj, "is_open", True) else None
        return self.insist(obj, action)

    def insist(self, obj, action: str) -> str:
        """Let anybody who may do one thing with a record, if somebody may."""
        flow = flow_of(obj)
        row = flow.find(flow.status_of(obj), action)
        actors = allowed(row, obj, crew_of(obj))
        return self.act(obj, action, self.whoever(actors)) if actors else LATER

    # What is wrong

    def fault(self, invariant: str, obj, text: str) -> None:
        """Keep that an invariant does not hold, with the last lines of the journal."""
        record, lines = str(obj), []
        if hasattr(obj, "_meta"):
            record = f"{obj._meta.label_lower} {obj.pk} ({obj})"
            rows = JournalEntry.objects.filter(subject_id=obj.pk).order_by("-at", "-number")
            lines = [
                f"{row.at:%Y-%m-%d %H:%M} {row.verb} {row.before}→{row.after} {row.user_name}"
                for row in rows[:_LINES]
            ]
        if any(one.invariant == invariant and one.record == record for one in self.faults):
            return
        self.faults.append(Fault(self.clock.day, invariant, record, text, lines))
        if len(self.faults) >= MOST_FAULTS:
            raise BrokenError

    def crashed(self, obj, what: str, trace: str) -> None:
        """Keep that an act ended in an error that is no refusal."""
        self.fault("every refusal is in words", obj, f"{what} ended with an error:\n{trace}")


# How often people act on records of a workflow without being asked.
_WHIMS = {
    "certificate": 5,
    "evaluation": 6,
    "application": 1,
    "audit": 1,
    "finding": 1,
    "body": 0.2,
}


class _Timer:
    def __init__(self, kept: Counter, what: str):
        self.kept, self.what = kept, what

    def __enter__(self):
        self.begin = perf_counter()

    def __exit__(self, *error):
        self.kept[self.what] += perf_counter() - self.begin
