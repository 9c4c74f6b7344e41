"""Make a backup of the running portal."""

import fcntl
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection

from foundation.durable import sync_folder
from portal.backup import engines, manifest

UNFINISHED = ".unfinished-"


@dataclass
class Made:
    """A finished backup: its folder, how many files were copied or linked, what was not whole."""

    folder: Path
    copied: int = 0
    linked: int = 0
    removed: int = 0
    problems: list[str] = field(default_factory=list)


def make(folder: Path, *, keep: int | None = None) -> Made:
    """Write a new backup below a folder, and with ``keep`` remove the oldest beyond so many.

    Files that the backup before has are linked to it. Raises CommandError; what was written until
    then is no backup, and goes with the next one.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(folder):
        for left in folder.glob(f"{UNFINISHED}*"):
            shutil.rmtree(left)
        now = datetime.now(UTC)
        final = folder / now.strftime("%Y-%m-%dT%H%M%SZ")
        if final.exists():
            raise CommandError(f"{final} exists already; nothing was overwritten.")
        draft = folder / f"{UNFINISHED}{final.name}"
        draft.mkdir(mode=0o700)
        made = Made(final)
        _fill(draft, now, _last(folder), made)
        _sync(draft)
        draft.rename(final)
        sync_folder(folder)
        if keep is not None:
            made.removed = _rotate(folder, keep)
        return made


@contextmanager
def _alone(folder: Path):
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CommandError("Another backup into this folder is being made.") from None
        yield


def _last(folder: Path) -> tuple[Path, dict] | None:
    """Return the newest backup and those of its files that can be taken over from it."""
    finished = manifest.complete_ones(folder)
    if not finished:
        return None
    facts = manifest.read(finished[-1])
    damaged = manifest.not_whole(facts)
    whole = {name: known for name, known in facts["files"].items() if name not in damaged}
    return finished[-1], whole


def _fill(draft: Path, now: datetime, before, made: Made) -> None:
    with engines.copied(draft) as (cursor, tables):
        facts = manifest.facts_of(cursor, tables)
        files = manifest.stored_files(cursor)
    dump = draft / engines.DUMPS[connection.vendor]
    for name, (size, digest) in sorted(files.items()):
        _keep(name, [size, digest], draft, before, made)
    manifest.write(
        draft,
        {
            "format": manifest.FORMAT,
            "engine": connection.vendor,
            "made": now.isoformat(),
            "key": manifest.key_fingerprint(),
            "dump": {
                "name": dump.name,
                "size": dump.stat().st_size,
                "sha256": manifest.sha256_of(dump),
            },
            "files": files,
            "problems": made.problems,
            **facts,
        },
    )


def _keep(name: str, facts: list, draft: Path, before, made: Made) -> None:
    """Bring one stored file into the backup; its row was there before, and it never changes."""
    target = draft / "files" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    if before and before[1].get(name) == facts and (before[0] / "files" / name).exists():
        os.link(before[0] / "files" / name, target)
        made.linked += 1
        return
    try:
        shutil.copyfile(Path(settings.FILES_DIR) / name, target)
    except FileNotFoundError:
        made.problems.append(f"{name} is missing")
        return
    with target.open("rb") as handle:
        os.fsync(handle.fileno())
    made.copied += 1
    if manifest.sha256_of(target) != facts[1]:
        made.problems.append(f"{name} is not what was stored")


def _sync(draft: Path) -> None:
    with (draft / engines.DUMPS[connection.vendor]).open("rb") as handle:
        os.fsync(handle.fileno())
    for folder, _folders, _files in os.walk(draft):
        sync_folder(Path(folder))


def _rotate(folder: Path, keep: int) -> int:
    old = manifest.complete_ones(folder)[:-keep]
    for path in old:
        # Half removed it must not be taken for a backup.
        going = path.with_name(f"{UNFINISHED}{path.name}")
        path.rename(going)
        shutil.rmtree(going)
    return len(old)
