"""The security page names tests; each of them is there."""

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
PAGE = (TESTS.parent / "docs" / "security.md").read_text(encoding="utf-8")


def named() -> list[tuple[str, str]]:
    """Return file and test of every name; one without a file stands in the file before it."""
    found, file = [], ""
    for path, name in re.findall(r"`([\w/]*(?:\.py)?)::(\w+)`", PAGE):
        file = path or file
        found.append((file, name))
    return found


def test_every_test_that_the_page_names_is_there():
    gone = [
        f"{file}::{name}"
        for file, name in named()
        if f"def {name}(" not in (TESTS / file).read_text(encoding="utf-8")
    ]
    assert gone == []
    assert named()
