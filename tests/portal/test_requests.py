"""The log: one line for each record."""

import logging
import sys

from portal.requests import REQUEST_ID, LineFormatter


def test_record_stays_on_one_line_with_its_request():
    formatter = LineFormatter("%(levelname)s [%(request_id)s] %(message)s")
    token = REQUEST_ID.set("abcdef012345")
    try:
        int("two\nlines")
    except ValueError:
        record = logging.LogRecord(
            "portal", logging.ERROR, __file__, 1, "typed\r\nFORGED", (), sys.exc_info()
        )
    line = formatter.format(record)
    REQUEST_ID.reset(token)
    assert line.startswith("ERROR [abcdef012345] typed\\r\\nFORGED\\nTraceback")
    assert len(line.splitlines()) == 1
