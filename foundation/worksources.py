"""Where work comes from: what a kind of record can wait for, declared once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from foundation.access import Right


@dataclass(frozen=True)
class Task:
    """One thing a record waits for: whom the right lets act, what a queue calls it."""

    action: str
    right: Right
    title: Any
    explain: Any = ""


@dataclass(frozen=True)
class Source:
    """A kind of record that people work on.

    ``candidates()`` gives the primary keys of all rows that may wait for somebody, ``of_thread``
    those of one story besides the ones already queued; ``load(keys)`` the rows with all that
    their rights ask; ``tasks(row)`` what the row waits for now, most wanted first; ``state(row)``
    its status; ``task(status, action)``, ``label(status)`` and ``tag(status)`` how that reads.
    ``steps()`` are all tasks there can be.
    """

    name: str
    label_lower: str
    candidates: Callable[[], Iterable]
    load: Callable[[Iterable], Iterable]
    tasks: Callable[[Any], Iterable[Task]]
    steps: Callable[[], Iterable[Task]]
    task: Callable[[str, str], Task]
    state: Callable[[Any], str]
    label: Callable[[str], Any]
    tag: Callable[[str], str]
    of_thread: Callable[[Any], Iterable] | None = None

    @property
    def roles(self) -> frozenset[str]:
        """All roles that can pass any of the rights."""
        return frozenset().union(*(task.right.roles for task in self.steps()))


SOURCES: dict[str, Source] = {}


def register(source: Source) -> None:
    """Make a kind of record a source of work."""
    SOURCES[source.label_lower] = source
