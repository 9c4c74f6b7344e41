"""The layouts of the files that bodies hand in: columns, codes and facts, as versioned data.

Knows no database. A layout holds from a day on, until a later one of its kind does.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator

from foundation.calendar import add_months
from foundation.models.base import in_language
from schemes.yaml_lines import load

DATA = Path(__file__).resolve().parent / "data" / "layouts"


class LayoutError(Exception):
    """A layout file does not fit its schema; the text says which and where."""


@dataclass(frozen=True)
class Column:
    """One column: the fact that fills it, a constant, or nothing where none is recorded.

    ``needed`` says whether an empty cell is a gap: always, or for rows that rest on an audit.
    ``codes`` turn the fact into what is written; ``write`` a text into upper case without spaces.
    """

    name: str
    title_en: str
    title_zh: str
    fact: str = ""
    constant: str = ""
    needed: str = ""
    write: str = ""
    codes: Mapping[str, str] | None = None
    note: str = ""
    is_constant: bool = False

    @property
    def title(self) -> str:
        """The title in the reader's language."""
        return in_language(self.title_zh, self.title_en)

    @property
    def is_recorded(self) -> bool:
        """Tell whether the portal knows anything of it."""
        return bool(self.fact) or self.is_constant


@dataclass(frozen=True)
class Layout:
    """One edition of a file: its columns, what its rows are, and when it is due."""

    key: str
    kind: str
    title_en: str
    title_zh: str
    valid_from: date
    source: str
    months_after: int
    day: int
    rows: str
    dates: str
    columns: tuple[Column, ...]

    @property
    def title(self) -> str:
        """The title in the reader's language."""
        return in_language(self.title_zh, self.title_en)

    def due_on(self, month: date) -> date:
        """Return the last day for handing in a month; the last one of a shorter month."""
        first = add_months(month.replace(day=1), self.months_after)
        last = add_months(first, 1).toordinal() - 1
        return min(date.fromordinal(first.toordinal() + self.day - 1), date.fromordinal(last))


def read(path: Path) -> Layout:
    """Return the layout of a file. Raises LayoutError."""
    data = load(path)
    problems = list(
        Draft202012Validator(json.loads((DATA / "schema.json").read_text())).iter_errors(data)
    )
    if problems:
        raise LayoutError(f"{path.name}: {problems[0].message} at {list(problems[0].path)}")
    return Layout(
        key=data["key"],
        kind=data["kind"],
        title_en=data["title"]["en"],
        title_zh=data["title"]["zh"],
        valid_from=date.fromisoformat(data["valid_from"]),
        source=data["source"],
        months_after=data["due"]["months_after"],
        day=data["due"]["day"],
        rows=data["rows"],
        dates=data["dates"],
        columns=tuple(_column(row) for row in data["columns"]),
    )


def _column(row: dict) -> Column:
    plain = {
        name: row[name]
        for name in ("name", "fact", "constant", "needed", "write", "note")
        if name in row
    }
    return Column(
        title_en=row["title"]["en"],
        title_zh=row["title"]["zh"],
        codes=dict(row["codes"]) if "codes" in row else None,
        is_constant="constant" in row,
        **plain,
    )


@cache
def all_layouts() -> dict[str, Layout]:
    """Return every layout by its key."""
    found = [read(path) for path in sorted(DATA.glob("*.yaml"))]
    return {layout.key: layout for layout in found}


def layout_for(kind: str, on: date) -> Layout:
    """Return the layout of a kind in force on a day. Raises LookupError before the first."""
    found = [row for row in all_layouts().values() if row.kind == kind and row.valid_from <= on]
    if not found:
        raise LookupError(f"no layout {kind} on {on}")
    return max(found, key=lambda row: row.valid_from)
