"""Show what is in a file without letting it near the browser: as pictures of its pages.

A PDF is drawn by a program in the limited process, so no viewer of a browser ever opens it, and
it looks the same on a phone. Pictures were drawn anew when they were stored.
"""

import shutil

from foundation import files
from foundation.limited import client
from foundation.models import StoredFile

WIDTH = 1240
AT_ONCE = 20
JPEG_START = b"\xff\xd8\xff"


class NoPreviewError(Exception):
    """The file cannot be shown as pictures here."""


def pages(file: StoredFile) -> int:
    """Return how many pages a file has. Raises NoPreviewError."""
    if file.is_picture:
        return 1
    if not shutil.which("pdftoppm"):
        raise NoPreviewError
    try:
        with files.open_checked(file) as handle:
            facts, _data = client.facts_of("count", handle.fileno())
        return facts["pages"]
    except (client.GaveUpError, KeyError) as error:
        raise NoPreviewError from error


def page(file: StoredFile, number: int) -> tuple[bytes, str]:
    """Return the picture of one page, counted from one, and its type. Raises NoPreviewError."""
    if file.is_picture:
        return files.read(file), file.content_type
    try:
        with files.open_checked(file) as handle:
            data = client.ask("page", handle.fileno(), number=number, width=WIDTH)
    except client.GaveUpError as error:
        raise NoPreviewError from error
    if not data.startswith(JPEG_START):
        raise NoPreviewError
    return data, "image/jpeg"


def words(file: StoredFile, first: int, last: int) -> list[str]:
    """Return the words of some pages, for those who listen instead of looking."""
    if file.is_picture:
        return [""]
    try:
        with files.open_checked(file) as handle:
            data = client.ask("text", handle.fileno(), first=first, last=last)
    except client.GaveUpError:
        data = b""
    texts = data.decode("utf-8", "replace").split("\f")
    return [texts[n].strip() if n < len(texts) else "" for n in range(last - first + 1)]
