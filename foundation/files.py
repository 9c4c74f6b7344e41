"""Store files safely: type by content, limits, SHA-256, write-ahead, served through a check.

Order of an upload: the content is judged, the bytes go to a temporary name, fsync, pending row,
rename, fsync of the folder, row stored. A crash leaves a pending row or an orphan, never a row
without its file; the sweeper removes both.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from foundation import quota, scanning, uploads
from foundation.durable import sync_folder, write_through
from foundation.examination import DOCUMENTS, DOCX, JPEG, PDF, PNG, XLSX, examine
from foundation.models import Attachment, StoredFile, Upload
from foundation.models.base import subject_type
from foundation.models.files import FileState, ScanState

PENDING_FOR = timedelta(hours=6)

_EXTENSIONS = {PDF: ".pdf", PNG: ".png", JPEG: ".jpg", DOCX: ".docx", XLSX: ".xlsx"}
# Names that some systems take for a device, whatever their ending.
_DEVICES = re.compile(r"(CON|PRN|AUX|NUL|(COM|LPT)\d)(\..*)?", re.IGNORECASE)


def clean_name(name: str, content_type: str) -> str:
    """Return a harmless display name with the extension that the content deserves."""
    text = unicodedata.normalize("NFKC", name.replace("\\", "/").rsplit("/", 1)[-1])
    text = "".join(c for c in text if unicodedata.category(c)[0] not in "CZ" or c == " ")
    stem = re.sub(r"[^\w\s().\-]", "", Path(text).stem).strip(" .")[:120] or "file"
    if _DEVICES.fullmatch(stem):
        stem = f"file {stem}"
    return stem + _EXTENSIONS[content_type]


def store(given, *, actor, accept=DOCUMENTS, most: int | None = None, **facts) -> StoredFile:
    """Check and keep an uploaded file; it belongs to the actor's organisation.

    ``given`` is what a file field was cleaned to: an upload, or a file that is stored already
    and is returned as it is. ``facts`` are further columns of the row. Raises ValidationError
    when it is refused or there is no room; nothing is kept then.
    """
    if isinstance(given, StoredFile):
        return given
    try:
        # A form that took the upload has judged it already.
        verdict = getattr(given, "verdict", None) or examine(given, accept, most)
        if verdict.content_type not in accept:
            raise ValueError(f"{verdict.content_type} was let through where it is not accepted")
        return _keep(
            given.chunks() if verdict.redrawn is None else [verdict.redrawn],
            name=clean_name(given.name, verdict.content_type),
            content_type=verdict.content_type,
            organisation_id=actor.organisation_id,
            uploaded_by=actor.user,
            scan=scanning.first_state(),
            received=given if isinstance(given, uploads.Received) else None,
            **facts,
        )
    except uploads.UsedError as used:
        return used.file


def write_document(data: bytes, name: str, *, organisation_id=None) -> StoredFile:
    """Keep a PDF that the portal made; such files are immutable and never deleted."""
    return _keep(
        [data], name=name, content_type=PDF, organisation_id=organisation_id, generated=True
    )


def write_generated(
    chunks: Iterable[bytes], *, name: str, content_type: str, organisation_id=None
) -> StoredFile:
    """Keep a file that the portal made for somebody; whoever asked for it removes it in time."""
    return _keep(
        chunks,
        name=name,
        content_type=content_type,
        organisation_id=organisation_id,
        generated=True,
    )


def _keep(chunks: Iterable[bytes], received=None, **facts) -> StoredFile:
    row = StoredFile(storage_name=StoredFile.new_storage_name(), **facts)
    temporary = row.path.with_suffix(".part")
    try:
        row.size, row.sha256 = write_through(temporary, chunks)
        with transaction.atomic():
            if not row.generated:
                quota.take(row.organisation_id, row.size)
            row.save(force_insert=True)
            temporary.rename(row.path)
            _settle(row, received)
    except BaseException:
        # A commit whose answer got lost may have happened: from here on the bytes stay, and the
        # sweeper removes them when no row knows them.
        temporary.unlink(missing_ok=True)
        raise
    return row


def _settle(row: StoredFile, received) -> None:
    """Count bytes that are in their place as stored; they go again when that is refused."""
    try:
        sync_folder(row.path.parent)
        row.state = FileState.STORED
        row.save(update_fields=["state", "changed_at"])
        scanning.begin(row)
        if received is not None:
            uploads.used(received, row)
    except BaseException:
        row.path.unlink(missing_ok=True)
        raise


def remove(file: StoredFile) -> None:
    """Remove an upload that nothing uses, bytes too once that is committed.

    Raises ProtectedError while a record uses it.
    """
    path = file.path
    with transaction.atomic():
        quota.give_back(file.organisation_id, file.size)
        scanning.forget(file)
        file.delete()
        transaction.on_commit(lambda: path.unlink(missing_ok=True))


class DamagedError(OSError):
    """The bytes on disk are not the bytes that were stored."""


class HeldBackError(OSError):
    """The file waits for the virus scanner, or is infected."""


def read(file: StoredFile) -> bytes:
    """Return the bytes. Raises DamagedError and HeldBackError."""
    with open_checked(file) as handle:
        return handle.read()


def open_checked(file: StoredFile, *, held_back: bool = False):
    """Open a file for reading.

    Raises DamagedError when its bytes do not match the hash, and HeldBackError for what may not
    be handed out, unless ``held_back`` says that its uploader asks.
    """
    if not file.is_released and not held_back:
        raise HeldBackError(f"file {file.pk} is held back: {file.scan}")
    handle = file.path.open("rb")
    if hashlib.file_digest(handle, "sha256").hexdigest() != file.sha256:
        handle.close()
        raise DamagedError(f"file {file.pk} does not match its SHA-256")
    handle.seek(0)
    return handle


def attach(file: StoredFile, obj, label: str, *, internal_to=None) -> Attachment:
    """Use a stored file for a record; attaching twice changes nothing."""
    attachment, _created = Attachment.objects.get_or_create(
        file=file,
        subject_type=subject_type(obj),
        subject_id=obj.pk,
        label=label,
        defaults={"internal_to": internal_to},
    )
    return attachment


def attachments_of(obj, label: str | None = None, actor=None):
    """Return the attachments of one record, oldest first; with an actor, those it may read."""
    rows = Attachment.objects.filter(
        subject_type=subject_type(obj), subject_id=obj.pk
    ).select_related("file", "file__uploaded_by")
    if label is not None:
        rows = rows.filter(label=label)
    if actor is not None and not actor.is_operator:
        return [row for row in rows if row.internal_to in (None, actor.organisation_id)]
    return rows


def may_read(actor, file: StoredFile) -> bool:
    """Tell whether the actor may download a file: the owner, or who sees what it hangs on.

    What waits for the virus scanner is its uploader's alone; what is infected is nobody's.
    """
    if not file.is_released and not is_ones_own(actor, file):
        return False
    return file.scan != ScanState.INFECTED and knows_of(actor, file)


def is_ones_own(actor, file: StoredFile) -> bool:
    """Tell whether this very person uploaded the file."""
    return actor.is_authenticated and file.uploaded_by_id == actor.user.pk


def knows_of(actor, file: StoredFile) -> bool:
    """Tell whether a file exists for the actor, whether or not it is handed out now."""
    if file.state != FileState.STORED or not actor.is_authenticated:
        return False
    if actor.is_operator or _is_the_owner(actor, file):
        return True
    for row in file.attachments.all():
        if row.internal_to not in (None, actor.organisation_id):
            continue
        model = apps.get_model(row.subject_type)
        if model.objects.visible_to(actor).filter(pk=row.subject_id).exists():
            return True
    return False


def _is_the_owner(actor, file: StoredFile) -> bool:
    if file.generated or file.organisation_id is None:
        return False
    own = file.organisation_id == actor.organisation_id
    return own and (not actor.is_confined or is_ones_own(actor, file))


def known_names() -> set[str]:
    """Return the names in the store that belong to a row."""
    uploads = (str(row.path.relative_to(settings.FILES_DIR)) for row in Upload.objects.all())
    return {*StoredFile.objects.values_list("storage_name", flat=True), *uploads}


def sweep(now=None) -> tuple[int, int]:
    """Remove uploads that never finished and bytes without a row.

    Returns (rows removed, files removed). Issued documents have rows and are never touched.
    What waits for the virus scanner without a job gets one.
    """
    scanning.begin_all()
    uploads.sweep(now)
    limit = (now or timezone.now()) - PENDING_FOR
    pending = StoredFile.objects.filter(
        state=FileState.PENDING, created_at__lt=limit, attachments=None
    )
    rows = 0
    for file in pending:
        with suppress(FileNotFoundError):
            file.path.unlink()
        file.delete()
        rows += 1
    known = known_names()
    removed = 0
    root = Path(settings.FILES_DIR)
    for path in root.glob("*/*") if root.exists() else ():
        old = path.stat().st_mtime < limit.timestamp()
        if old and str(path.relative_to(root)) not in known:
            path.unlink()
            removed += 1
    return rows, removed
