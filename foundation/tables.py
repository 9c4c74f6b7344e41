"""Columns of a list page: what a cell shows, and whether the list can be sorted by it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

DESCENDING = "-"


@dataclass(frozen=True)
class Column:
    """One column of a data table.

    A cell shows ``template`` rendered with ``item``, what the function ``write`` returns for the
    row, which is the quickest, or the attribute ``field`` of the row.
    ``sort`` is the value of the ``sort`` parameter that orders the list by this column;
    ``main`` marks the cell that heads a row on a phone, ``bare`` one that needs no label there.
    """

    label: Any
    field: str = ""
    template: str = ""
    write: Callable[[Any], Any] | None = None
    sort: str = ""
    main: bool = False
    bare: bool = False
    number: bool = False


def sort_link(column: Column, query) -> tuple[str, str]:
    """Return (address that sorts by the column, its present ``aria-sort`` value or empty).

    ``query`` is request.GET; a second press turns the order round and the page number is dropped.
    """
    current = query.get("sort", "")
    chosen = current.removeprefix(DESCENDING) == column.sort
    descending = current.startswith(DESCENDING)
    state = ("descending" if descending else "ascending") if chosen else ""
    following = f"{DESCENDING}{column.sort}" if state == "ascending" else column.sort
    return with_query(query, sort=following, page=None), state


def with_query(query, **changes) -> str:
    """Return ``?…`` for the present query with some parameters changed; None drops one."""
    pairs = [
        (key, value) for key, values in query.lists() if key not in changes for value in values
    ]
    pairs += [(key, value) for key, value in changes.items() if value is not None]
    return f"?{urlencode(pairs)}"
