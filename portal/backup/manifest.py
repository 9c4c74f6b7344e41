"""What a backup says of itself: everything a restore compares."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from certification.models import Counter
from foundation.canonical import canonical
from foundation.durable import write_whole
from foundation.models import JournalChain, JournalEntry, StoredFile
from foundation.models.files import FileState

NAME = "manifest.json"
FORMAT = 1
# What the portal writes while nobody works, and what is not worth comparing.
PASSING = frozenset({"django_session"})


def key_fingerprint() -> str:
    """Return what tells one secret key from another and nothing else about it."""
    return hmac.new(settings.SECRET_KEY.encode(), b"backup", hashlib.sha256).hexdigest()[:16]


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file of any size."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def facts_of(cursor, tables: list[str]) -> dict:
    """Return counts, highest numbers, chain heads and migrations of a database.

    ``cursor`` is any DB-API cursor: of a copy, of a snapshot, of the database itself.
    """

    def rows(statement):
        cursor.execute(statement)
        return cursor.fetchall()

    def table(model):
        return model._meta.db_table

    counters = rows(f"SELECT scope, series, year, last FROM {table(Counter)}")  # noqa: S608 -- ours
    heads = rows(f"SELECT name, number, hash FROM {table(JournalChain)}")  # noqa: S608 -- ours
    [(newest,)] = rows(f"SELECT MAX(at) FROM {table(JournalEntry)}")  # noqa: S608 -- ours
    return {
        "tables": {
            name: rows(f'SELECT COUNT(*) FROM "{name}"')[0][0]  # noqa: S608 -- a table's own name
            for name in sorted(set(tables) - PASSING)
        },
        "numbers": {f"{scope} {series} {year}": last for scope, series, year, last in counters},
        "chains": {name: [number, digest] for name, number, digest in heads},
        "newest": _moment(newest),
        "migrations": sorted(
            f"{a}.{n}" for a, n in rows("SELECT app, name FROM django_migrations")
        ),
    }


def stored_files(cursor) -> dict[str, list]:
    """Return size and SHA-256 of every stored file, by the name under which it lies."""
    cursor.execute(
        f"SELECT storage_name, size, sha256 FROM {StoredFile._meta.db_table} "  # noqa: S608 -- ours
        f"WHERE state = '{FileState.STORED.value}'"
    )
    return {name: [size, digest] for name, size, digest in cursor.fetchall()}


def not_whole(facts: dict) -> set[str]:
    """Return the files that were missing or damaged when a backup was made, by their names."""
    return {problem.split()[0] for problem in facts["problems"]}


def _moment(value) -> str | None:
    """Return a moment as each engine gives it, written in one way."""
    if value is None:
        return None
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return value.astimezone(UTC).isoformat()


def write(folder: Path, facts: dict) -> None:
    """Write the manifest in canonical form."""
    write_whole(folder / NAME, canonical(facts))


def read(folder: Path) -> dict:
    """Return the manifest of a backup. Raises FileNotFoundError where there is none."""
    return json.loads((folder / NAME).read_text(encoding="utf-8"))


def complete_ones(folder: Path) -> list[Path]:
    """Return the finished backups in a folder, oldest first."""
    return sorted(path.parent for path in folder.glob(f"*/{NAME}") if path.parent.name[0] != ".")
