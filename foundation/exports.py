"""Lists as files that spreadsheets open without running anything: CSV and XLSX."""

import csv
import datetime as dt
import tempfile
from decimal import Decimal

from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from foundation.examination import XLSX

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_BOM = "\ufeff"
CSV = "text/csv; charset=utf-8"
FORMATS = {"csv": CSV, "xlsx": XLSX}
PIECE = 500
LONGEST_CELL = 32_767
WIDTH = 24


def safe_cell(value) -> str:
    """Return the text of a cell; what a spreadsheet would take for a formula is quoted."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" \u3000").startswith(_FORMULA) else text


class _Echo:
    def write(self, value):
        return value


def file_name(name: str, extension: str) -> str:
    """Return ``name-<today>.extension``."""
    return f"{name}-{timezone.localdate().isoformat()}.{extension}"


def csv_lines(header, rows):
    """Yield a CSV file line by line, in UTF-8 with a byte-order mark."""
    writer = csv.writer(_Echo())
    yield _BOM + writer.writerow([safe_cell(cell) for cell in header])
    for row in rows:
        yield writer.writerow([safe_cell(cell) for cell in row])


def csv_response(name: str, header, rows) -> StreamingHttpResponse:
    """Stream rows as a CSV file named ``name-<date>.csv``."""
    response = StreamingHttpResponse(csv_lines(header, rows), content_type=CSV)
    response["Content-Disposition"] = f'attachment; filename="{file_name(name, "csv")}"'
    return response


def write_xlsx(handle, title: str, header, rows) -> None:
    """Write rows as a workbook of one sheet; numbers and days stay what they are."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title=_sheet_name(title))
    sheet.freeze_panes = "A2"
    bold = Font(bold=True)
    first = []
    for number, text in enumerate(header, 1):
        sheet.column_dimensions[get_column_letter(number)].width = WIDTH
        cell = WriteOnlyCell(sheet, value=_xlsx_value(text))
        cell.font = bold
        first.append(cell)
    sheet.append(first)
    for row in rows:
        sheet.append([_xlsx_value(value) for value in row])
    book.save(handle)


def _sheet_name(title: str) -> str:
    return "".join(c for c in str(title) if c not in "[]:*?/\\'")[:31] or "1"


def _xlsx_value(value):
    """Return what a cell may hold: a number, a day, or text that is no formula."""
    if isinstance(value, bool) or value is None:
        return safe_cell(value)
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).replace(tzinfo=None)
    if isinstance(value, int | float | Decimal | dt.date):
        return value
    return ILLEGAL_CHARACTERS_RE.sub("", safe_cell(value))[:LONGEST_CELL]


def columns_of(listing) -> tuple[list[str], list]:
    """Return the titles of a list's export and the functions that give its cells."""
    pairs = list(listing.page.export_columns(listing.actor))
    return [str(title) for title, _value in pairs], [value for _title, value in pairs]


def lines_of(listing, values, report=None):
    """Yield the cells of every row a list shows, fetched piece by piece.

    ``report(done)`` is told after each piece how many rows are written.
    """
    done = 0
    for piece in listing.pieces(PIECE):
        for row in piece:
            yield [value(row) for value in values]
        done += len(piece)
        if report:
            report(done)


def file_response(listing, extension: str):
    """Answer with exactly what a list shows, as a file of this kind.

    A CSV file is streamed as rows are read; a workbook, a compressed archive with its index at
    the end, is written to a temporary file first.
    """
    header, values = columns_of(listing)
    rows = lines_of(listing, values)
    name = listing.page.name.rpartition(".")[2]
    if extension == "csv":
        return csv_response(name, header, rows)
    handle = tempfile.TemporaryFile()  # noqa: SIM115 -- the response closes it
    write_xlsx(handle, listing.page.title, header, rows)
    handle.seek(0)
    return FileResponse(
        handle, as_attachment=True, filename=file_name(name, "xlsx"), content_type=XLSX
    )
