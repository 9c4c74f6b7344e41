"""The supervisor of script/server, without the set-up before it."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.servers

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def serve(tmp_path, port):
    """Return a function that starts the supervisor on an empty folder, without the demo."""
    running = []
    foreign = ("PORTAL_", "DATABASE_", "REDIS_", "DJANGO_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    mine = {"PORT": str(port), "PORTAL_DATA_DIR": str(tmp_path / "data"), "PORTAL_DEMO": "0"}
    mine["PORTAL_STATIC_BUILT"] = "0"

    def start(**variables):
        command = [sys.executable, ROOT / "script" / "serve.py"]
        with (tmp_path / "log").open("ab") as log:
            running.append(
                subprocess.Popen(command, env=inherited | mine | variables, stdout=log, stderr=log)
            )
        return running[-1]

    yield start
    for process in running:
        process.terminate()
        process.wait(40)
    sys.stdout.write((tmp_path / "log").read_text())


def is_ready(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return json.load(answer)["ready"]
    except OSError:
        return False


def child_running(server, word):
    for child in psutil.Process(server.pid).children():
        if child.status() != psutil.STATUS_ZOMBIE and word in child.cmdline():
            return child
    return None


def test_portal_starts_heals_and_stops_as_one(serve, port, eventually, tmp_path):
    server = serve()
    eventually(lambda: is_ready(port), seconds=120)
    family = psutil.Process(server.pid).children(recursive=True)
    worker = child_running(server, "worker")
    worker.kill()
    eventually(lambda: (now := child_running(server, "worker")) and now.pid != worker.pid)
    second = serve()
    assert second.wait(30) == 1
    server.send_signal(signal.SIGTERM)
    assert server.wait(40) == 0
    assert [process for process in family if process.is_running()] == []
    log = (tmp_path / "log").read_text()
    assert "worker stopped with status -9; starting it again" in log
    assert f"The portal already runs on {tmp_path / 'data'}." in log
    assert f"The portal is ready: http://127.0.0.1:{port}/" in log
    assert "Traceback" not in log


def test_taken_port_is_named(serve, port, tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert serve().wait(30) == 1
    log = (tmp_path / "log").read_text()
    assert f"Cannot listen on 127.0.0.1:{port}" in log
    assert "Set PORT to a free port." in log


def test_missing_production_variable_is_named(serve, tmp_path):
    process = serve(DATABASE_URL="postgres://portal@127.0.0.1:1/portal", PORTAL_DEMO="")
    assert process.wait(30) == 1
    assert "PORTAL_SECRET_KEY: must be set." in (tmp_path / "log").read_text()
