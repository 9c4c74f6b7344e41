"""Lists as CSV that spreadsheets open without running anything."""

import csv

from django.http import StreamingHttpResponse
from django.utils import timezone

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_BOM = "\ufeff"


def safe_cell(value) -> str:
    """Return the text of a cell; what a spreadsheet would take for a formula is quoted."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" \u3000").startswith(_FORMULA) else text


class _Echo:
    def write(self, value):
        return value


def csv_response(name: str, header, rows) -> StreamingHttpResponse:
    """Stream rows as a CSV file named ``name-<date>.csv``, in UTF-8 with a byte-order mark."""
    writer = csv.writer(_Echo())

    def lines():
        yield _BOM + writer.writerow([safe_cell(cell) for cell in header])
        for row in rows:
            yield writer.writerow([safe_cell(cell) for cell in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    filename = f"{name}-{timezone.localdate().isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
