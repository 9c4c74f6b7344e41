from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from foundation import jobs, mail
from foundation.models import Job
from foundation.models.jobs import JobState


class MailServerAwayError(OSError):
    pass


@pytest.fixture
def handler():
    """Register a kind of job whose behaviour a test sets; remember each run."""
    calls = []
    plan = {"raise": None, "failed": []}

    @jobs.job(
        "trial.work",
        retry_for=(MailServerAwayError,),
        max_attempts=2,
        on_failure=lambda row: plan["failed"].append(row.pk),
    )
    def work(row):
        calls.append(row.payload)
        if plan["raise"]:
            raise plan["raise"]

    yield plan, calls
    del jobs.HANDLERS["trial.work"]


def ask(key="k", **facts):
    return jobs.enqueue("trial.work", key=key, payload={"n": 1}, **facts)


def state(job):
    return Job.objects.get(pk=job.pk).state


def test_a_job_is_done_once(db, handler):
    job = ask()
    assert jobs.run_due() == 1
    assert (state(job), handler[1]) == (JobState.DONE, [{"n": 1}])
    assert jobs.run(job.pk) is False
    assert len(handler[1]) == 1


def test_asking_twice_for_one_effect_gives_one_job(db, handler):
    assert ask().pk == ask().pk
    assert Job.objects.count() == 1


def test_an_unknown_kind_is_refused(db):
    with pytest.raises(KeyError):
        jobs.enqueue("nobody.knows", key="k")


def test_a_named_error_is_tried_again_later_then_fails(db, handler):
    plan, calls = handler
    plan["raise"] = MailServerAwayError("away")
    job = ask()
    jobs.run_due()
    job.refresh_from_db()
    assert (job.state, job.attempts, len(calls)) == (JobState.QUEUED, 1, 1)
    assert job.run_at > timezone.now()
    Job.objects.update(run_at=timezone.now())
    jobs.run_due()
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, "MailServerAwayError: away")
    assert plan["failed"] == [job.pk]


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(0, 15), (1, 60), (2, 240), (3, 900), (4, 900), (298, 900)]
)
def test_pauses_grow_to_a_quarter_of_an_hour(db, handler, attempts, seconds):
    plan, _calls = handler
    plan["raise"] = MailServerAwayError("away")
    jobs.HANDLERS["trial.work"] = replace(jobs.HANDLERS["trial.work"], max_attempts=mail.ATTEMPTS)
    job = ask()
    Job.objects.update(attempts=attempts)
    begin = timezone.now()
    jobs.run_due()
    end = timezone.now()
    job.refresh_from_db()
    assert job.state == JobState.QUEUED
    assert begin <= job.run_at - timedelta(seconds=seconds) <= end


@pytest.mark.parametrize("error", jobs.OUTAGES)
def test_an_outage_of_the_database_is_tried_again(db, handler, error):
    plan, _calls = handler
    plan["raise"] = error("away")
    job = ask()
    jobs.run_due()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.QUEUED, 1)


def test_any_other_error_fails_at_once_and_visibly(db, handler, caplog):
    plan, _calls = handler
    plan["raise"] = ValueError("no glyph for 䶮")
    job = ask()
    jobs.run_due()
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, "ValueError: no glyph for 䶮")


def test_a_failed_job_can_be_tried_again(db, handler):
    plan, calls = handler
    plan["raise"] = ValueError("once")
    job = ask()
    jobs.run_due()
    plan["raise"] = None
    job.refresh_from_db()
    assert jobs.retry(job) is True
    jobs.run_due()
    assert (state(job), len(calls)) == (JobState.DONE, 2)
    assert jobs.retry(job) is False


def test_a_job_whose_worker_died_is_taken_up_again(db, handler):
    job = ask()
    Job.objects.update(state=JobState.RUNNING, leased_until=timezone.now() - timedelta(seconds=1))
    assert jobs.run(job.pk) is True
    assert state(job) == JobState.DONE


def test_a_job_that_kills_every_worker_fails_in_the_open(db, handler):
    plan, calls = handler
    job = ask()
    died = {"state": JobState.RUNNING, "leased_until": timezone.now() - timedelta(seconds=1)}
    Job.objects.update(attempts=1, **died)
    assert jobs.run(job.pk) is True
    Job.objects.update(attempts=2, **died)
    assert jobs.run(job.pk) is False
    job.refresh_from_db()
    assert (job.state, len(calls), plan["failed"]) == (JobState.FAILED, 1, [job.pk])
    assert "died over it" in job.error


def test_a_job_with_a_lease_is_left_alone(db, handler):
    job = ask()
    Job.objects.update(state=JobState.RUNNING, leased_until=timezone.now() + timedelta(minutes=1))
    assert jobs.run(job.pk) is False
    assert handler[1] == []


def test_a_job_for_later_waits(db, handler):
    job = ask(run_at=timezone.now() + timedelta(hours=1))
    assert jobs.run_due() == 0
    assert state(job) == JobState.QUEUED


def test_jobs_are_seen_by_their_organisation_and_operators(cast, handler):
    mine = ask(actor=cast.actor("owner"))

    def seen(name):
        return list(Job.objects.visible_to(cast.actor(name)))

    assert seen("member") == [mine]
    assert seen("operator") == [mine]
    assert seen("rival_owner") == []
    assert seen("anonymous") == []


def test_the_failed_job_page_offers_to_try_again(client, cast, handler):
    handler[0]["raise"] = ValueError("broken")
    job = ask(actor=cast.actor("owner"))
    jobs.run_due()
    cast.client(client, "owner")
    page = client.get(f"/jobs/{job.pk}/")
    assert "ValueError: broken" in page.content.decode()
    assert client.post(f"/jobs/{job.pk}/retry/").status_code == 302
    assert state(job) == JobState.QUEUED
    cast.client(client, "rival_owner")
    assert client.get(f"/jobs/{job.pk}/").status_code == 404
    assert client.post(f"/jobs/{job.pk}/retry/").status_code == 404
