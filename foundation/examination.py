"""Judge what somebody sends by its content alone, in words that say what to do about it."""

import tempfile
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from foundation.limited import client

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCUMENTS = (PDF, PNG, JPEG, DOCX, XLSX)
PAPERS = (PDF, PNG, JPEG)
IMAGES = (PNG, JPEG)

MAX_PIXELS = 40_000_000
MAX_ZIP_ENTRIES = 5_000
MAX_UNPACKED = 200 * 1024 * 1024

_TYPES = {"pdf": PDF, "png": PNG, "jpeg": JPEG, "docx": DOCX, "xlsx": XLSX}
_TYPE = _("This type of file is not accepted. Use PDF, PNG, JPEG, DOCX or XLSX.")
_REFUSALS = {
    "type": _TYPE,
    "active": _("This PDF contains scripts or embedded files. Save it as a plain PDF."),
    "two_types": _("This PDF is an archive at the same time. Save it as a plain PDF."),
    "locked": _("This PDF is protected by a password. Remove it first."),
    "pdf": _("This PDF is damaged and cannot be opened."),
    "picture": _("This picture is damaged and cannot be opened."),
    "pixels": _("This picture has too many pixels (40 million at most)."),
    "office": _("This document is damaged and cannot be opened."),
    "unpacked": _("This document is too large when unpacked."),
    "macros": _("Documents with macros are not accepted."),
    "carries": _("This document contains other files. Take them out, or save it as a PDF."),
    "dtd": _("This document contains definitions of entities. Save it anew, or as a PDF."),
    "too_much": _("Looking into this file takes too long. Save it anew, or as a PDF."),
    "broken": _("This file is damaged and cannot be opened."),
}


@dataclass(frozen=True)
class Verdict:
    """What a file is; ``redrawn`` are the bytes to keep instead of those that were sent."""

    content_type: str
    redrawn: bytes | None


def examine(sent, accept: Iterable[str] = DOCUMENTS, most: int | None = None) -> Verdict:
    """Return what a file is, by its content. ``most`` is the limit of its size in bytes.

    ``sent`` is an upload of a form, or one received in pieces.

    Raises ValidationError saying what is wrong and what to do.
    """
    check_size(sent.size, most)
    try:
        with _handle(sent) as handle:
            facts, data = client.facts_of(
                "look",
                handle,
                entries=MAX_ZIP_ENTRIES,
                unpacked=MAX_UNPACKED,
                pixels=MAX_PIXELS,
            )
    except client.GaveUpError:
        facts, data = {"refused": "too_much"}, b""
    if "refused" in facts:
        raise ValidationError(_REFUSALS[facts["refused"]], code=facts["refused"])
    content_type = _TYPES[facts["kind"]]
    if content_type not in accept:
        only_images = set(accept) <= set(IMAGES)
        raise ValidationError(_("Use a picture in PNG or JPEG.") if only_images else _TYPE)
    return Verdict(content_type, data or None)


def check_size(size: int, most: int | None = None) -> None:
    """Refuse nothing and too much. Raises ValidationError."""
    most = most or settings.FILE_LIMIT
    if not size:
        raise ValidationError(_("The file is empty."), code="empty")
    if size > most:
        raise ValidationError(
            _("The file is larger than %(most)s MB.") % {"most": most // 1024**2}, code="too_large"
        )


@contextmanager
def _handle(sent):
    """Give the handle of an open file; what is in memory is written to a nameless file first."""
    if hasattr(sent, "opened"):
        with sent.opened() as file:
            yield file.fileno()
        return
    try:
        handle = sent.fileno()
    except (OSError, AttributeError):
        with tempfile.TemporaryFile() as file:
            for chunk in sent.chunks():
                file.write(chunk)
            file.flush()
            yield file.fileno()
    else:
        yield handle
        sent.seek(0)
