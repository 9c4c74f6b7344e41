"""A database and files for a simulation alone: made before it, removed after it.

The simulation runs in a process of its own whose environment names nothing of the installation:
no broker, no mail server, no store of files; on PostgreSQL a new database of the same server.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from psycopg import sql

from portal import env

MARK = "simulation"
_INSTALLATION = ("DATABASE_URL", "REDIS_URL", "STORAGE_URL", "EMAIL_URL", "PORTAL_DATA_DIR")


def is_scratch() -> bool:
    """Tell whether this process works on data that were made for a simulation."""
    return (settings.DATA_DIR / MARK).exists()


@contextmanager
def scratch() -> Iterator[dict[str, str]]:
    """Give the environment of a process with an empty database and a folder of its own."""
    address = env.text("DATABASE_URL", "")
    folder = Path(tempfile.mkdtemp(prefix="portal-simulation-"))
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.removesuffix("_FILE") not in _INSTALLATION
    }
    own = {"PORTAL_DATA_DIR": str(folder), "EMAIL_URL": "dummymail://"}
    try:
        (folder / MARK).touch()
        if not address:
            yield kept | own
            return
        with _database(address) as made:
            yield kept | own | {"DATABASE_URL": made}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database(address: str) -> Iterator[str]:
    """Create a database beside the one an address names; drop it at the end."""
    name = f"portal_simulation_{token_hex(6)}"
    with psycopg.connect(_plain(address), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlsplit(address)._replace(path=f"/{name}").geturl()
        finally:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(name)))


def _plain(address: str) -> str:
    """Return an address as libpq knows it."""
    return urlsplit(address)._replace(scheme="postgresql").geturl()


def run_apart(arguments: list[str]) -> int:
    """Run ``manage.py simulate`` in a process of its own on scratch data; return its status."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "simulate", "--inner"]
    with scratch() as environment:
        done = subprocess.run([*command, *arguments], env=environment, check=False)  # noqa: S603 -- ours
        return done.returncode
