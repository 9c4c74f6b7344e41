"""How a row with a validity stands today, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foundation.formatting import day
from schemes.models import TechnicalArea

# How long before its end a validity is pointed out, and how long after it, in calendar days.
NOTICE = timedelta(days=90)
_RUN = 3


@dataclass(frozen=True)
class Standing:
    """A state for people: the kind of its status tag, its word, and whether it wants attention."""

    kind: str
    label: str
    warns: bool = False


@dataclass(frozen=True)
class Line:
    """An approval or a competence as a list shows it."""

    row: Any
    areas: str
    standing: Standing


def standing(first: date, last: date | None, today: date) -> Standing:
    """Say how a validity from ``first`` through ``last`` stands; without ``last`` it is open."""
    if last is not None and last < today:
        return Standing("expired", _("Ended"), warns=True)
    if first > today:
        return Standing("info", _("From %(date)s") % {"date": day(first)})
    if last is None or last - today > NOTICE:
        return Standing("valid", _("In force"))
    left = (last - today).days
    if not left:
        return Standing("waiting", _("Ends today"), warns=True)
    words = ngettext("Ends in %(count)s day", "Ends in %(count)s days", left) % {"count": left}
    return Standing("waiting", words, warns=True)


def area_ranges(areas: Iterable[TechnicalArea]) -> str:
    """Write areas by their codes, neighbours of the catalogue together: ``1–10, 12, 17–19``."""
    runs: list[list[TechnicalArea]] = []
    for area in sorted(areas, key=lambda area: area.position):
        if runs and runs[-1][-1].position + 1 == area.position:
            runs[-1].append(area)
        else:
            runs.append([area])
    return ", ".join(_run(run) for run in runs)


def _run(run: list[TechnicalArea]) -> str:
    if len(run) < _RUN:
        return ", ".join(area.code for area in run)
    return f"{run[0].code}–{run[-1].code}"
