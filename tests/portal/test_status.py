"""The status page: from an alert to its cause in three clicks."""

import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from certification.enums import RevisionStatus
from certification.models import CertificateRevision
from foundation import heartbeats, jobs, logs, standstill
from foundation.models import Heartbeat, Job
from foundation.models.jobs import JobState
from portal import health, lights


@pytest.fixture
def operator(client, cast, settings):
    health._migrations.cache_clear()
    settings.BROKER = False
    return cast.client(client, "operator")


@pytest.fixture
def all_well(db):
    for name in (heartbeats.RELAY, heartbeats.WORKER, heartbeats.BACKUP, heartbeats.DOCTOR):
        heartbeats.beat(name)


def levels(page):
    return {light.name: light.level for light in page.context["lights"]}


def test_everything_that_works_says_so_in_words(operator, all_well):
    page = operator.get("/status/")
    assert {k: v for k, v in levels(page).items() if v != "good"} == {"broker": "look"}
    assert list(levels(page)) == [
        "broker", "database", "migrations", "storage", "age", "failed", "late", "retried",
        "issuing", "mail", "room", "scheduler", "backup", "doctor",
    ]  # fmt: skip
    assert page.content.decode().count("Works") == 13


def test_the_desk_says_what_needs_a_look_and_nothing_else(operator, all_well):
    page = operator.get("/desk/")
    assert page.context["trouble_names"] == "Broker"
    assert '<a class="btn btn-primary" href="/status/">' in page.content.decode()
    Heartbeat.objects.filter(name=heartbeats.BACKUP).delete()
    page = operator.get("/desk/")
    assert page.context["trouble_names"] == "Broker, Backup"
    assert "2 things need a look" in page.content.decode()


def test_the_desk_is_calm_where_a_broker_answers(operator, all_well, settings):
    settings.BROKER = bool(settings.REDIS_URL)
    page = operator.get("/desk/").content.decode()
    calm = ("Nothing waits for you" in page, "a look" not in page)
    assert calm == (settings.BROKER, settings.BROKER)


def test_the_desk_of_others_says_nothing_of_it(client, cast):
    for person in ("owner", "supervisor"):
        assert "troubles" not in cast.client(client, person).get("/desk/").context


def test_nobody_but_operators_sees_it(client, cast):
    for person, status in (("anonymous", 302), ("owner", 403), ("manager", 403)):
        assert cast.client(client, person).get("/status/").status_code == status


def test_failed_job_is_reached_and_tried_again_in_three_clicks(operator, cast, run_jobs, tmp_path):
    with logs.bound(request_id="of-the-request-1"):
        jobs.enqueue("tests.append", key="x", payload={"path": str(tmp_path)}, subject=cast.owner)
    jobs.enqueue("tests.append", key="y", payload={"path": str(tmp_path / "lines")})
    run_jobs()
    page = operator.get("/status/")
    assert levels(page)["failed"] == "bad"
    first = next(light.url for light in page.context["lights"] if light.name == "failed")
    listed = operator.get(first)
    failed = Job.objects.get(state=JobState.FAILED)
    assert [row.pk for row in listed.context["page"].object_list] == [failed.pk]
    second = re.search(rf'href="(/jobs/{failed.pk}/)"', listed.content.decode())[1]
    page = operator.get(second).content.decode()
    assert "IsADirectoryError" in page
    assert "of-the-request-1" in page
    assert "1 attempt so far" in page
    assert f"/admin/accounts/user/{failed.subject_id}" in page or "accounts.user" not in page
    operator.post(f"{second}retry/")
    assert Job.objects.get(pk=failed.pk).state == JobState.QUEUED


def test_each_light_leads_to_exactly_what_is_wrong(operator, all_well, world):
    now = timezone.now()
    Job.objects.all().delete()
    late = jobs.enqueue("tests.append", key="late", run_at=now - timedelta(minutes=5))
    dead = jobs.enqueue("tests.append", key="dead")
    Job.objects.filter(pk=dead.pk).update(
        state=JobState.RUNNING, leased_until=now - timedelta(seconds=1)
    )
    jobs.enqueue("tests.append", key="soon", run_at=now + timedelta(hours=1))
    mail = jobs.enqueue("foundation.mail_notice", key="mail", subject=world.notice)
    Job.objects.filter(pk=mail.pk).update(state=JobState.FAILED)
    render = jobs.enqueue("certification.render_certificate", key="render")
    again = jobs.enqueue("tests.append", key="again", run_at=now + timedelta(hours=1))
    Job.objects.filter(pk=again.pk).update(attempts=3, error="OSError: no answer")
    CertificateRevision.objects.update(
        status=RevisionStatus.ISSUING, created_at=now - timedelta(hours=1)
    )
    page = operator.get("/status/")
    found = {
        light.name: {row.pk for row in operator.get(light.url).context["page"].object_list}
        for light in page.context["lights"]
        if light.level != "good" and light.url and light.name != "broker"
    }
    assert found == {
        "failed": {mail.pk},
        "late": {late.pk, dead.pk},
        "retried": {again.pk},
        "mail": {mail.pk},
        "issuing": {render.pk},
    }


@pytest.mark.parametrize(("attempts", "level"), [(0, "good"), (1, "good"), (3, "look"), (5, "bad")])
def test_what_fails_again_and_again_is_told_before_it_is_given_up(
    operator, all_well, client, attempts, level
):
    job = jobs.enqueue("tests.append", key="again", run_at=timezone.now() + timedelta(hours=1))
    Job.objects.filter(pk=job.pk).update(attempts=attempts, error="OSError: no answer")
    page = operator.get("/status/")
    light = next(one for one in page.context["lights"] if one.name == "retried")
    assert light.level == level
    assert ("no answer" in light.text) == (attempts > 0)


@pytest.mark.parametrize(
    ("part", "hours", "level"),
    [
        ("backup", 24, "good"),
        ("backup", 26, "look"),
        ("backup", 50, "bad"),
        ("doctor", 25, "good"),
        ("doctor", 27, "look"),
    ],
)
def test_age_of_what_is_done_once_in_a_while(operator, all_well, part, hours, level):
    at = timezone.now() - timedelta(hours=hours)
    Heartbeat.objects.filter(name=part).update(at=at)
    assert levels(operator.get("/status/"))[part] == level


def test_what_was_never_heard_of_needs_a_look(operator):
    found = levels(operator.get("/status/"))
    assert {found[name] for name in ("backup", "doctor", "scheduler")} == {"look"}


def test_doctor_tells_the_page_what_it_found(operator, all_well, tmp_path):
    job = jobs.enqueue("tests.append", key="x", payload={"path": str(tmp_path)})
    jobs.run_due()
    with pytest.raises(SystemExit):
        call_command("doctor", quick=True, verbosity=0)
    page = operator.get("/status/")
    assert levels(page)["doctor"] == "bad"
    assert f"foundation.job {job.pk}" in page.content.decode()


def test_page_says_that_the_database_is_away_and_asks_it_no_more(operator, monkeypatch):
    def away():
        raise OperationalError("connection refused")

    monkeypatch.setattr(health, "_database", away)
    page = operator.get("/status/")
    first = page.context["lights"][0]
    assert (first.name, first.level, first.text) == ("database", "bad", "connection refused")
    assert "failed" not in levels(page)


def test_read_only_is_told_with_its_reasons(operator, all_well):
    standstill.begin(["The files are older."])
    try:
        page = operator.get("/status/")
        assert levels(page)["read-only"] == "bad"
        assert "The files are older." in page.content.decode()
    finally:
        standstill.end()


@pytest.mark.parametrize("count", [1, 3])
def test_page_is_quick(operator, all_well, count, django_assert_max_num_queries):
    operator.get("/status/")
    for number in range(count):
        jobs.enqueue("tests.append", key=str(number), run_at=timezone.now() - timedelta(hours=1))
    with django_assert_max_num_queries(25):
        assert operator.get("/status/").status_code == 200


def test_it_asks_again_by_itself(operator):
    page = operator.get("/status/").content.decode()
    assert 'hx-trigger="every 15s"' in page
    assert lights.WORDS.keys() == lights.TAGS.keys()
