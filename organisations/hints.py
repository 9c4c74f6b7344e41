"""What the facts of an organisation call for elsewhere: said on its page by the apps above."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Hint:
    """One thing to do because of the facts registered: what, why, and where."""

    title: Any
    text: Any
    url: str
    action: Any


Source = Callable[[Any, Any], Iterable[Hint]]
SOURCES: list[Source] = []


def source(function: Source) -> Source:
    """Register a function that gets (organisation, actor) and yields hints in few statements."""
    SOURCES.append(function)
    return function


def hints_of(organisation, actor) -> list[Hint]:
    """Return everything that the facts of an organisation call for from this actor."""
    return [hint for function in SOURCES for hint in function(organisation, actor)]
