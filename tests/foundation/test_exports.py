"""Lists as CSV: nothing in a cell is run by a spreadsheet."""

import csv
import io

import pytest
import time_machine

from foundation.exports import csv_response, safe_cell


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (0, "0"),
        ("Ningbo Lanhai", "Ningbo Lanhai"),
        ("a=b", "a=b"),
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        (-1, "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1", "'  =1"),
        ("\u3000=1", "'\u3000=1"),
        ("＝1", "'＝1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠1", "'＠1"),
    ],
)
def test_what_a_spreadsheet_would_run_is_quoted(value, cell):
    assert safe_cell(value) == cell


@time_machine.travel("2026-03-16T04:00:00Z", tick=False)
def test_a_list_is_a_dated_file_that_spreadsheets_read_as_utf_8():
    answer = csv_response("cases", ("编号", "=name"), [("1", 'a "b", c'), ("=2", None)])
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [
        ["编号", "'=name"],
        ["1", 'a "b", c'],
        ["'=2", ""],
    ]
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="cases-2026-03-16.csv"'
