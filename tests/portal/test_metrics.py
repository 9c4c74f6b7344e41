"""What Prometheus reads, and who may read it."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from certification.enums import RevisionStatus
from certification.models import CertificateRevision
from foundation import heartbeats, jobs, notices
from foundation.models import Job
from foundation.models.jobs import JobState
from portal import health

TOKEN = "a-token-of-at-least-twenty-signs"


def read(client, **options):
    """Return the samples: name and values of its labels, in the order of their names, to value."""
    response = client.get("/metrics", **options)
    assert response.status_code == 200
    families = text_string_to_metric_families(response.content.decode())
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.parametrize(
    ("sent", "address", "status"),
    [
        ({}, "127.0.0.1", 200),
        ({}, "::1", 200),
        ({}, "192.0.2.1", 401),
        # A proxy on this machine: everybody seems local, and says so.
        ({"X-Forwarded-For": "127.0.0.1"}, "127.0.0.1", 401),
        ({"X-Real-IP": "127.0.0.1"}, "127.0.0.1", 401),
        ({"Authorization": f"Bearer {TOKEN}"}, "192.0.2.1", 200),
        ({"Authorization": "Bearer other"}, "192.0.2.1", 401),
        ({"Authorization": "Bearer "}, "192.0.2.1", 401),
    ],
)
@pytest.mark.django_db
def test_only_this_machine_or_the_token_reads(client, settings, sent, address, status):
    settings.METRICS_TOKEN = TOKEN
    for settings.TRUSTED_PROXIES in (0, 1):
        answer = client.get("/metrics", headers=sent, REMOTE_ADDR=address)
        assert answer.status_code == status


def test_no_token_opens_nothing(client, db, settings):
    settings.METRICS_TOKEN = ""
    for sent in ("Bearer ", "", "Bearer"):
        options = {"headers": {"Authorization": sent}, "REMOTE_ADDR": "192.0.2.1"}
        assert client.get("/metrics", **options).status_code == 401


def test_requests_are_counted_by_view_never_by_address(client, db):
    name = "GET", "verification:certificate"

    def counts(found):
        requests = found.get(("portal_requests_total", *name, "404"), 0)
        return requests, found.get(("portal_request_seconds_count", *name), 0)

    before = counts(read(client))
    client.get("/c/0000000000000000/")
    client.get("/c/1111111111111111/")
    found = read(client)
    assert counts(found) == tuple(count + 2 for count in before)
    assert not any("0000000000000000" in str(key) for key in found)


def test_jobs_mails_and_signs_of_life_are_counted(client, cast, tmp_path, settings):
    settings.BROKER = False
    now = timezone.now()
    notices.KINDS["trial.told"] = notices.Kind("Told", "Something", notices.WORK)
    try:
        notices.notify("trial.told", to=[cast.owner, cast.member])
    finally:
        del notices.KINDS["trial.told"]
    Job.objects.filter(subject_id=cast.owner.notices.get().pk).update(state=JobState.FAILED)
    jobs.enqueue("tests.append", key="late", run_at=now - timedelta(hours=1))
    jobs.enqueue("tests.append", key="later", run_at=now + timedelta(hours=1))
    Job.objects.filter(key="later").update(attempts=4)
    heartbeats.beat(heartbeats.BACKUP)
    found = read(client)
    assert found["portal_jobs_most_attempts",] == 4
    assert found["portal_jobs", "tests.append", "queued"] == 2
    assert found["portal_jobs", "foundation.mail_notice", "failed"] == 1
    assert found["portal_outbox",] == 2
    assert 3600 <= found["portal_jobs_oldest_due_seconds",] < 3700
    mails = [found["portal_mails", state] for state in ("sent", "waiting", "failed")]
    assert mails == [0, 1, 1]
    assert found["portal_heartbeat_age_seconds", "backup"] < 60
    assert found["portal_ready", "database"] == 1
    assert 0 < found["portal_storage_free_bytes",] <= found["portal_storage_bytes",]


def test_certificates_and_stuck_issuing_are_counted(client, world):
    found = read(client)
    assert (found["portal_certificates", "valid"], found["portal_issuing_stuck",]) == (1, 0)
    CertificateRevision.objects.update(
        status=RevisionStatus.ISSUING, created_at=timezone.now() - timedelta(hours=1)
    )
    assert read(client)["portal_issuing_stuck",] == 1


def test_number_of_queries_does_not_grow_with_the_records(
    client, cast, django_assert_max_num_queries
):
    health._migrations()
    for number in range(30):
        jobs.enqueue("tests.append", key=f"job {number}")
    with django_assert_max_num_queries(15):
        client.get("/metrics")


@pytest.mark.urls("tests.portal.broken_urls")
def test_outages_of_the_database_are_counted(db):
    client = Client(raise_request_exception=False)

    def count():
        return read(client).get(("portal_database_errors_total", "OperationalError"), 0)

    before = count()
    client.get(f"/{OperationalError.__name__}/")
    assert count() == before + 1


def test_without_a_database_the_rest_is_still_told(client, db, monkeypatch):
    def away():
        raise OperationalError("away")

    monkeypatch.setattr(health, "_database", away)
    found = read(client)
    assert found["portal_ready", "database"] == 0
    assert ("portal_outbox",) not in found
