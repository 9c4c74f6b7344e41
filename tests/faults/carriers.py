"""Servers that are away, hang, refuse or forget: broker, database, mail."""

import signal
import sqlite3
import threading
import time
from contextlib import ExitStack, contextmanager, suppress

import psycopg
import redis
from django.db import connections
from django.utils import timezone

from foundation.models import StoredFile
from foundation.models.files import ScanState
from tests import clamd
from tests.faults.site import run
from tests.faults.trial import fault, until

# Seconds after which people can work again when the way to the database is open again.
BACK = 30


@contextmanager
def swallowed(port: int):
    """Let every packet from and to a port vanish for the time of a block, unacknowledged."""
    rules = [["INPUT", "-i", "lo", "-p", "tcp", way, str(port), "-j", "DROP"]
             for way in ("--dport", "--sport")]  # fmt: skip
    try:
        for rule in rules:
            run("iptables", "-I", *rule)
        yield
    finally:
        for rule in rules:
            with suppress(RuntimeError):
                run("iptables", "-D", *rule)


@fault("broker stopped")
def broker_stopped(trial):
    """No broker for a while; it comes back empty."""
    seconds = trial.pick(full=600, normal=15, quick=4)
    with trial.load(cases=6):
        trial.wait(1)
        trial.site.redis_proxy.set("down")
        trial.site.stop_redis()
        trial.wait(seconds)
        trial.site.start_redis()
        trial.site.redis_proxy.set("up")
    trial.note(f"away for {seconds} s")
    trial.demand(trial.ledger.refused == 0, f"{trial.ledger.refused} requests failed")
    return 1


@fault("broker emptied")
def broker_emptied(trial):
    """FLUSHALL while jobs wait in it."""
    times = trial.pick(full=10, normal=10, quick=2)
    with trial.load(cases=6), redis.Redis(port=trial.site.redis_port) as client:
        for _n in range(times):
            trial.wait(0.7)
            client.flushall()
    trial.demand(trial.ledger.refused == 0, f"{trial.ledger.refused} requests failed")
    return times


@fault("broker hangs")
def broker_hangs(trial):
    """The broker takes connections and says nothing."""
    seconds = trial.pick(full=60, normal=12, quick=4)
    with trial.load(cases=4):
        trial.wait(1)
        trial.site.redis_proxy.set("blackhole")
        trial.wait(seconds)
        trial.site.redis_proxy.set("up")
    trial.note(f"for {seconds} s")
    trial.demand(trial.ledger.refused == 0, f"{trial.ledger.refused} requests failed")
    return 1


@fault("database stopped at once", engines=("postgresql",), quick=("postgresql",))
def database_stopped(trial):
    """pg_ctl stop -m immediate, and start."""
    times = trial.pick(full=10, normal=10, quick=2)
    with trial.load(cases=6):
        for _n in range(times):
            trial.wait(1.5)
            connections.close_all()
            trial.site.cluster.stop(signal.SIGQUIT)
            trial.site.cluster.start()
    return times


@fault("database black-holed", engines=("postgresql",))
def database_hangs(trial):
    """The way to the database swallows everything; pages say so, and recover by themselves."""
    seconds = trial.pick(full=30, normal=30, quick=8)
    with trial.load(cases=4):
        trial.wait(1)
        with swallowed(trial.site.database_proxy.port):
            trial.wait(seconds)
        # Nobody tells the database that those it holds locks for are gone.
        before, begin = trial.ledger.count(), time.monotonic()
        again = until(lambda: trial.ledger.count() > before, 60)
        waited = time.monotonic() - begin
    trial.note(f"for {seconds} s, work went on {waited:.0f} s after")
    trial.demand(again and waited <= BACK, f"work went on after {waited:.0f} s")
    trial.demand(trial.ledger.slowest <= 12, f"an answer took {trial.ledger.slowest:.0f} s")
    return 1


@fault("database out of connections", engines=("postgresql",))
def connections_gone(trial):
    """Somebody else takes every connection that is left, and those that are given back."""
    seconds = trial.pick(full=30, normal=10, quick=5)
    held, stop = [], threading.Event()

    def grab():
        while not stop.is_set():
            try:
                held.append(psycopg.connect(trial.site.cluster.address, connect_timeout=3))
            except psycopg.OperationalError:
                stop.wait(0.05)

    with trial.load(cases=4):
        thread = threading.Thread(target=grab)
        thread.start()
        # The portal has to ask for new ones.
        trial.wait(1)
        trial.site.database_proxy.set("reset")
        trial.site.database_proxy.set("up")
        trial.wait(seconds)
        stop.set()
        thread.join()
        count = len(held)
        for connection in held:
            connection.close()
    trial.note(f"{count} taken for {seconds} s")
    return 1


@fault("counter row locked", quick=("sqlite",))
def counter_locked(trial):
    """Somebody holds the counters (SQLite: the only lock there is) and does not go on."""
    seconds = trial.pick(full=60, normal=20, quick=5)
    with trial.load(cases=3) as load:
        trial.wait(0.5)
        if trial.engine == "postgresql":
            with psycopg.connect(trial.site.cluster.address) as other:
                other.execute("SELECT * FROM certification_counter FOR UPDATE")
                trial.wait(seconds)
        else:
            other = sqlite3.connect(trial.site.data / "portal.sqlite3", isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            trial.wait(seconds)
            other.execute("ROLLBACK")
            other.close()
        trial.demand(not load.stop.is_set(), "the people gave up")
    trial.note(f"for {seconds} s")
    return 1


@fault("virus scanner down")
def scanner_down(trial):
    """Nobody scans for a while: uploads are taken and handed to nobody, and scanned later."""
    seconds = trial.pick(full=3600, normal=10, quick=4)
    address = trial.site.folder / "clamd.sock"
    uploads = StoredFile.objects.filter(generated=False, created_at__gt=timezone.now())
    with trial.site.configured(CLAMAV_ADDRESS=f"unix:{address}"), ExitStack() as stack:
        with trial.load(cases=2, pause=_pause(seconds)):
            until(uploads.exists)
            trial.wait(seconds)
            early = uploads.exclude(scan=ScanState.CHECKING).count()
            held = uploads.count()
            stack.enter_context(clamd.listening(address))
            trial.wait(2)
        begin = time.monotonic()
        trial.drain()
        trial.note(f"the last was scanned {time.monotonic() - begin:.0f} s after it was back")
        left = uploads.exclude(scan=ScanState.CLEAN).count()
    trial.demand(held and not early, f"{early} of {held} were let through unscanned")
    trial.demand(not left, f"{left} were never scanned")
    trial.note(f"for {seconds} s, {held} uploads held back")
    return 1


@fault("mail server down", quick=("postgresql",))
def mail_down(trial):
    """First nobody answers, then everything is refused; mails go out once afterwards."""
    seconds = trial.pick(full=1800, normal=6, quick=2)
    with trial.load(cases=4, pause=_pause(seconds)):
        for mode in ("down", "refusing"):
            trial.site.mail.mode = mode
            trial.wait(seconds)
        trial.site.mail.mode = "up"
        begin = time.monotonic()
    trial.drain()
    trial.note(
        f"for {2 * seconds} s, the last went out {time.monotonic() - begin:.0f} s after it was back"
    )
    return 2


def _pause(seconds):
    """Return how long people rest between two pieces of work in an outage so long."""
    return max(0.3, seconds / 200)
