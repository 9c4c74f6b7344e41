"""Store files safely: type by content, limits, SHA-256, write-ahead, served through a check.

Order of an upload: pending row, bytes to a temporary name, fsync, rename, fsync of the folder,
row stored. A crash leaves a pending row or an orphan, never a row without its file; the sweeper
removes both.
"""

import hashlib
import io
import os
import re
import unicodedata
import zipfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pikepdf
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from foundation.models import Attachment, StoredFile
from foundation.models.base import subject_type
from foundation.models.files import FileState

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCUMENTS = (PDF, PNG, JPEG, DOCX, XLSX)
IMAGES = (PNG, JPEG)

MAX_SIZE = 25 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_ZIP_ENTRIES = 5_000
MAX_UNPACKED = 200 * 1024 * 1024
PENDING_FOR = timedelta(hours=6)

_EXTENSIONS = {PDF: ".pdf", PNG: ".png", JPEG: ".jpg", DOCX: ".docx", XLSX: ".xlsx"}
_ACTIVE = {"/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/EF", "/RichMedia", "/SubmitForm"}


def clean_name(name: str, content_type: str) -> str:
    """Return a harmless display name with the extension that the content deserves."""
    text = unicodedata.normalize("NFKC", name.replace("\\", "/").rsplit("/", 1)[-1])
    text = "".join(c for c in text if unicodedata.category(c)[0] not in "CZ" or c == " ")
    stem = re.sub(r"[^\w\s().\-]", "", Path(text).stem).strip(" .")[:120] or "file"
    return stem + _EXTENSIONS[content_type]


def _dictionaries(pdf):
    """Yield every dictionary of a PDF, those written inside others too."""
    todo = list(pdf.objects)
    while todo:
        item = todo.pop()
        if isinstance(item, pikepdf.Array):
            inside = list(item)
        elif isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            yield item
            inside = [item[name] for name in item.keys()]  # noqa: SIM118 -- streams have no items
        else:
            continue
        # An indirect object stands in the list of objects already.
        todo += [
            part
            for part in inside
            if isinstance(part, pikepdf.Array | pikepdf.Dictionary) and not part.is_indirect
        ]


def _check_pdf(data: bytes) -> bytes:
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            for item in _dictionaries(pdf):
                names = set(item.keys()) | {str(item.get("/S", "")), str(item.get("/Type", ""))}
                if names & _ACTIVE:
                    raise ValidationError(
                        _("This PDF contains scripts or embedded files. Save it as a plain PDF.")
                    )
    except pikepdf.PasswordError:
        raise ValidationError(_("This PDF is protected by a password. Remove it first.")) from None
    except pikepdf.PdfError:
        raise ValidationError(_("This PDF is damaged and cannot be opened.")) from None
    return data


def _check_image(data: bytes, kind: str) -> bytes:
    """Return the picture written anew, so that nothing but pixels is kept."""
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise ValidationError(_("This picture has too many pixels (40 million at most)."))
            mode = "RGBA" if picture.mode in {"RGBA", "LA", "P"} and kind == "PNG" else "RGB"
            out = io.BytesIO()
            picture.convert(mode).save(out, format=kind, quality=92)
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError):
        raise ValidationError(_("This picture is damaged and cannot be opened.")) from None
    return out.getvalue()


def _check_office(data: bytes) -> str:
    """Return the type of an office document, from its inside. Raises ValidationError."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
    except (zipfile.BadZipFile, ValueError):
        raise ValidationError(_("This document is damaged and cannot be opened.")) from None
    if len(entries) > MAX_ZIP_ENTRIES or sum(e.file_size for e in entries) > MAX_UNPACKED:
        raise ValidationError(_("This document is too large when unpacked."))
    if any("vbaProject" in name or name.startswith("/") or ".." in name for name in names):
        raise ValidationError(_("Documents with macros are not accepted."))
    if "word/document.xml" in names:
        return DOCX
    if "xl/workbook.xml" in names:
        return XLSX
    raise ValidationError(_REFUSED)


_REFUSED = _("This type of file is not accepted. Use PDF, PNG, JPEG, DOCX or XLSX.")


def examine(data: bytes, accept=DOCUMENTS) -> tuple[bytes, str]:
    """Return the bytes to store and their type, judged by content alone.

    Raises ValidationError saying what is wrong and what to do.
    """
    if not data:
        raise ValidationError(_("The file is empty."))
    if len(data) > MAX_SIZE:
        raise ValidationError(_("The file is larger than 25 MB."))
    if data.startswith(b"%PDF-"):
        kind, data = PDF, _check_pdf(data)
    elif data.startswith(b"\x89PNG\r\n\x1a\n"):
        kind, data = PNG, _check_image(data, "PNG")
    elif data.startswith(b"\xff\xd8\xff"):
        kind, data = JPEG, _check_image(data, "JPEG")
    elif data.startswith(b"PK\x03\x04"):
        kind = _check_office(data)
    else:
        raise ValidationError(_REFUSED)
    if kind not in accept:
        raise ValidationError(
            _("Use a picture in PNG or JPEG.") if set(accept) <= set(IMAGES) else _REFUSED
        )
    return data, kind


def store(upload, *, actor, accept=DOCUMENTS) -> StoredFile:
    """Check and keep an uploaded file; it belongs to the actor's organisation.

    Raises ValidationError when it is refused; nothing is kept then.
    """
    if upload.size > MAX_SIZE:
        raise ValidationError(_("The file is larger than 25 MB."))
    data, kind = examine(upload.read(), accept)
    return _keep(
        data,
        name=clean_name(upload.name, kind),
        content_type=kind,
        organisation_id=actor.organisation_id,
        uploaded_by=actor.user,
    )


def write_document(data: bytes, name: str, *, organisation_id=None) -> StoredFile:
    """Keep a PDF that the portal made; such files are immutable and never deleted."""
    return _keep(data, name=name, content_type=PDF, organisation_id=organisation_id, generated=True)


def _keep(data: bytes, **facts) -> StoredFile:
    row = StoredFile.objects.create(storage_name=StoredFile.new_storage_name(), **facts)
    _write(row.path, data)
    row.size = len(data)
    row.sha256 = hashlib.sha256(data).hexdigest()
    row.state = FileState.STORED
    row.save(update_fields=["size", "sha256", "state", "changed_at"])
    return row


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class DamagedError(OSError):
    """The bytes on disk are not the bytes that were stored."""


def read(file: StoredFile) -> bytes:
    """Return the bytes. Raises DamagedError when they do not match the recorded hash."""
    data = file.path.read_bytes()
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise DamagedError(f"file {file.pk} does not match its SHA-256")
    return data


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
    """Tell whether the actor may download a file: the owner, or who sees what it hangs on."""
    if file.state != FileState.STORED or not actor.is_authenticated:
        return False
    if actor.is_operator or (
        not file.generated
        and file.organisation_id is not None
        and file.organisation_id == actor.organisation_id
    ):
        return True
    for row in file.attachments.all():
        if row.internal_to not in (None, actor.organisation_id):
            continue
        model = apps.get_model(row.subject_type)
        if model.objects.visible_to(actor).filter(pk=row.subject_id).exists():
            return True
    return False


def sweep(now=None) -> tuple[int, int]:
    """Remove uploads that never finished and bytes without a row.

    Returns (rows removed, files removed). Issued documents have rows and are never touched.
    """
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
    known = set(StoredFile.objects.values_list("storage_name", flat=True))
    removed = 0
    root = Path(settings.FILES_DIR)
    for path in root.glob("*/*") if root.exists() else ():
        old = path.stat().st_mtime < limit.timestamp()
        if old and str(path.relative_to(root)) not in known:
            path.unlink()
            removed += 1
    return rows, removed
