"""Processes that die, are replaced, or run twice."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress

from django.utils import timezone

from foundation import jobs
from foundation.models import Job
from foundation.models.jobs import JobState
from tests.faults.site import ROOT
from tests.faults.trial import fault, until


def _kill(pids):
    with suppress(ProcessLookupError, IndexError):
        os.kill(random.choice(pids), signal.SIGKILL)  # noqa: S311 -- nothing secret


def _busy():
    return Job.objects.filter(state=JobState.RUNNING).exists()


@fault("web worker killed", quick=("postgresql",))
def web_killed(trial):
    """SIGKILL one web worker every half second."""
    times = trial.pick(full=100, normal=100, quick=6)
    with trial.load(cases=trial.pick(full=12, normal=12, quick=2)):
        for _n in range(times):
            trial.wait(0.5)
            _kill(until(lambda: trial.site.children(trial.site.web)))
    return times


@fault("worker's child killed", quick=("postgresql",))
def child_killed(trial):
    """SIGKILL a process of the worker, while it does a job when there is one."""
    times = trial.pick(full=20, normal=20, quick=2)
    during = 0
    with trial.load(cases=trial.pick(full=14, normal=14, quick=3)):
        for _n in range(times):
            trial.wait(0.4)
            during += bool(until(_busy, 3))
            _kill(until(lambda: trial.site.children(trial.site.worker)))
    trial.note(f"{during} times during a job")
    return times


@fault("whole worker killed")
def worker_killed(trial):
    """SIGKILL the worker with all its processes and start another."""
    times = 20
    during = 0
    with trial.load(cases=14):
        for _n in range(times):
            until(lambda: trial.site.children(trial.site.worker))
            during += bool(until(_busy, 4))
            os.killpg(trial.site.worker.pid, signal.SIGKILL)
            trial.site.worker.wait()
            trial.site.start_worker()
    trial.note(f"{during} times during a job")
    return times


@fault("everything killed at once", quick=("sqlite",))
def all_killed(trial):
    """SIGKILL web, worker and scheduler together, as when a machine loses its memory."""
    times = trial.pick(full=10, normal=10, quick=1)
    during = 0
    with trial.load(cases=4):
        for _n in range(times):
            trial.wait(1.5)
            during += bool(until(_busy, 3))
            trial.site.kill_everything()
            trial.site.start()
    trial.note(f"{during} times during a job")
    return times


@fault("deploy: SIGTERM while people work")
def deploy(trial):
    """Start the next web server beside the old one, then stop the old one and the worker."""
    times = trial.pick(full=5, normal=3, quick=1)
    slowest = 0.0
    with trial.load(cases=times + 1):
        for _n in range(times):
            new = trial.site.new_web()
            until(lambda new=new: len(trial.site.children(new)) > 1)
            trial.wait(1)
            begin = time.monotonic()
            trial.site.web.terminate()
            trial.site.worker.terminate()
            trial.site.web.wait(60)
            trial.site.worker.wait(60)
            slowest = max(slowest, time.monotonic() - begin)
            trial.site.web = new
            trial.site.start_worker()
            trial.wait(1)
    trial.demand(trial.ledger.refused == 0, f"{trial.ledger.refused} requests failed")
    trial.demand(slowest <= 30, f"it took {slowest:.0f} s to stop")
    trial.note(f"stopped within {slowest:.1f} s")
    return times


@fault("two schedulers, two relays")
def twice(trial):
    """Run a second scheduler and two more relays."""
    other = trial.site.new_beat("schedule2")
    relay = "import time, django; django.setup()\nfrom foundation import jobs\n"
    relay += "while True: jobs.relay(); time.sleep(0.05)\n"
    relays = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", relay], cwd=ROOT, stderr=trial.site.log,
            env=trial.site.environment(direct=False),
        )
        for _n in range(2)
    ]  # fmt: skip
    try:
        with trial.load(cases=6):
            trial.wait(trial.pick(full=20, normal=12, quick=6))
            for process in (other, *relays):
                trial.demand(process.poll() is None, "a second one did not run")
    finally:
        for process in (other, *relays):
            process.kill()
            process.wait()
    return 3


@fault("two migrations at once")
def migrations(trial):
    """Migrate one empty database twice at the same moment."""
    with trial.load(cases=1):
        site = trial.site
        environment = site.environment(direct=True)
        (site.folder / "migrated").mkdir()
        environment["PORTAL_DATA_DIR"] = str(site.folder / "migrated")
        environment["STORAGE_URL"] = f"file://{site.folder / 'migrated' / 'files'}"
        if site.cluster:
            environment["DATABASE_URL"] = other_database(site, "migrated")
        command = [sys.executable, "-W", "ignore", "manage.py", "migrate", "-v0"]
        both = [
            subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
            for _n in range(2)
        ]
        words = [process.communicate()[1] for process in both]
        trial.demand(all(process.returncode == 0 for process in both), str(words)[-800:])
        done = site.manage("doctor", "--strict", environment=environment, check=False)
        trial.demand(done.returncode == 0, done.stdout[-500:] + done.stderr[-500:])
        trial.note("the second waited" if any("waiting" in text for text in words) else "in turn")
    return 1


def other_database(site, name: str) -> str:
    """Make an empty database in the cluster of a site and return its address."""
    psql = site.cluster.programs / "psql"
    address = site.cluster.address
    for statement in (f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}"):
        subprocess.run([psql, "-q", "-d", address, "-c", statement], check=True)
    return f"{address.rpartition('/')[0]}/{name}"


def _other_worker(trial, **extra):
    os.killpg(trial.site.worker.pid, signal.SIGKILL)
    trial.site.worker.wait()
    trial.site.start_worker(**extra)


@fault("job beyond every limit")
def bomb(trial):
    """A table that takes too long, a job that hears no warning, one that kills its process."""
    kinds = ("faults.bomb", "faults.deaf", "faults.die")
    with trial.load(cases=4):
        _other_worker(trial, FAULTS_TIME_LIMIT="35")
        for kind in kinds:
            Job.objects.create(kind=kind, key=kind, run_at=timezone.now())
        jobs.relay()
        mine = Job.objects.filter(kind__in=kinds)
        over = until(lambda: mine.filter(state=JobState.FAILED).count() == len(kinds), 300)
        trial.demand(over, f"not given up: {list(mine.values_list('kind', 'state', 'attempts'))}")
    _other_worker(trial)
    errors = dict(mine.values_list("kind", "error"))
    trial.note(", ".join(f"{k.split('.')[1]}: {e.split(':')[0]}" for k, e in errors.items()))
    mine.delete()
    return len(kinds)
