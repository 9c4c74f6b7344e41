"""The figures of a body as tables with charts, in the reader's language."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from certification.enums import AuditKind, CertificateStatus
from foundation.formatting import money

# Pixels of a chart: each bar stands below its words, so that both fit any width.
LINE, WORDS, BAR = 46, 15, 22
# So many bars are drawn; the table has all rows.
MOST = 12


@dataclass(frozen=True)
class Cell:
    """A value, and how it reads; a number stands on the right."""

    value: Any
    text: str = ""
    is_number: bool = False

    def __str__(self):
        return self.text or str(self.value)


@dataclass(frozen=True)
class Bar:
    """One bar of a chart: its words, and how far it reaches in per cent of the longest."""

    label: str
    text: str
    place: int
    percent: int

    @property
    def words_at(self) -> int:
        """Where its words stand."""
        return self.place * LINE + WORDS

    @property
    def top(self) -> int:
        """Where it begins."""
        return self.place * LINE + BAR


@dataclass(frozen=True)
class Table:
    """One figure: its table, which is the truth, and its chart."""

    name: str
    title: str
    what: str
    header: list[str]
    rows: list[list[Cell]]
    bars: list[Bar]
    left: int = 0

    @property
    def heads(self) -> list[tuple[str, bool]]:
        """The titles of the columns, and whether numbers stand below."""
        numbers = [cell.is_number for cell in self.rows[0]] if self.rows else []
        return list(zip(self.header, numbers or [False] * len(self.header), strict=True))

    @property
    def lines(self) -> list[list[tuple[Cell, str]]]:
        """The rows, each cell with the title of its column, which a phone shows beside it."""
        return [list(zip(row, self.header, strict=True)) for row in self.rows]

    @property
    def height(self) -> int:
        """The height of the chart."""
        return LINE * len(self.bars)


def tables_of(content: dict) -> list[Table]:
    """Return the tables of what was counted."""
    return [build(content[name]) for name, build in TABLES.items()]


def _number(value, text="") -> Cell:
    return Cell(value, text, is_number=True)


def _table(name, words, header, rows, values) -> Table:
    """Build a table; ``words`` are title and meaning, ``values`` (label, number, text) of bars."""
    shown = values[:MOST]
    most = max([number for _label, number, _text in shown], default=0) or 1
    bars = [
        Bar(label, text, place, round(100 * float(number) / float(most)))
        for place, (label, number, text) in enumerate(shown)
    ]
    return Table(name, *words, header, rows, bars, len(values) - len(shown))


def _share(row) -> int | None:
    return row["on_time"] * 100 // row["count"] if row["count"] else None


def _on_time(found) -> Table:
    names = {"review": _("Review of applications"), "report": _("Monthly reports")}
    names |= {kind.value: kind.label for kind in AuditKind}
    rows, values = [], []
    for row in found:
        share = _share(row)
        text = f"{share} %" if share is not None else "–"
        shown = _number("" if share is None else share, text)
        step = Cell(str(names[row["step"]]))
        rows.append([step, _number(row["on_time"]), _number(row["count"]), shown])
        if share is not None:
            values.append((str(names[row["step"]]), share, text))
    header = [_("Step"), _("On time"), _("Due"), _("Share in %")]
    what = _("Of all that was due in the year and is done or late: what was done within its limit.")
    return _table("on_time", (_("On time"), what), header, rows, values)


def _load(found) -> Table:
    rows, planned = [], Counter()
    for row in found:
        rows.append([Cell(row["person"]), _number(row["month"]), _number(row["planned"]),
                     _number(row["held"])])  # fmt: skip
        planned[row["person"]] += row["planned"]
    values = [(name, days, str(days)) for name, days in planned.most_common()]
    header = [_("Auditor"), _("Month"), _("Days planned"), _("Days held")]
    what = _("Days of audits with an agreed or proposed team; the chart adds up the year.")
    return _table("load", (_("Load of the auditors"), what), header, rows, values)


def _findings(found) -> Table:
    rows = [
        [Cell(row["edition"]), Cell(row["clause"]), _number(row["major"]), _number(row["minor"])]
        for row in found
    ]
    values = [
        (f"{row['edition']} {row['clause']}", row["major"] + row["minor"],
         _("%(major)s major, %(minor)s minor") % row)
        for row in found
    ]  # fmt: skip
    header = [_("Standard"), _("Clause"), _("Major"), _("Minor")]
    what = _("Nonconformities shown to enterprises in the year, by the clause they are against.")
    return _table("findings", (_("Nonconformities by clause"), what), header, rows, values)


def _revenue(found) -> Table:
    rows, values = [], []
    for row in found:
        total = Decimal(row["total"])
        text = money(total, row["currency"])
        rows.append([_number(row["month"]), Cell(row["currency"]), _number(row["contracts"]),
                     _number(total, text)])  # fmt: skip
        values.append((_("Month %(month)s") % row, total, text))
    header = [_("Month"), _("Currency"), _("Contracts"), _("Total")]
    what = _("Offers signed in the month, with their whole total.")
    return _table("revenue", (_("Revenue by month"), what), header, rows, values)


def _certificates(found) -> Table:
    rows, by_scheme = [], defaultdict(Counter)
    for row in found:
        status = str(CertificateStatus(row["status"]).label)
        rows.append([Cell(row["scheme"]), Cell(status), _number(row["count"])])
        by_scheme[row["scheme"]][row["status"]] += row["count"]
    values = [
        (scheme, sum(counts.values()),
         _("%(all)s, %(valid)s valid") % {"all": sum(counts.values()), "valid": counts["valid"]})
        for scheme, counts in by_scheme.items()
    ]  # fmt: skip
    header = [_("Scheme"), _("Status"), _("Certificates")]
    what = _("All certificates ever issued, as they stood when this was counted.")
    return _table("certificates", (_("Certificates"), what), header, rows, values)


TABLES = {
    "on_time": _on_time,
    "load": _load,
    "findings": _findings,
    "revenue": _revenue,
    "certificates": _certificates,
}
