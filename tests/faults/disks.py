"""Disks that lose power, fill up, or refuse to write."""

import json
import shutil
import signal
import sqlite3
import subprocess
import tempfile
from contextlib import closing, suppress
from pathlib import Path

from script.servers import Cluster, end
from tests.faults.site import Copy
from tests.faults.trial import everything_of, fault, frozen, until


@fault("power cut", quick=("sqlite", "postgresql"))
def power_cut(trial):
    """Copy both disks as the device has them, without what only memory knew; look at the copy."""
    times = trial.pick(full=10, normal=10, quick=1)
    with tempfile.TemporaryDirectory(dir=trial.site.folder) as name:
        folders = [Path(name) / str(number) for number in range(times)]
        Path(name).chmod(0o755)
        with trial.load(cases=2 * times, pause=0.05, pieces=True):
            for folder in folders:
                folder.mkdir()
                trial.wait(2 + trial.chance.random())
                with frozen(trial.site):
                    # What was answered before the last process stopped has been written down.
                    trial.wait(0.3)
                    (folder / "ledger.json").write_text(json.dumps(trial.ledger.plain()))
                    trial.site.database_disk.cut(folder)
                    trial.site.files_disk.cut(folder)
        known = [_recovered(trial, folder) for folder in folders]
    trial.note(f"{known[0]} to {known[-1]} acknowledged at the cuts, looked for on each copy")
    return times


def _recovered(trial, folder: Path) -> int:
    disks = [Copy(folder, "db"), Copy(folder, "store")]
    try:
        said = _look(trial, folder)
    finally:
        for disk in disks:
            disk.remove()
    trial.problems += [f"cut {folder.name}: {text}" for text in said["problems"]]
    return said.get("acknowledged", 0)


def _look(trial, folder: Path) -> dict:
    """Start the copies, take up what was begun, and compare with the ledger."""
    environment = trial.site.environment(direct=True) | {
        "PORTAL_DATA_DIR": str(folder / "db" / "data"),
        "STORAGE_URL": f"file://{folder / 'store' / 'files'}",
        "EMAIL_URL": "dummymail://",
    }
    del environment["REDIS_URL"]
    if trial.engine == "sqlite":
        return trial.elsewhere("tests.faults.look", environment, folder / "ledger.json")
    cluster = Cluster(folder / "db", safe=True)
    cluster.log = folder / "postgresql.log"
    (cluster.data / "postmaster.pid").unlink(missing_ok=True)
    cluster.start()
    try:
        environment["DATABASE_URL"] = cluster.address
        return trial.elsewhere("tests.faults.look", environment, folder / "ledger.json")
    finally:
        end(cluster.process, signal.SIGINT)


@fault("disk of the database full", quick=("sqlite",))
def database_disk_full(trial):
    """No byte is left where the database lies; work is refused until there is room again."""
    seconds = trial.pick(full=30, normal=8, quick=4)
    with trial.load(cases=5, pause=0.05):
        trial.wait(1)
        with trial.site.database_disk.full():
            if trial.engine == "sqlite":
                # Its log lies on room of its own until it is emptied.
                with (
                    closing(sqlite3.connect(trial.site.data / "portal.sqlite3")) as other,
                    suppress(sqlite3.OperationalError),
                ):
                    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            trial.wait(seconds)
            felt = until(lambda: trial.ledger.refused, 30)
        trial.demand(felt, "nobody felt that the disk was full")
        trial.note(f"{trial.ledger.refused} requests refused")
        if trial.site.cluster and trial.site.cluster.process.poll() is not None:
            trial.note("the database had stopped itself")
    trial.note(f"for {seconds} s")
    return 1


@fault("disk of the files full")
def files_disk_full(trial):
    """No byte is left for uploads and documents."""
    seconds = trial.pick(full=30, normal=8, quick=4)
    before = trial.half_files()
    with trial.load(cases=5, pause=0.05):
        trial.wait(1)
        with trial.site.files_disk.full():
            trial.wait(seconds)
    trial.demand_no_more_half_files(before)
    trial.note(f"for {seconds} s")
    return 1


class Refusals:
    """Flushes to the disk that fail with EIO, in a process and those it has started."""

    def __init__(self, process, told: Path):
        self.process, self.told = process, told
        command = [shutil.which("strace"), "-qq", "-f", "-o", str(told)]
        command += ["-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO"]
        for pid in everything_of(process):
            command += ["-p", str(pid)]
        self.tracer = subprocess.Popen(command, stderr=subprocess.DEVNULL)

    def count(self) -> int:
        """Return how many flushes have failed so far."""
        return self.told.read_text().count("(INJECTED)") if self.told.exists() else 0

    def held(self) -> bool:
        """Tell whether the process is still traced, or gave up by itself."""
        return self.tracer.poll() is None or self.process.poll() is not None

    def end(self) -> None:
        """Let flushes succeed again."""
        self.tracer.send_signal(signal.SIGINT)
        self.tracer.wait(30)


def _refuse(trial, process, seconds, *, felt=False):
    """Let flushes fail until one did, and a person felt it if so asked; then some seconds more."""
    with trial.load(cases=5, pause=0.05), tempfile.TemporaryDirectory() as folder:
        trial.wait(1)
        refusals = Refusals(process, Path(folder) / "told")
        try:
            failed = until(
                lambda: refusals.count() and (trial.ledger.refused or not felt), seconds=60
            )
            trial.demand(failed, "nothing failed")
            trial.wait(seconds)
            trial.demand(refusals.held(), "the tracer could not take hold")
        finally:
            refusals.end()
        trial.note(f"{refusals.count()} flushes refused, for {seconds} s after the first")
    return 1


@fault("flush of uploads refused (EIO)")
def flush_refused(trial):
    """fsync fails in the web server: of uploads, and of the database when that is SQLite."""
    return _refuse(trial, trial.site.web, trial.pick(full=15, normal=6, quick=3), felt=True)


@fault("flush of documents refused (EIO)")
def documents_refused(trial):
    """fsync fails in the worker: documents are tried again, nothing counts as issued before."""
    return _refuse(trial, trial.site.worker, trial.pick(full=15, normal=6, quick=3))


@fault("flush of the database refused (EIO)", engines=("postgresql",), quick=("postgresql",))
def database_flush_refused(trial):
    """fdatasync of the write-ahead log fails: the server stops itself rather than lie."""
    seconds = trial.pick(full=15, normal=6, quick=3)
    return _refuse(trial, trial.site.cluster.process, seconds, felt=True)
