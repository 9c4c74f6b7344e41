"""What happens before the portal starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.servers

SCRIPT = Path(__file__).resolve().parent.parent.parent / "script" / "prepare.py"


@pytest.fixture
def prepare(tmp_path):
    """Return a function that prepares an embedded portal in a folder, without the demo."""
    foreign = ("PORTAL_", "DATABASE_", "REDIS_", "DJANGO_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    mine = {"PORTAL_DATA_DIR": str(tmp_path), "PORTAL_DEMO": "0"}

    def run():
        return subprocess.run(
            [sys.executable, SCRIPT], env=inherited | mine, capture_output=True, check=False
        )

    return run


def test_demo_that_was_cut_short_is_thrown_away(prepare, tmp_path):
    (tmp_path / "portal.sqlite3").write_text("half a database")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "half").write_text("half a file")
    assert prepare().returncode == 1
    assert (tmp_path / "files" / "half").exists()
    (tmp_path / "demo_loading").touch()
    assert prepare().returncode == 0
    assert (tmp_path / "portal.sqlite3").read_bytes().startswith(b"SQLite format 3")
    assert not (tmp_path / "files" / "half").exists()
    assert not (tmp_path / "demo_loading").exists()
