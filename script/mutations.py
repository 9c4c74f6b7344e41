"""Remove every rule of access in turn: the suite must turn red each time (tests/mutants.py).

Arguments go to pytest; ``--rules PATTERN`` takes some of the rules alone.
"""

import os
import sys
from pathlib import Path

import django
import pytest

ROOT = Path(__file__).resolve().parent.parent
# The suites in which rules are met; a browser would only meet them again.
SUITES = ("matrix", "leaks", "accounts", "organisations", "schemes", "certification", "audits",
          "portal", "foundation", "verification")  # fmt: skip


def main(arguments) -> int:
    """Run the mutants on SQLite and return 0 when every one of them turned the suite red."""
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "PORTAL_TEST_BROWSER": "0"}
    django.setup()
    from tests import mutants  # noqa: PLC0415 -- needs the settings

    given = any(not argument.startswith("-") and "/" in argument for argument in arguments)
    suites = [] if given else [f"tests/{name}" for name in SUITES]
    # What exactly differs is nobody's question here, and finding out takes seconds.
    options = ["-q", "-p", "no:xdist", "--assert=plain", "--tb=no", *arguments, *suites]
    return pytest.main(options, plugins=[mutants])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
