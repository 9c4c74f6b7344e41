"""Files that are still there after a power cut: bytes and names written through to the disk."""

import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path


def sync_folder(path: Path) -> None:
    """Make new names in a folder survive a power cut."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def make_folder(path: Path) -> None:
    """Make a folder for stored files, and those above, so that their names outlive a power cut."""
    if not path.exists():
        make_folder(path.parent)
        path.mkdir(exist_ok=True, mode=0o750)
        sync_folder(path.parent)


def write_through(path: Path, chunks: Iterable[bytes]) -> tuple[int, str]:
    """Write bytes through to the disk and return how many, and their SHA-256.

    The name of the file is durable after ``sync_folder``.
    """
    make_folder(path.parent)
    size, digest = 0, hashlib.sha256()
    with path.open("wb") as handle:
        for chunk in chunks:
            handle.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        handle.flush()
        os.fsync(handle.fileno())
    return size, digest.hexdigest()


def write_whole(path: Path, data: bytes) -> None:
    """Write a small file so that after a crash it is there whole, or as it was before."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    write_through(draft, [data])
    draft.rename(path)
    sync_folder(path.parent)


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file so that its name appears only with all its bytes on the disk."""
    make_folder(target.parent)
    draft = target.with_name(f"{target.name}.part")
    shutil.copyfile(source, draft)
    with draft.open("rb") as handle:
        os.fsync(handle.fileno())
    draft.rename(target)
    sync_folder(target.parent)
