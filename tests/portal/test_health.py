"""Alive and ready."""

import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from foundation import heartbeats, standstill
from foundation.models import Heartbeat
from portal import health

EMBEDDED = ["database", "migrations", "storage", "age"]


@pytest.fixture(autouse=True)
def _ask_again():
    health._migrations.cache_clear()
    health._said.clear()


@pytest.fixture
def alive(db):
    heartbeats.beat(heartbeats.RELAY)
    heartbeats.beat(heartbeats.WORKER)


def asked(client):
    response = client.get("/readyz")
    answer = response.json()
    assert (answer.pop("read_only"), answer.pop("degraded")) == (False, [])
    return response.status_code, answer


def test_alive_answers_without_a_database(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")


def test_ready_names_nothing_when_all_is_there(client, alive):
    assert asked(client) == (200, {"ready": True, "failed": []})


def test_ready_names_what_is_missing(client, settings, tmp_path, alive):
    (tmp_path / "file").write_text("in the way")
    settings.FILES_DIR = tmp_path / "file"
    settings.REDIS_URL = f"unix://{tmp_path}/none.sock"
    settings.BROKER = True
    assert asked(client) == (503, {"ready": False, "failed": ["storage", "broker"]})


def test_the_log_has_what_changed_once(client, settings, tmp_path, alive, caplog):
    caplog.set_level(logging.INFO)
    settings.BROKER = False
    whole, settings.FILES_DIR = settings.FILES_DIR, tmp_path / "file"
    settings.FILES_DIR.write_text("in the way")
    assert [client.get("/readyz").status_code for _time in range(3)] == [503, 503, 503]
    settings.FILES_DIR = whole
    assert [client.get("/readyz").status_code for _time in range(2)] == [200, 200]
    said = [(record.levelname, record.getMessage()[:20]) for record in caplog.records]
    assert said == [("WARNING", "not ready: storage: "), ("INFO", "ready again: storage")]


def test_ready_wants_signs_of_life_of_relay_and_worker(client, settings, broker):
    assert asked(client) == (503, {"ready": False, "failed": ["worker", "relay"]})
    heartbeats.beat(heartbeats.RELAY)
    heartbeats.beat(heartbeats.WORKER)
    assert asked(client)[0] == 200
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=5))
    # The relay may wait behind a long job; a worker says itself that it is alive.
    assert asked(client)[1]["failed"] == ["worker"]
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=12))
    assert asked(client)[1]["failed"] == ["worker", "relay"]
    # Read-only nothing is relayed, and what is ready to be read is ready.
    heartbeats.beat(heartbeats.WORKER)
    standstill.begin(["Something does not fit."])
    assert client.get("/readyz").json()["failed"] == []
    standstill.end()


def test_ready_refuses_a_database_of_an_older_release(client, alive):
    (last,) = MigrationLoader(connection).graph.leaf_nodes("schemes")
    MigrationRecorder(connection).record_unapplied(*last)
    assert asked(client) == (503, {"ready": False, "failed": ["migrations"]})
    MigrationRecorder(connection).record_applied(*last)
    assert asked(client)[0] == 200


def test_checks_are_those_of_the_installation(settings):
    settings.BROKER = False
    assert list(health.checks()) == EMBEDDED
    settings.BROKER = True
    assert list(health.checks()) == [*EMBEDDED, "broker", "worker", "relay"]


def test_sign_of_life_is_written_once_in_a_while(db):
    heartbeats.beat("part", {"n": 1}, every=timedelta(seconds=10))
    heartbeats.beat("part", {"n": 2}, every=timedelta(seconds=10))
    assert Heartbeat.objects.get().facts == {"n": 1}
    Heartbeat.objects.update(at=timezone.now() - timedelta(seconds=11))
    heartbeats.beat("part", {"n": 3}, every=timedelta(seconds=10))
    assert Heartbeat.objects.get().facts == {"n": 3}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"Host": "127.0.0.1:8001"}, 200),
        ({"Host": "127.0.0.1", "X-Forwarded-For": "127.0.0.1"}, 400),
        ({"Host": "evil.example.org"}, 400),
    ],
)
def test_probe_of_this_machine_may_ask_by_address(client, settings, sent, status):
    settings.ALLOWED_HOSTS = ["portal.example.org"]
    assert client.get("/healthz", headers=sent).status_code == status
