"""What people see when the database, the cache or the broker is away."""

from contextlib import contextmanager

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.test import Client
from psycopg_pool import PoolTimeout

from foundation.access import public
from portal.cache import ForgivingRedisCache
from tests.certification.test_issuing import breaking, mending
from tests.portal import broken_urls


@pytest.fixture
def away(settings, tmp_path):
    """Return a cache whose Redis does not exist."""
    return ForgivingRedisCache(
        f"unix://{tmp_path}/none.sock", {"OPTIONS": dict(settings.REDIS_OPTIONS)}
    )


def test_cache_that_is_away_is_a_miss(away):
    assert away.get("key", "otherwise") == "otherwise"
    assert away.set("key", 1) is None
    assert away.add("key", 1) is True
    assert away.incr("key") == 1
    assert away.touch("key") is False
    assert away.delete("key") is False
    assert away.get_many(["key", "other"]) == {}
    assert away.set_many({"key": 1}) == []
    assert away.has_key("key") is False
    assert away.clear() is False


@pytest.mark.parametrize("error", [OperationalError, PoolTimeout])
@pytest.mark.django_db
@pytest.mark.urls("tests.portal.broken_urls")
def test_database_outage_is_told_as_one(error):
    client = Client(raise_request_exception=False)
    response = client.get(f"/{error.__name__}/")
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert "Back in a moment" in response.content.decode()


@contextmanager
def full_disk():
    """Let the database refuse to change sessions, as it does when its disk is full."""
    if connection.vendor == "postgresql":
        name = breaking("django_session", "UPDATE", code="disk_full")
        try:
            yield
        finally:
            mending(name, "django_session")
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = 1")
        try:
            yield
        finally:
            cursor.execute("PRAGMA query_only = 0")


@pytest.mark.django_db
@pytest.mark.urls("tests.portal.broken_urls")
def test_session_that_a_full_disk_refuses_is_an_outage_and_not_lost():
    client = Client(raise_request_exception=False)
    assert client.get("/remembering/").content == b"1"
    with full_disk():
        response = client.get("/remembering/")
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert client.get("/remembering/").content == b"2"


@pytest.mark.django_db
@pytest.mark.urls("tests.portal.broken_urls")
def test_session_that_ended_meanwhile_is_told_from_an_outage(monkeypatch):
    client = Client(raise_request_exception=False)
    client.get("/remembering/")
    view = broken_urls.remembering

    def ended_meanwhile(request):
        response = view(request)
        Session.objects.all().delete()
        return response

    monkeypatch.setattr(broken_urls.urlpatterns[0], "callback", public(ended_meanwhile))
    assert client.get("/remembering/").status_code == 400


@pytest.mark.django_db
@pytest.mark.urls("tests.portal.broken_urls")
def test_other_errors_carry_the_reference_of_the_log():
    client = Client(raise_request_exception=False)
    response = client.get("/ValueError/", headers={"X-Request-ID": "abcdef012345"})
    assert response.status_code == 500
    assert response["X-Request-ID"] == "abcdef012345"
    page = response.content.decode()
    assert "abcdef012345" in page
    assert not any(word in page for word in ("ValueError", "Traceback", "broken_urls", "line "))


@pytest.mark.parametrize("sent", ["short", "with space in it", "line\tbreak-line", "a" * 65])
def test_request_id_that_could_confuse_the_log_is_replaced(client, sent):
    answer = client.get("/healthz", headers={"X-Request-ID": sent})["X-Request-ID"]
    assert (answer == sent, len(answer)) == (False, 16)
