"""The doctor: checks that the records, the files and the jobs agree with each other.

Each app declares its own in ``doctor``; ``manage.py doctor`` runs them all. A check reads whole
tables in a few statements and changes nothing; a finding names the record and the cure, and
carries a repair where one is safe.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models

from foundation import heartbeats, postgresql
from foundation.models.base import subject_type

ERROR = "error"
WARNING = "warning"
# How many faults the status page shows; the command shows all.
REMEMBERED = 20


@dataclass
class Finding:
    """One thing that is wrong: in plain words, about which record, and what cures it.

    A warning is what passes by itself when the portal runs (work that waits, an upload being
    stored). ``repair`` cures it without losing anything; without one a person decides.
    """

    text: str
    cure: str
    record: str = ""
    level: str = ERROR
    repair: Callable[[], object] | None = None
    repaired: bool = False


@dataclass(frozen=True)
class Check:
    """A question to the whole installation. ``slow`` ones read every stored byte.

    When an ``essential`` one finds something, the others are not asked: they would stumble.
    An ``operating`` one is about the installation at work (jobs that are late, a scanner that is
    away), not about whether its records fit together.
    """

    name: str
    meaning: Any
    find: Callable[[], Iterable[Finding]]
    slow: bool = False
    essential: bool = False
    operating: bool = False


@dataclass
class Result:
    """What a check found, and how long it took in seconds."""

    check: Check
    findings: list[Finding]
    seconds: float


CHECKS: dict[str, Check] = {}


@dataclass
class Report:
    """All results of one examination."""

    results: list[Result] = field(default_factory=list)

    def findings(self, level: str | None = None) -> list[tuple[Check, Finding]]:
        """Return what was found and not repaired, with its check."""
        return [
            (result.check, finding)
            for result in self.results
            for finding in result.findings
            if not finding.repaired and level in (None, finding.level)
        ]

    def is_sound(self, *, strict: bool = False) -> bool:
        """Tell whether nothing is wrong; ``strict`` counts warnings too."""
        return not self.findings(None if strict else ERROR)


def check(name: str, meaning, *, slow=False, essential=False, operating=False):
    """Register a function that yields findings. ``meaning`` says what holds when it finds none."""

    def register(function):
        CHECKS[name] = Check(name, meaning, function, slow, essential, operating)
        return function

    return register


def name_of(obj: models.Model) -> str:
    """Return how findings name a row: its kind and its key, as the address in the admin does."""
    return f"{subject_type(obj)} {obj.pk}"


@contextmanager
def one_moment() -> Iterator[None]:
    """Let all checks see the database as it is at one moment, while others go on writing."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with postgresql.one_moment():
            yield
    else:
        with connection.cursor() as cursor:
            # Not atomic(): that would take the lock of those who write.
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def examine(*, quick: bool = False, repair: bool = False) -> Report:
    """Run every check; with ``repair`` cure what may be cured and look again.

    ``quick`` leaves out the checks that read every stored file.
    """
    report = _look(quick)
    if not repair:
        return report
    cures = [finding.repair for _check, finding in report.findings() if finding.repair]
    for cure in dict.fromkeys(cures):
        cure()
    after = _look(quick)
    ill = {(check.name, finding.record) for check, finding in after.findings()}
    for result, before in zip(after.results, report.results, strict=False):
        for finding in before.findings:
            finding.repaired = (
                finding.repair is not None and (before.check.name, finding.record) not in ill
            )
        result.findings += [finding for finding in before.findings if finding.repaired]
    return after


def _look(quick: bool) -> Report:
    report = Report()
    chosen = sorted(CHECKS.values(), key=lambda check: (not check.essential, check.name))
    for essential in (True, False):
        with one_moment():
            for found in chosen:
                if found.essential is essential and not (quick and found.slow):
                    begin = time.monotonic()
                    findings = list(found.find())
                    report.results.append(Result(found, findings, time.monotonic() - begin))
        if not report.is_sound():
            break
    return report


def remember(report: Report) -> None:
    """Keep how many faults there are, and the first of them, for the status page."""
    faults = report.findings(ERROR)
    told = [f"{finding.text} {finding.cure} [{finding.record}]" for _check, finding in faults]
    heartbeats.beat(heartbeats.DOCTOR, {"faults": len(faults), "found": told[:REMEMBERED]})
