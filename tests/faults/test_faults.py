"""The part of script/faults that belongs to every run of the tests: the engine of this pass."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from script.servers import clean_environment
from tests.conftest import ROOT

pytestmark = pytest.mark.servers


def test_faults_lose_nothing_and_leave_nothing_half_done(tmp_path):
    assert os.getuid() == 0, "The faults mount disks of their own: run the tests as root."
    engine = "postgresql" if settings.PRODUCTION else "sqlite"
    command = [sys.executable, "-W", "ignore", "-m", "tests.faults.run"]
    command += ["--engine", engine, "--level", "quick"]
    done = subprocess.run(
        command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=False
    )
    rows = [json.loads(text) for text in done.stdout.splitlines()]
    assert [(row["fault"], row["problems"]) for row in rows if not row["passed"]] == []
    assert done.returncode == 0, done.stderr[-3000:]
    assert len(rows) >= 8
