"""Alive and ready."""

import pytest

from portal import health


def test_alive_answers_without_a_database(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")


@pytest.mark.django_db
def test_ready_names_nothing_when_all_is_there(client):
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"ready": True, "failed": []})


@pytest.mark.django_db
def test_ready_names_what_is_missing(client, settings, tmp_path):
    (tmp_path / "file").write_text("in the way")
    settings.FILES_DIR = tmp_path / "file"
    settings.REDIS_URL = f"unix://{tmp_path}/none.sock"
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (
        503,
        {"ready": False, "failed": ["broker", "storage"]},
    )


def test_checks_cover_database_broker_and_storage():
    assert list(health.CHECKS) == ["database", "broker", "storage"]
