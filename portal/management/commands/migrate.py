import fcntl
import time
from contextlib import contextmanager, nullcontext

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections

from foundation import postgresql

# Any number that nothing else asks for.
LOCK = 170_211
PAUSE = 0.5
PATIENCE = 1200


class Command(migrate.Command):
    help = f"{migrate.Command.help} Of two at once the second waits for the first."

    def execute(self, *args, **options):
        # Before the checks: they ask the database too, and would find it locked.
        with _alone(connections[options["database"]], self.stderr.write):
            return super().execute(*args, **options)

    def handle(self, *args, **options):
        connection = connections[options["database"]]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # What a page may take is not enough for a large table.
                postgresql.unhurried(cursor)
        return super().handle(*args, **options)


def _alone(connection, tell):
    if connection.vendor == "postgresql":
        return _alone_in_postgresql(connection, tell)
    # A database in memory has nobody else.
    return nullcontext() if connection.is_in_memory_db() else _alone_in_folder(tell)


@contextmanager
def _alone_in_postgresql(connection, tell):
    own = connection.copy()
    try:
        with own.cursor() as cursor:

            def taken():
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
                return cursor.fetchone()[0]

            _wait(taken, tell)
            yield
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    finally:
        own.close()


@contextmanager
def _alone_in_folder(tell):
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.DATA_DIR / "migrate.lock").open("w") as lock:

        def taken():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        _wait(taken, tell)
        yield


def _wait(taken, tell):
    end = time.monotonic() + PATIENCE
    told = False
    while not taken():
        if not told:
            tell("Somebody else migrates this database; waiting.")
            told = True
        if time.monotonic() > end:
            raise CommandError("Somebody else migrates this database since 20 minutes.")
        time.sleep(PAUSE)
