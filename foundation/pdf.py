"""The only door to WeasyPrint.

What a page may load is bundled with us (``asset:`` names in static/pdf) or written into it
(``data:`` images). Anything else stops the rendering, and so does anything
WeasyPrint would leave out in silence: a document is made as asked or not at all. The same HTML
gives the same bytes in every process.
"""

import atexit
import binascii
import functools
import io
import logging
import mimetypes
import os
import threading
import warnings
from base64 import b64decode
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

from django.conf import settings
from PIL import Image

from foundation import glyphs
from foundation.pdf_forms import PageForm, draw_under, page_forms
from foundation.vectors import Form

VARIANT = "pdf/a-3a"
MAX_HTML = 2_000_000
MAX_IMAGE = 4_000_000
MAX_PIXELS = 25_000_000
LINKS = ("https", "http", "mailto", "tel")
FAMILIES = {"Portal Serif", "Portal Sans", "Noto Serif CJK SC", "Noto Sans CJK SC"}
_RASTER = {"image/png": "PNG", "image/jpeg": "JPEG"}

_lock = threading.Lock()


class RenderingError(Exception):
    """The document cannot be made exactly as asked; the message says what is wrong."""


class RefusedError(RenderingError):
    """The page asked for something outside, or linked to something that is not an address."""


@dataclass(frozen=True)
class Attached:
    """A file inside a PDF. The time is part of the bytes, so it comes from the facts."""

    name: str
    content: bytes
    description: str
    at: datetime
    relationship: str = "Data"


def html_to_pdf(
    html: str,
    *,
    stylesheets: Sequence[str] = (),
    backdrops: Sequence[Sequence[Form | PageForm]] = (),
    drawings: Mapping[str, PageForm] = MappingProxyType({}),
    attachments: Sequence[Attached] = (),
    variant: str | None = VARIANT,
) -> bytes:
    """Render a page to PDF.

    ``stylesheets`` names files in static/pdf, parsed once per process. ``backdrops`` holds for
    each page what is drawn under it, drawings in millimetres; the last entry serves all further
    pages. ``drawings`` are drawn where the element with their name as id begins. Metadata come
    from the page: `<title>`, `<html lang>`, `<meta name="dcterms.created">`.

    Raises RefusedError for anything that is not bundled, RenderingError for anything that would
    be missing or wrong in the result: an image that cannot be read, a character without a glyph,
    a font that is not ours, a page beyond MAX_HTML characters.
    """
    if len(html) > MAX_HTML:
        raise RenderingError(f"The page has {len(html)} characters; {MAX_HTML} is the limit.")
    # Pango's font maps are not safe across threads, and rendering keeps the processor busy anyway.
    with _lock:
        finisher = functools.partial(_finish, backdrops=backdrops, drawings=drawings)
        return lay_out(html, stylesheets, finisher, attachments=attachments, variant=variant)


def html_to_forms(html: str, *, stylesheets: Sequence[str] = ()) -> list[PageForm]:
    """Lay out pages once, to be drawn into many documents (`backdrops`, `drawings`).

    Each child of the body is a page; its text is what the form says to who cannot see it.
    """
    from weasyprint import HTML  # noqa: PLC0415 -- slow import

    body = HTML(string=html, url_fetcher=_fetcher_class()()).etree_element.find("body")
    texts = [" ".join("".join(child.itertext()).split()) for child in body]
    forms: list[PageForm] = []

    def keep(document, pdf):
        _check_fonts(document)
        if len(document.pages) != len(texts):
            raise RenderingError("A page to be kept does not fit.")
        forms.extend(page_forms(pdf, texts))

    with _lock:
        lay_out(html, stylesheets, keep, attachments=(), variant=None)
    return forms


def renderer() -> str:
    """Name what makes our documents: the same name and page give the same bytes."""
    import weasyprint  # noqa: PLC0415 -- slow import

    return f"weasyprint {weasyprint.VERSION}, fonts {glyphs.fingerprint()[:16]}"


def asset_path(name: str) -> Path:
    """Return the file in static/pdf that an ``asset:`` name means.

    Raises RefusedError when there is none inside that folder.
    """
    path = (_assets() / name).resolve()
    if path.is_relative_to(_assets()) and path.is_file():
        return path
    raise RefusedError(f"Refused: asset:{name}")


def read_image(address: str) -> tuple[bytes, str]:
    """Return content and type of a ``data:`` image: PNG, JPEG or SVG, judged by its content.

    Raises RefusedError for anything else, for a huge image and for SVG with a document type.
    """
    header, _, body = address.removeprefix("data:").partition(",")
    kind, *options = header.split(";")
    try:
        if options == ["base64"]:
            content = b64decode(unquote(body), validate=True)
        else:
            content = unquote(body).encode()
    except (binascii.Error, ValueError) as error:
        raise RefusedError(f"Refused: broken data of type {kind}") from error
    if len(content) > MAX_IMAGE:
        raise RefusedError(f"Refused: an image of {len(content)} bytes")
    if kind == "image/svg+xml":
        # Entities could multiply without end.
        if b"<!doctype" in content.lower() or b"<!entity" in content.lower():
            raise RefusedError("Refused: an SVG image with a document type")
        return content, kind
    if kind not in _RASTER:
        raise RefusedError(f"Refused: data of type {kind}")
    _check_raster(content, kind)
    return content, kind


def _check_raster(content: bytes, kind: str) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=[_RASTER[kind]])
            width, height = image.size
            image.verify()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise RefusedError(f"Refused: {error}") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise RefusedError(f"Refused: broken data of type {kind}") from error
    if width * height > MAX_PIXELS:
        raise RefusedError(f"Refused: an image of {width} by {height} pixels")


def _load(address: str) -> tuple[bytes, str]:
    """Return content and type of what a page asks for; raises RefusedError."""
    if address.startswith("asset:"):
        path = asset_path(address.removeprefix("asset:"))
        return path.read_bytes(), mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if address.startswith("data:"):
        return read_image(address)
    raise RefusedError(f"Refused: {address[:200]}")


@functools.cache
def _assets() -> Path:
    return (settings.BASE_DIR / "static" / "pdf").resolve()


@functools.cache
def _fetcher_class():
    from weasyprint.urls import (  # noqa: PLC0415 -- slow import
        FatalURLFetchingError,
        URLFetcher,
        URLFetcherResponse,
    )

    class LockedFetcher(URLFetcher):
        """Bundled files and images inside the page; anything else stops the rendering."""

        def __init__(self):
            super().__init__(allowed_protocols=())
            self.refusals: list[str] = []

        def fetch(self, url, headers=None):
            try:
                content, kind = _load(url)
            except RefusedError as refusal:
                # SVG drawing swallows even fatal errors, so the refusal is kept as well.
                self.refusals.append(str(refusal))
                raise FatalURLFetchingError(str(refusal)) from refusal
            return URLFetcherResponse(url, content, {"Content-Type": kind})

    return LockedFetcher


@functools.cache
def _fonts():
    # Read by fontconfig itself: our fonts and no others of the machine.
    os.environ["FONTCONFIG_FILE"] = str(glyphs.configuration())
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415 -- slow import

    # It removes its temporary folder when it goes, which must be before Python takes itself apart.
    atexit.register(_fonts.cache_clear)
    return FontConfiguration()


@functools.cache
def _stylesheet(name: str, changed: int):
    from weasyprint import CSS  # noqa: PLC0415 -- slow import

    return CSS(url=f"asset:{name}", url_fetcher=_fetcher_class()(), font_config=_fonts())


def lay_out(html, stylesheets, finisher, *, attachments, variant) -> bytes:
    """Lay out a page and write it as PDF; the one place where WeasyPrint works."""
    fonts = _fonts()
    from weasyprint import HTML, Attachment  # noqa: PLC0415 -- slow import
    from weasyprint.urls import FatalURLFetchingError  # noqa: PLC0415 -- slow import

    fetcher = _fetcher_class()()
    files = [
        Attachment(
            file_obj=io.BytesIO(file.content),
            name=file.name,
            description=file.description,
            created=file.at,
            modified=file.at,
            relationship=file.relationship,
        )
        for file in attachments
    ]
    try:
        with _complaints() as complaints:
            sheets = [_stylesheet(name, _changed(name)) for name in stylesheets]
            page = HTML(string=html, base_url="asset:", url_fetcher=fetcher)
            document = page.render(stylesheets=sheets, font_config=fonts, pdf_variant=variant)
            _check_links(document)
            result = document.write_pdf(finisher=finisher, pdf_variant=variant, attachments=files)
    except FatalURLFetchingError as error:
        raise RefusedError(str(error)) from error
    if fetcher.refusals:
        raise RefusedError(fetcher.refusals[0])
    if complaints:
        raise RenderingError(complaints[0])
    return result


def _changed(name: str) -> int:
    return asset_path(name).stat().st_mtime_ns


@contextmanager
def _complaints():
    """Collect what WeasyPrint only logs as an error, and then leaves out."""
    messages: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record):
            messages.append(record.getMessage())

    collector = Collector(logging.ERROR)
    logger = logging.getLogger("weasyprint")
    logger.addHandler(collector)
    try:
        yield messages
    finally:
        logger.removeHandler(collector)


def _check_links(document) -> None:
    for page in document.pages:
        for kind, target, _, _ in page.links:
            if kind != "internal" and urlsplit(target).scheme not in LINKS:
                raise RefusedError(f"Refused: a link to {target[:200]}")


def _check_fonts(document) -> None:
    fonts = document.fonts.values()
    lacking = sorted({point for font in fonts for point in font.missing})
    if lacking:
        raise RenderingError(f"No font draws {' '.join(map(chr, lacking))}")
    strange = sorted({font.family for font in fonts} - FAMILIES)
    if strange:
        raise RenderingError(f"Fonts that are not ours: {', '.join(strange)}")


def _finish(document, pdf, backdrops, drawings) -> None:
    _check_fonts(document)
    draw_under(document, pdf, backdrops, drawings)
