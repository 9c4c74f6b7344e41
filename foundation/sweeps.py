"""What the calendar brings about: steps that run every night, and all at once on demand.

A step finds in a few statements what has to change, and does each act for itself, so that one
record that fails does not hold up the others. It may run any number of times, and makes up for
nights that were missed.
"""

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from foundation import daily, jobs
from foundation.workflow import WorkflowRefusal

logger = logging.getLogger(__name__)

Progress = Callable[[int], None]


def silent(percent: int) -> None:
    """Report progress to nobody."""


class NotAllDoneError(Exception):
    """Some records could not be dealt with, and are named; all others were."""


class Acts:
    """The acts of one step: each is done for itself, and what failed is named at the end."""

    def __init__(self, progress: Progress = silent):
        self.progress = progress
        self.changed = 0
        self.failed: list[str] = []

    def do(self, rows: Collection, act: Callable[[Any], Any]) -> None:
        """Do the act for each row; one that returns False has changed nothing.

        A refusal means that the record moved meanwhile. Outages of the database are raised.
        """
        for done, row in enumerate(rows):
            self.progress(min(99, 100 * done // len(rows)))
            try:
                self.changed += act(row) is not False
            except WorkflowRefusal:
                continue
            except jobs.OUTAGES:
                raise
            except Exception:
                logger.exception("%s could not be dealt with", _name(row))
                self.failed.append(_name(row))

    def end(self) -> int:
        """Return how many rows were changed. Raises NotAllDoneError."""
        if self.failed:
            raise NotAllDoneError(", ".join(self.failed))
        return self.changed


def _name(row) -> str:
    """Name a row: a record by its key, anything else by what it says of itself."""
    return str(getattr(row, "pk", row))


@dataclass(frozen=True)
class Step:
    """One step, by the name it has on the command line and the job that does it at night."""

    name: str
    kind: str
    run: Callable[[Progress], int]

    @property
    def hour(self) -> int:
        """The hour of the night."""
        return daily.DAILY[self.kind].hour

    @property
    def title(self):
        """What people read about it."""
        return jobs.HANDLERS[self.kind].title


STEPS: dict[str, Step] = {}


def register(name: str, kind: str, run: Callable[[Progress], int]) -> None:
    """Add a step whose daily job is registered; ``run`` returns how many records changed."""
    STEPS[name] = Step(name, kind, run)


def in_order(names: Iterable[str] = ()) -> list[Step]:
    """Return the steps named, or all of them, as the night takes them."""
    wanted = set(names) or STEPS.keys()
    return sorted((STEPS[name] for name in wanted), key=lambda step: (step.hour, step.name))
