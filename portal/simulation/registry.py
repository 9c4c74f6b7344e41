"""Who knows how to act: for each action of each workflow, what makes its data.

A workflow or an action that nobody has entered here stops the simulation with its name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from foundation.access import IS_SYSTEM
from foundation.workflow import FLOWS, Flow, Transition
from foundation.worksources import SOURCES

Edge = tuple[str, str, str]  # flow, state before, action


class NotNowError(Exception):
    """Nobody would do this at the moment, though they may."""


@dataclass(frozen=True)
class Maker:
    """How somebody takes an action.

    ``make`` gets (world, record, actor), does what comes before the act through the services, and
    returns the data of the act. ``weight`` is how often people choose it where they could choose
    others. ``since`` returns the first day on which anybody would.
    """

    make: Callable[..., dict]
    weight: float
    since: Callable[[Any], date | None] | None


MAKERS: dict[tuple[str, str], Maker] = {}
WORKERS: dict[str, Callable] = {}
PASTIMES: list[Callable] = []
SPOILERS: dict[tuple[str, str], list[Callable]] = {}


def maker(flow: str, *actions: str, weight: float = 1.0, since=None):
    """Register how people take these actions of a workflow."""

    def register(function):
        for action in actions:
            MAKERS[flow, action] = Maker(function, weight, since)
        return function

    return register


def spoiler(flow: str, *actions: str):
    """Register a mistake: gets (world, record, actor, data), returns data that must be refused."""

    def register(function):
        for action in actions:
            SPOILERS.setdefault((flow, action), []).append(function)
        return function

    return register


def worker(label: str):
    """Register what people do with work that is none of a workflow: (world, record, actor)."""

    def register(function):
        WORKERS[label] = function
        return function

    return register


def pastime(function):
    """Register what parties do of themselves, asked once each working day: (world)."""
    PASTIMES.append(function)
    return function


def edges(flow: Flow) -> list[tuple[Edge, Transition]]:
    """Return every way from one state of a workflow to the next, one for each source."""
    return [
        ((flow.name, source, row.action), row) for row in flow.transitions for source in row.sources
    ]


def all_edges() -> dict[Edge, Transition]:
    """Return every way of every workflow."""
    return {edge: row for flow in FLOWS.values() for edge, row in edges(flow)}


def is_human(transition: Transition) -> bool:
    """Tell whether people take it; the portal takes the others by itself."""
    return transition.right.roles != IS_SYSTEM.roles


def lacking() -> list[str]:
    """Name every action and every kind of work that nobody here knows how to do."""
    actions = {
        f"{flow.name}.{row.action}"
        for flow in FLOWS.values()
        for row in flow.transitions
        if is_human(row) and (flow.name, row.action) not in MAKERS
    }
    flows = {flow.model._meta.label_lower for flow in FLOWS.values()}
    work = {f"work on {label}" for label in SOURCES if label not in flows and label not in WORKERS}
    return sorted(actions | work)


def unknown() -> list[str]:
    """Name every maker whose action no workflow has any more."""
    known = {(flow.name, row.action) for flow in FLOWS.values() for row in flow.transitions}
    return sorted(f"{flow}.{action}" for flow, action in MAKERS.keys() - known)
