"""One fault at a time: load, the fault, healing, draining, and what is there afterwards."""

import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from django.db import OperationalError, connections
from django.db.models import Q
from django.utils import timezone

from foundation import jobs
from foundation.models import Job
from foundation.models.jobs import JobState
from schemes.models import StandardEdition
from tests.faults import world
from tests.faults.ledger import Ledger, judge
from tests.faults.load import Load
from tests.faults.site import ROOT

LEVELS = ("quick", "normal", "full")
DRAINED = jobs.LONGEST_PAUSE + 300
ENGINES = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Fault:
    """A fault by name; ``quick`` ones belong to the test suite, on the engines named."""

    name: str
    act: Callable
    engines: tuple[str, ...] = ENGINES
    quick: tuple[str, ...] = ()


FAULTS: list[Fault] = []


def fault(name: str, *, engines=ENGINES, quick=()):
    """Register a function that makes a fault happen and returns how often it did."""

    def register(function):
        FAULTS.append(Fault(name, function, engines, quick))
        return function

    return register


@dataclass
class Row:
    """One line of the table."""

    fault: str
    engine: str
    injected: int = 0
    acknowledged: int = 0
    refused: int = 0
    lost: int = 0
    duplicated: int = 0
    half_done: int = 0
    slowest: float = 0.0
    seconds: float = 0.0
    note: str = ""
    problems: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return self.injected > 0 and not (self.lost or self.duplicated or self.half_done)


class Trial:
    """What a fault has at hand: the site, its people, the ledger of this fault."""

    def __init__(self, site, level: str):
        self.site, self.level = site, level
        self.chance = random.Random(1)  # noqa: S311 -- nothing secret
        self.cast = world.begin()
        self.edition = StandardEdition.objects.in_force(timezone.localdate()).filter(
            scheme__code="QMS"
        )[0]
        self.ledger = Ledger()
        self.notes, self.expected, self.problems = [], [], []

    @property
    def engine(self) -> str:
        return self.site.engine

    def pick(self, *, full, normal, quick):
        """Return what belongs to the level: quality.md's own figure is the full one."""
        return {"full": full, "normal": normal, "quick": quick}[self.level]

    @contextmanager
    def load(self, cases: int = 4, **options):
        """Let people work for the time of a block."""
        found = world.cases(self.cast, cases)
        load = Load(self.site, self.cast, self.ledger, found, edition=self.edition.pk, **options)
        connections.close_all()
        with load.running():
            yield load
            # Each lives to see the portal work again.
            self.site.heal()
            self.wait(2)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)

    def half_files(self) -> set[Path]:
        """Return the files that are half written in the store.

        What killed processes left stays among them until the sweeper finds it old enough.
        """
        return set(self.site.files.glob("*/*.part"))

    def demand_no_more_half_files(self, before: set[Path]) -> None:
        """Count it when files beyond these stay half; what is being written is so for a moment."""
        ended = until(lambda: self.half_files() <= before, 60)
        self.demand(ended, "half files were left")

    def note(self, text: str) -> None:
        """Say something beside the figures."""
        self.notes.append(text)

    def demand(self, holds: bool, otherwise: str) -> None:
        """Count a broken promise that is not in the records."""
        if not holds:
            self.problems.append(otherwise)

    def drain(self) -> None:
        """Return when nothing is due or running any more."""
        end = time.monotonic() + DRAINED
        while True:
            try:
                if not self.unfinished().exists():
                    return
            except OperationalError:
                connections.close_all()
            if time.monotonic() > end:
                self.problems.append("Jobs were still waiting when the patience was over.")
                return
            time.sleep(0.3)

    @contextmanager
    def no_new_work(self):
        """Hold the scheduler: what it asks for while one looks would seem to be left over."""
        self.site.beat.send_signal(signal.SIGSTOP)
        try:
            # What it has asked for before is on its way.
            self.wait(1)
            yield
        finally:
            self.site.beat.send_signal(signal.SIGCONT)

    def unfinished(self):
        """Return the jobs that run, are due, or wait for their next attempt."""
        soon = timezone.now() + timedelta(minutes=5)
        waiting = Q(run_at__lte=soon) | Q(attempts__gt=0)
        # One question: between two of them a job may go from one state to the other.
        return Job.objects.filter(Q(waiting, state=JobState.QUEUED) | Q(state=JobState.RUNNING))

    def elsewhere(self, module: str, environment: dict, *arguments) -> dict:
        """Run a module of these tests on another installation; return what it says."""
        command = [sys.executable, "-W", "ignore", "-m", module, *map(str, arguments)]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            return {"problems": [f"{module} failed: {done.stderr[-1500:]}"]}
        return json.loads(done.stdout.splitlines()[-1])

    def run(self, one: Fault) -> Row:
        """Let one fault happen; a fault that cannot be made to happen has failed."""
        self.ledger = Ledger()
        self.notes, self.expected, self.problems = [], [], []
        row = Row(one.name, self.engine)
        begin = time.monotonic()
        try:
            # What the fault before this one has spoilt is its own row of the table.
            for job in Job.objects.filter(state=JobState.FAILED):
                jobs.retry(job)
            self.drain()
            row.injected = one.act(self)
            connections.close_all()
            self.site.heal()
            self.drain()
            with self.no_new_work():
                self.drain()
                found = judge(self.ledger, self.site.mail.taken, expected=self.expected)
            row.lost, row.duplicated = len(found.lost), len(found.twice)
            row.half_done = len(found.half) + len(self.problems)
            row.problems = (*found.lost, *found.twice, *found.half, *self.problems)
            if found.repeated_mails:
                self.note(f"{found.repeated_mails} mails sent again under the same Message-ID")
        except Exception as error:  # noqa: BLE001 -- whatever it is, the fault counts as failed
            row.injected = 0
            row.problems = (*self.problems, repr(error), traceback.format_exc()[-1500:])
            self.site.heal()
        row.acknowledged, row.refused = self.ledger.count(), self.ledger.refused
        row.slowest = round(self.ledger.slowest, 1)
        row.seconds = round(time.monotonic() - begin, 1)
        row.note = "; ".join(self.notes)
        return row


def until(check, seconds=60):
    """Return what a check finds as soon as it finds something, at the latest after seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := check():
            return found
        time.sleep(0.05)
    return check()


def everything_of(process) -> list[int]:
    """Return a process and all that it and its children have started."""
    found, todo = [], [process.pid]
    while todo:
        pid = todo.pop()
        found.append(pid)
        path = Path(f"/proc/{pid}/task/{pid}/children")
        if path.exists():
            todo += [int(number) for number in path.read_text().split()]
    return found


@contextmanager
def frozen(site):
    """Let nothing of the site run for the time of a block."""
    processes = [site.web, site.worker, site.beat]
    if site.cluster:
        processes.append(site.cluster.process)
    pids = [pid for process in processes for pid in everything_of(process)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def as_facts(row: Row) -> dict:
    """Return a line of the table as JSON knows it."""
    return asdict(row) | {"passed": row.passed}
