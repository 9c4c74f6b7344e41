"""Plain A4 documents: offers, audit plans, reports, receipts, check records.

All share one page: head with the issuer, title and reference, facts, sections with lists and
tables of lines, signatures, and a foot with digest, address and page numbers. Labels stand in the
reader's language with the other one beside them when they are given as lazy translations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise

from foundation import glyphs
from foundation.pdf import Attached, RenderingError, html_to_pdf

TEMPLATE = "foundation/pdf/document.html"
STYLESHEETS = ("base.css", "document.css")
Text = str | Promise


@dataclass(frozen=True)
class Column:
    """A column of lines; figures are set to the right, one under the other.

    ``width`` is a share of the table in percent, a multiple of five; 0 takes what is left.
    """

    label: Text
    figures: bool = False
    width: int = 0


@dataclass(frozen=True)
class Lines:
    """A numbered table: cells already written for the reader, totals in bold below."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]
    totals: Sequence[Sequence[object]] = ()
    numbered: bool = True

    def __post_init__(self):
        if any(len(row) != len(self.columns) for row in (*self.rows, *self.totals)):
            raise ValueError("Every row of lines needs one cell for each column.")

    @property
    def body(self):
        """The rows as pairs of column and cell."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]

    @property
    def foot(self):
        """The totals as pairs of column and cell."""
        return [list(zip(self.columns, row, strict=True)) for row in self.totals]


@dataclass(frozen=True)
class Section:
    """A part of a document: heading, then paragraphs, list, facts and lines as there are."""

    heading: Text
    paragraphs: Sequence[Text] = ()
    items: Sequence[Text] = ()
    facts: Sequence[tuple[Text, object]] = ()
    lines: Lines | None = None
    new_page: bool = False


@dataclass(frozen=True)
class Signature:
    """A line to sign, or who signed and when, as it is to be read."""

    label: Text
    name: str = ""
    note: Text = ""


def document_html(template: str, context: Mapping[str, Any], *, language: str) -> str:
    """Return the page of a document in a language (`en` or `zh-hans`)."""
    with translation.override(language):
        return render_to_string(template, {"status": "", **context, "language": language})


def render_document(
    template: str = TEMPLATE,
    context: Mapping[str, Any] | None = None,
    *,
    language: str,
    attachments: Sequence[Attached] = (),
) -> bytes:
    """Return a document as PDF; the same context gives the same bytes.

    The context holds ``issuer`` (a mapping with name_zh, name_en and as wanted address, logo),
    ``title``, ``reference``, ``issued_on`` (a date) and as wanted ``subtitle``, ``status`` (a
    word such as draft), ``facts`` (label and value), ``sections``, ``signatures``, ``closing``
    (a last paragraph), ``digest`` (SHA-256 of what the document was made from) and ``address``
    (where it can be checked). A template of one's own extends foundation/pdf/document.html and
    fills its blocks ``facts``, ``body`` and ``signatures``.

    Raises RenderingError when a character cannot be printed, and what html_to_pdf raises.
    """
    html = document_html(template, context or {}, language=language)
    if lacking := glyphs.missing(html):
        raise RenderingError(f"No font draws {' '.join(lacking)}")
    return html_to_pdf(html, stylesheets=STYLESHEETS, attachments=attachments)
