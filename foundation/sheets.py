"""Read what somebody filled into a spreadsheet: rows of text, whatever the file holds.

Nothing is computed: a formula is refused with its place. The limits hold before a row is read.
"""

import csv
import datetime as dt
import io
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from zipfile import BadZipFile

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from foundation.examination import XLSX, check_size, examine

MOST_BYTES = 2 * 1024**2
MOST_ROWS = 500
MOST_COLUMNS = 60
_QUOTED = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class SheetRow:
    """One row: its number as the spreadsheet counts, texts by column, what cannot be read."""

    number: int
    cells: dict[str, str]
    errors: dict[str, str]


def read_sheet(upload, columns: Iterable[str]) -> list[SheetRow]:
    """Return the rows of a CSV or XLSX file below its first row, which names the columns.

    Empty rows are left out. Raises ValidationError when the file, or its first row, is unusable.
    """
    check_size(upload.size, MOST_BYTES)
    lines = _workbook(upload) if upload.read(4) == b"PK\x03\x04" else _text(upload)
    header = next(lines, None)
    if header is None:
        raise ValidationError(_("The file is empty."))
    names = [str(name or "").strip().lower() for name in header]
    _check_header([name for name in names if name], list(columns))
    rows = []
    for number, line in enumerate(lines, 2):
        row = _row(number, names, line)
        if any(row.cells.values()) or row.errors:
            rows.append(row)
        if number > MOST_ROWS + 1:
            raise ValidationError(_("The file has more than %(most)s rows.") % {"most": MOST_ROWS})
    if not rows:
        raise ValidationError(_("The file has no rows below the names of its columns."))
    return rows


def _check_header(names, columns):
    unknown = [name for name in names if name not in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    missing = [name for name in columns if name not in names]
    problems = []
    if unknown:
        problems.append(_("Unknown columns: %(names)s.") % {"names": ", ".join(unknown)[:200]})
    if twice:
        problems.append(_("Columns named twice: %(names)s.") % {"names": ", ".join(twice)[:200]})
    if missing:
        problems.append(_("Missing columns: %(names)s.") % {"names": ", ".join(missing)})
    if problems:
        raise ValidationError(problems)


def _row(number, names, line) -> SheetRow:
    cells, errors = {}, {}
    for name, value in zip(names, line, strict=False):
        if not name:
            continue
        try:
            cells[name] = _plain(value)
        except ValueError as error:
            cells[name], errors[name] = "", str(error)
    return SheetRow(number, cells, errors)


def _plain(value) -> str:
    """Return a cell as text. Raises ValueError for what is no fact: a formula, an error."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime | dt.date):
        return value.date().isoformat() if isinstance(value, dt.datetime) else value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | Decimal):
        whole = value == int(value)
        if whole and abs(int(value)) >= 10**15:
            raise ValueError(_("Long numbers lose digits in a spreadsheet: format it as text."))
        return str(int(value)) if whole else str(value)
    text = str(value).strip()
    if unicodedata.normalize("NFKC", text[:1]) == "=":
        raise ValueError(_("A formula is no fact: write what it stands for."))
    if text.startswith("'") and text[1:].lstrip(" \u3000").startswith(_QUOTED):
        # Exports quote what a spreadsheet would take for a formula; read back it is the text.
        return text[1:]
    return text


def _workbook(upload) -> Iterator[tuple]:
    upload.seek(0)
    examine(upload, (XLSX,), MOST_BYTES)
    upload.seek(0)
    try:
        book = load_workbook(io.BytesIO(upload.read()), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        lines = list(sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS, values_only=True))
        book.close()
    except (BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, TypeError):
        raise ValidationError(_("This workbook is damaged and cannot be opened.")) from None
    return iter(lines)


def _text(upload) -> Iterator[list]:
    upload.seek(0)
    try:
        text = upload.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValidationError(
            _("The text is not UTF-8 (at byte %(place)s). Save it as “CSV UTF-8” or as XLSX.")
            % {"place": error.start + 1}
        ) from None
    if "\0" in text:
        raise ValidationError(_("This is no text. Save the sheet as “CSV UTF-8” or as XLSX."))
    try:
        return iter(list(csv.reader(io.StringIO(text, newline=""), strict=True)))
    except csv.Error:
        raise ValidationError(
            _("This CSV file is damaged: a quotation mark is open, or a cell is too long.")
        ) from None
