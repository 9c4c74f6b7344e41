"""Make an installation from a backup, and trust it only when it is what the manifest says."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from foundation import anchor, checkup, journal, standstill
from foundation.actor import SYSTEM
from foundation.durable import copy_whole
from foundation.models import Restoration
from portal.backup import engines, manifest

Tell = Callable[[str], object]


def chosen(folder: Path) -> Path:
    """Return the backup that a folder is, or the newest one in it. Raises CommandError."""
    if (folder / manifest.NAME).exists():
        return folder
    finished = manifest.complete_ones(folder)
    if not finished:
        raise CommandError(f"{folder} holds no finished backup: there is no {manifest.NAME}.")
    return finished[-1]


def check(backup: Path, *, not_older_than: timedelta | None = None) -> dict:
    """Compare a backup with its manifest, every byte of it, and return the manifest.

    Raises CommandError with everything that is wrong.
    """
    facts = manifest.read(backup)
    wrong = []
    if facts["format"] != manifest.FORMAT:
        raise CommandError(f"This release does not know backups of format {facts['format']}.")
    if facts["engine"] != connection.vendor:
        wrong.append(
            f"It is of {facts['engine']}, and this installation is of {connection.vendor}."
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if later := sorted(set(facts["migrations"]) - known):
        wrong.append(f"It is of another release, with {', '.join(later)}.")
    age = datetime.now(UTC) - newest(facts)
    if not_older_than is not None and age > not_older_than:
        wrong.append(f"Its newest entry is {age} old, and at most {not_older_than} was asked for.")
    dump = backup / facts["dump"]["name"]
    if not dump.exists() or manifest.sha256_of(dump) != facts["dump"]["sha256"]:
        wrong.append(f"{dump.name} is not the one that the backup was made with.")
    damaged_then = manifest.not_whole(facts)
    for name, (_size, digest) in facts["files"].items():
        path = backup / "files" / name
        if name not in damaged_then and (not path.exists() or manifest.sha256_of(path) != digest):
            wrong.append(f"files/{name} is not the one that the backup was made with.")
    if wrong:
        raise CommandError("\n".join(["This backup is not to be trusted:", *wrong]))
    return facts


def newest(facts: dict) -> datetime:
    """Return the moment of the newest work in a backup."""
    return parse_datetime(facts["newest"] or facts["made"])


def restore(backup: Path, facts: dict, tell: Tell) -> list[str]:
    """Fill an empty installation; return what does not fit. With anything it stays read-only.

    Raises CommandError, before anything was written, when the installation is not empty.
    """
    store = Path(settings.FILES_DIR)
    if not engines.is_empty():
        raise CommandError("The database is not empty; a backup is restored into an empty one.")
    if store.exists() and any(path.is_dir() and any(path.iterdir()) for path in store.iterdir()):
        raise CommandError(f"{store} is not empty; a backup is restored into an empty folder.")
    # Until everything has been compared nobody may write, whoever starts the portal meanwhile.
    standstill.begin(["A backup is being restored."])
    tell("Restoring the database")
    engines.restore(backup / facts["dump"]["name"])
    tell(f"Restoring {len(facts['files'])} files")
    for name in facts["files"]:
        if (backup / "files" / name).exists():
            copy_whole(backup / "files" / name, store / name)
    tell("Comparing")
    problems = [*facts["problems"], *compare(facts)]
    row = None
    if not _behind(facts):
        problems += [
            f"{check.name}: {finding.text}"
            for check, finding in checkup.examine().findings(checkup.ERROR)
            if not check.operating
        ]
        row = _remember(facts, problems)
    if facts["key"] != manifest.key_fingerprint():
        tell("The secret key is another one: people sign in again and renew their second factor.")
    if problems:
        standstill.begin(problems, anew=True)
        return problems
    standstill.end()
    if row is not None:
        anchor.write(by_hand=True)
    return problems


def compare(facts: dict) -> list[str]:
    """Return in which counts, numbers and chains the database is not what the manifest says."""
    with connection.cursor() as cursor:
        found = manifest.facts_of(cursor, connection.introspection.table_names(cursor))
    problems = []
    for part in ("tables", "numbers", "chains"):
        for name in sorted(facts[part].keys() | found[part].keys()):
            wanted, there = facts[part].get(name), found[part].get(name)
            if wanted != there:
                problems.append(f"{part}: {name} is {there} and was {wanted}")
    if facts["newest"] != found["newest"]:
        problems.append(f"The newest entry is of {found['newest']} and was of {facts['newest']}.")
    problems += [f"The migration {name} is to be applied." for name in _behind(facts)]
    return problems


def _behind(facts: dict) -> list[str]:
    """Return the migrations that this release has and the backup has not."""
    graph = MigrationLoader(None).graph
    return sorted({f"{app}.{name}" for app, name in graph.nodes} - set(facts["migrations"]))


@transaction.atomic
def _remember(facts: dict, problems: list[str]) -> Restoration:
    row = Restoration.objects.create(
        backup_made_at=parse_datetime(facts["made"]),
        newest_at=facts["newest"] and parse_datetime(facts["newest"]),
        problems=problems,
    )
    journal.record(row, "restoration.done", SYSTEM, {"problems": len(problems)})
    return row


@transaction.atomic
def accept(reason: str, who: str) -> Restoration:
    """Let the portal work with what does not fit, in the name of a person; kept in the journal.

    Raises CommandError when nothing waits to be accepted.
    """
    problems = standstill.reasons() or anchor.mismatches()
    if not problems:
        raise CommandError("Nothing waits to be accepted: the portal works.")
    now = timezone.now()
    row = Restoration.objects.filter(accepted_at=None).first()
    if row is None or not row.problems:
        row = Restoration(backup_made_at=now, problems=problems)
    row.accepted_at, row.accepted_by, row.reason = now, who, reason
    row.save()
    facts = {"reason": reason, "accepted_by": who, "problems": len(problems)}
    journal.record(row, "restoration.accepted", SYSTEM, facts)
    transaction.on_commit(_open)
    return row


def _open() -> None:
    anchor.write(by_hand=True)
    standstill.end()


def hold_if_of_two_days() -> list[str]:
    """At the start: let the portal be read only when database and files are not of one moment."""
    problems = anchor.mismatches()
    if problems and not standstill.is_on():
        standstill.begin(problems)
    return problems


def person() -> str:
    """Return who runs the command, as the machine knows it."""
    return os.environ.get("SUDO_USER") or os.environ.get("USER") or str(os.getuid())
