"""A real Celery worker and broker on the database of the tests."""

import os
import signal

import pytest
from django.db import transaction

from foundation import jobs
from foundation.models import Job
from foundation.models.jobs import JobState

pytestmark = pytest.mark.servers


def states():
    return set(Job.objects.values_list("state", flat=True))


def ask(path, count):
    for number in range(count):
        with transaction.atomic():
            jobs.enqueue("tests.append", key=f"line {number}", payload={"path": str(path)})


def test_worker_does_each_committed_job_once(celery_worker, eventually, tmp_path):
    ask(tmp_path / "lines", 5)
    eventually(lambda: states() == {JobState.DONE})
    lines = (tmp_path / "lines").read_text().splitlines()
    assert sorted(lines) == [f"line {number}" for number in range(5)]


def test_worker_that_was_killed_loses_no_job(celery_worker, start_worker, eventually, tmp_path):
    ask(tmp_path / "first", 1)
    eventually(lambda: states() == {JobState.DONE})
    os.killpg(celery_worker.pid, signal.SIGKILL)
    celery_worker.wait()
    with transaction.atomic():
        jobs.enqueue("tests.append", key="late", payload={"path": str(tmp_path / "second")})
    assert states() == {JobState.DONE, JobState.QUEUED}
    start_worker()
    eventually(lambda: states() == {JobState.DONE})
    assert (tmp_path / "second").read_text() == "late\n"


def test_job_waits_for_the_relay_when_the_broker_is_away(broker, settings, tmp_path, run_jobs):
    settings.BROKER = False
    ask(tmp_path / "lines", 1)
    assert Job.objects.get().published_at is None
    assert run_jobs() == 1
    assert (tmp_path / "lines").read_text() == "line 0\n"
