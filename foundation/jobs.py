"""Jobs: written with the change that asks for them, run once, failing in the open."""

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import InterfaceError, models, transaction
from django.db import OperationalError as DatabaseOutage
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError
from psycopg_pool import PoolTimeout

from foundation import logs
from foundation.models import Job
from foundation.models.base import subject_type
from foundation.models.jobs import JobState

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=settings.JOB_LEASE)
REPUBLISH_AFTER = timedelta(seconds=settings.JOB_REPUBLISH_AFTER)
# Seconds; nobody waits longer for what an outage held up once it is over.
LONGEST_PAUSE = 900
# An outage of our own database is never the fault of a job.
OUTAGES: tuple[type[Exception], ...] = (DatabaseOutage, InterfaceError, PoolTimeout)


class WorkerDiedError(Exception):
    """Nobody survived doing a job."""


@dataclass(frozen=True)
class Handler:
    run: Callable[[Job], None]
    retry_for: tuple[type[Exception], ...]
    max_attempts: int
    on_failure: Callable[[Job], None] | None
    title: Any


HANDLERS: dict[str, Handler] = {}


def job(kind: str, *, title="", retry_for=(), max_attempts: int = 5, on_failure=None):
    """Register the function that does jobs of this kind.

    Only errors named in ``retry_for``, and outages of the database, are tried again, with growing
    pauses; any other error fails the job at once, visibly, and so does the death of the worker
    that does it when it happened ``max_attempts`` times. ``on_failure(job)`` runs when it finally
    fails. ``title`` is what people read.
    """

    def register(function):
        HANDLERS[kind] = Handler(
            function, (*retry_for, *OUTAGES), max_attempts, on_failure, title or kind
        )
        return function

    return register


def enqueue(kind: str, *, key: str, subject=None, payload=None, actor=None, run_at=None) -> Job:
    """Ask for a job inside the current transaction and return its row.

    ``key`` names the effect: asking again returns the job that exists, whatever its state.
    """
    if kind not in HANDLERS:
        raise KeyError(kind)
    row, created = Job.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "payload": payload or {},
            "subject_type": subject_type(subject) if subject is not None else "",
            "subject_id": subject.pk if subject is not None else None,
            "user": actor.user if actor else None,
            "organisation_id": actor.organisation_id if actor else None,
            "request_id": logs.request_id(),
            "run_at": run_at or timezone.now(),
        },
    )
    if created and run_at is None:
        transaction.on_commit(lambda: publish(row.pk))
    return row


def publish(job_id) -> bool:
    """Hand one job to the broker, if there is one; the relay repeats what got lost."""
    if not settings.BROKER:
        return False
    try:
        current_app.send_task("foundation.run_job", args=[str(job_id)], retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("broker not reachable, the relay will publish job %s: %s", job_id, error)
        return False
    Job.objects.filter(pk=job_id).update(published_at=timezone.now())
    return True


def due(now=None):
    """Return the jobs somebody should take up: waiting ones, and running ones without a lease."""
    now = now or timezone.now()
    return Job.objects.filter(
        models.Q(state=JobState.QUEUED, run_at__lte=now)
        | models.Q(state=JobState.RUNNING, leased_until__lt=now)
    )


def retried():
    """Return the jobs that an outage broke off and that wait for their next attempt."""
    return Job.objects.filter(state=JobState.QUEUED, attempts__gt=0)


def relay(limit: int = 200) -> int:
    """Publish due jobs that were not published lately; return how many were."""
    now = timezone.now()
    stale = models.Q(published_at=None) | models.Q(published_at__lt=now - REPUBLISH_AFTER)
    ids = list(due(now).filter(stale).order_by("run_at").values_list("pk", flat=True)[:limit])
    return sum(publish(job_id) for job_id in ids)


def run(job_id) -> bool:
    """Do one job if it is due and nobody else has it; return whether it was done now."""
    now = timezone.now()
    lease = uuid.uuid4()
    taken = (
        due(now)
        .filter(pk=job_id)
        .update(
            state=JobState.RUNNING,
            lease=lease,
            leased_until=now + LEASE,
            attempts=models.F("attempts") + 1,
            error="",
        )
    )
    if not taken:
        return False
    row = Job.objects.get(pk=job_id)
    facts = {"user": row.user_id, "organisation": row.organisation_id}
    facts = {name: value for name, value in facts.items() if value}
    request_id = row.request_id or logs.new_id()
    with logs.bound(request_id=request_id, job=row.pk, kind=row.kind, **facts):
        begin = time.perf_counter()
        done = _do(row, Job.objects.filter(pk=job_id, lease=lease))
        logs.event("job", done=done, ms=round((time.perf_counter() - begin) * 1000))
    return done


def _do(row: Job, mine) -> bool:
    """Do a job that was taken, and keep how it ended; ``mine`` is its row while it is ours."""
    handler = HANDLERS[row.kind]
    if row.attempts > handler.max_attempts:
        # Each time the worker died over it: memory or time ran out. Others wait for the worker.
        _fail(mine, row, handler, WorkerDiedError(_("The worker died over it, each time.")))
        return False
    try:
        handler.run(row)
    except handler.retry_for as error:
        logger.warning("job %s failed, attempt %s: %s", row, row.attempts, error)
        if row.attempts >= handler.max_attempts:
            _fail(mine, row, handler, error)
        else:
            seconds = settings.JOB_PAUSE * 4 ** (row.attempts - 1)
            pause = timedelta(seconds=min(seconds, LONGEST_PAUSE))
            mine.update(
                state=JobState.QUEUED,
                error=describe(error),
                run_at=timezone.now() + pause,
                published_at=None,
            )
        return False
    except Exception as error:
        logger.exception("job %s failed", row)
        _fail(mine, row, handler, error)
        return False
    return mine.update(state=JobState.DONE, progress=100, done_at=timezone.now()) == 1


def title_of(row: Job):
    """Return what people read about a job."""
    handler = HANDLERS.get(row.kind)
    return handler.title if handler else row.kind


def describe(error: Exception) -> str:
    """Return what a person is told of an error: its own sentence, never a trace."""
    return f"{type(error).__name__}: {error}"[:2000]


def _fail(mine, row, handler, error):
    with transaction.atomic():
        if mine.update(state=JobState.FAILED, error=describe(error)) and handler.on_failure:
            handler.on_failure(row)


def progress(row: Job, percent: int) -> None:
    """Say how far a running job is, and keep its lease alive."""
    Job.objects.filter(pk=row.pk, lease=row.lease).update(
        progress=percent, leased_until=timezone.now() + LEASE
    )


def retry(row: Job) -> bool:
    """Queue a failed job again; return False when it is not failed any more."""
    changed = Job.objects.filter(pk=row.pk, state=JobState.FAILED).update(
        state=JobState.QUEUED, run_at=timezone.now(), attempts=0, error="", published_at=None
    )
    if changed:
        transaction.on_commit(lambda: publish(row.pk))
    return bool(changed)


def run_due() -> int:
    """Do everything that is due in this process, follow-up jobs included; return how many."""
    count = 0
    while ids := list(due().order_by("run_at").values_list("pk", flat=True)[:100]):
        for job_id in ids:
            run(job_id)
            count += 1
    return count
