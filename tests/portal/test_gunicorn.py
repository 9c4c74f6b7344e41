"""The web server as units and script/server start it."""

import os
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import ROOT, process
from tests.ports import free_port

pytestmark = pytest.mark.servers
GUNICORN = [str(Path(sys.executable).parent / "gunicorn"), "-c", "python:portal.gunicorn"]


def read(port, path):
    # In production the portal answers to its own name alone.
    headers = {"Host": urlsplit(settings.BASE_URL).hostname}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 -- our own port
        return answer.read().decode()


def answers(port):
    try:
        return read(port, "/healthz") == "ok"
    except OSError:
        return False


@contextmanager
def running(environment, eventually, *options):
    port = free_port()
    command = [*GUNICORN, "--bind", f"127.0.0.1:{port}", *options, "portal.wsgi"]
    with process(command, environment) as child:
        eventually(lambda: answers(port))
        yield port, child


def counted(port):
    """Return how often the privacy page was asked for, over all processes of one gunicorn."""
    for family in text_string_to_metric_families(read(port, "/metrics")):
        for sample in family.samples:
            if sample.name == "portal_requests_total" and sample.labels["route"] == "privacy":
                return sample.value
    return 0


def folders(tmp_path):
    return list(tmp_path.glob("portal-metrics-*"))


def test_processes_add_up_what_they_count(environment, eventually, tmp_path):
    environment |= {"TMPDIR": str(tmp_path)}
    with running(environment, eventually, "--workers", "3", "--threads", "1") as (port, child):
        for _number in range(40):
            read(port, "/privacy/")
        assert counted(port) == 40
        # What a process that died has counted stays counted.
        (folder,) = folders(tmp_path)
        workers = {int(file.stem.split("_")[1]) for file in folder.glob("counter_*.db")}
        os.kill(min(workers - {child.pid}), signal.SIGKILL)
        eventually(lambda: counted(port) == 40)
        assert folders(tmp_path) == [folder]
    assert folders(tmp_path) == []


def test_log_of_the_server_is_that_of_the_portal(environment, eventually, tmp_path):
    port = free_port()
    log = tmp_path / "log"
    command = [*GUNICORN, "--bind", f"127.0.0.1:{port}", "--workers", "1", "portal.wsgi"]
    with log.open("wb") as output:
        child = subprocess.Popen(
            command, cwd=ROOT, env=environment | {"PORTAL_LOG": "json"}, stderr=output
        )
        eventually(lambda: answers(port))
        child.terminate()
        child.wait(20)
    lines = log.read_text().splitlines()
    assert any('"event": "Listening at: ' in line for line in lines)
    assert all(line.startswith('{"time": "') for line in lines), lines
