"""Look at what a day changed, or at everything, and ask every invariant."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from certification.models import Case
from foundation.models import JournalChain, JournalEntry
from portal.simulation.registry import all_edges

# Everything is looked at once in so many days, and at the end.
WHOLE = 91


@dataclass(frozen=True)
class Broken:
    """Where an invariant does not hold: the record, and what is the matter."""

    record: Any
    text: str


@dataclass(frozen=True)
class Invariant:
    """What always holds. ``find`` yields where it does not; ``daily`` ones are asked each day."""

    name: str
    find: Callable[["Look"], Iterable[Broken]]
    daily: bool


INVARIANTS: list[Invariant] = []


def invariant(name: str, *, daily: bool = True):
    """Register an invariant; its name is a sentence that says what holds."""

    def register(function):
        INVARIANTS.append(Invariant(name, function, daily))
        return function

    return register


@dataclass
class Memory:
    """What the watch knows from the journal alone, entry by entry."""

    heads: dict[str, int] = field(default_factory=dict)
    states: dict[Any, str] = field(default_factory=dict)
    broken_steps: list = field(default_factory=list)


@dataclass
class Look:
    """One look at the world: what was journaled since the last one; ``whole`` takes all rows."""

    today: Any
    memory: Memory
    entries: list[JournalEntry]
    whole: bool = False

    @cached_property
    def verbs(self) -> set[str]:
        return {entry.verb for entry in self.entries}

    @cached_property
    def cases(self) -> set:
        """The keys of all cases in whose story something happened."""
        threads = {entry.thread for entry in self.entries}
        return set(Case.objects.filter(thread__in=threads).values_list("pk", flat=True))

    def rows(self, model, path: str = "case"):
        """Return the rows of a model in the cases concerned; ``path`` leads to the case."""
        rows = model._base_manager.all()
        return rows if self.whole else rows.filter(**{f"{path}__in": self.cases})

    def did(self, *verbs: str) -> bool:
        """Tell whether one of these was journaled, or whether everything is looked at."""
        return self.whole or bool(self.verbs & set(verbs))


class Watch:
    """Asks the invariants for a world."""

    def __init__(self, world):
        self.world, self.memory = world, Memory()
        self._last = 0

    def day(self) -> None:
        """Look at what changed today; now and then at everything."""
        self._last += 1
        self._look(whole=self._last % WHOLE == 0)

    def everything(self) -> None:
        """Look at all there is."""
        self._look(whole=True)

    def _look(self, *, whole: bool) -> None:
        look = Look(self.world.clock.day, self.memory, self._new_entries(), whole)
        # The portal goes ways too, those of the night and what follows from an act.
        gone = {
            (flow, entry.before, action)
            for entry in look.entries
            for flow, _dot, action in [entry.verb.partition(".")]
        }
        self.world.taken |= gone & all_edges().keys()
        for one in INVARIANTS:
            if whole or one.daily:
                for broken in one.find(look):
                    self.world.fault(one.name, broken.record, broken.text)
        self.memory.heads = dict(JournalChain.objects.values_list("name", "number"))

    def _new_entries(self) -> list[JournalEntry]:
        found = []
        for name, number in JournalChain.objects.order_by("name").values_list("name", "number"):
            seen = self.memory.heads.get(name, 0)
            if number > seen:
                rows = JournalEntry.objects.filter(chain=name, number__gt=seen)
                found += rows.order_by("number")
        return found
