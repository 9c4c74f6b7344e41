"""How each engine gives a copy of itself as of one moment, and takes it back."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from psycopg import conninfo, pq

from foundation import postgresql
from foundation.durable import copy_whole

DUMPS = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


@contextmanager
def copied(folder: Path):
    """Write a copy of the database into a folder; give a cursor that sees what the copy holds,
    and its tables."""
    target = folder / DUMPS[connection.vendor]
    if connection.vendor == "sqlite":
        _copy_sqlite(target)
        copy = sqlite3.connect(target)
        try:
            names = copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            tables = [name for (name,) in names if not name.startswith("sqlite_")]
            yield copy.cursor(), tables
        finally:
            copy.close()
        return
    with postgresql.one_moment() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        [snapshot] = cursor.fetchone()
        _run("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={target}")
        yield cursor, connection.introspection.table_names(cursor)


def _copy_sqlite(target: Path) -> None:
    connection.ensure_connection()
    copy = sqlite3.connect(target)
    try:
        connection.connection.backup(copy)
        # One file that needs no log beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()


def is_empty() -> bool:
    """Tell whether the database has no table yet, so that a backup can be restored into it."""
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return True
    empty = not connection.introspection.table_names()
    connection.close()
    return empty


def restore(dump: Path) -> None:
    """Fill the empty database from a copy. Raises CommandError when the engine refuses."""
    if connection.vendor == "postgresql":
        options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
        _run("pg_restore", *options, str(dump))
        return
    target = Path(connection.settings_dict["NAME"])
    connection.close()
    for ending in ("", "-wal", "-shm", "-journal"):
        target.with_name(f"{target.name}{ending}").unlink(missing_ok=True)
    copy_whole(dump, target)


def _run(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL on our database; the password travels in the environment."""
    keywords = {default.keyword.decode() for default in pq.Conninfo.get_defaults()}
    known = {k: v for k, v in connection.get_connection_params().items() if k in keywords}
    environment = os.environ | {"PGPASSWORD": str(known.pop("password", ""))}
    # Its timeouts are those of a web request.
    known.pop("options", None)
    address = conninfo.make_conninfo(**known)
    folder = settings.POSTGRESQL_PROGRAMS
    path = str(Path(folder) / program) if folder else shutil.which(program)
    if not path:
        raise CommandError(f"{program} is not on the PATH: set PORTAL_POSTGRESQL_PROGRAMS.")
    result = subprocess.run(  # noqa: S603 -- the operator's own program
        [path, f"--dbname={address}", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise CommandError(f"{program} failed: {result.stderr.strip()}")
