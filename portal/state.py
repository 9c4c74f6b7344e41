"""The state of the installation in numbers: the same for Prometheus and for the status page."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min
from django.utils import timezone

from certification.enums import RevisionStatus
from certification.models import Certificate, CertificateRevision
from foundation import heartbeats, jobs
from foundation.models import Heartbeat, Job, Notice, StoredFile
from foundation.models.jobs import JobState

MAIL = "foundation.mail_notice"
# How long issuing a certificate may take before somebody should look.
ISSUING_FOR = timedelta(minutes=10)


@dataclass(frozen=True)
class Measure:
    """One number, or one for each value of its labels."""

    name: str
    help: str
    values: list[tuple[tuple[str, ...], float]]
    labels: tuple[str, ...] = ()


def job_counts() -> dict[tuple[str, str], int]:
    """Return how many jobs there are, by kind and state."""
    rows = Job.objects.order_by().values_list("kind", "state").annotate(n=Count("pk"))
    return {(kind, state): n for kind, state, n in rows}


def oldest_due(now: datetime) -> datetime | None:
    """Return since when the oldest job waits that could be done now."""
    return jobs.due(now).aggregate(at=Min("run_at"))["at"]


def most_tried() -> Job | None:
    """Return the job that was tried most often and still waits for an attempt that succeeds."""
    return jobs.retried().order_by("-attempts", "created_at").first()


def outbox(now: datetime):
    """Return the jobs that are due and were not handed to the broker yet."""
    return Job.objects.filter(state=JobState.QUEUED, run_at__lte=now, published_at=None)


def stuck_revisions(now: datetime):
    """Return the revisions of certificates whose issuing began long ago and has not ended."""
    return CertificateRevision.objects.filter(
        status=RevisionStatus.ISSUING, created_at__lt=now - ISSUING_FOR
    )


def mail_counts(by_job: dict[tuple[str, str], int]) -> dict[str, int]:
    """Return how many notices were mailed, wait for it, or could not be."""
    sent = Notice.objects.exclude(mailed_at=None).count()
    waiting = by_job.get((MAIL, JobState.QUEUED), 0) + by_job.get((MAIL, JobState.RUNNING), 0)
    return {"sent": sent, "waiting": waiting, "failed": by_job.get((MAIL, JobState.FAILED), 0)}


def signs_of_life() -> dict[str, Heartbeat]:
    """Return what was last heard of each part that runs unseen."""
    return {row.name: row for row in Heartbeat.objects.all()}


def measures() -> Iterator[Measure]:
    """Yield every number that the database and the disk give."""
    now = timezone.now()
    by_job = job_counts()
    yield Measure("portal_jobs", "Jobs.", list(by_job.items()), ("kind", "state"))
    oldest = oldest_due(now)
    late = (now - oldest).total_seconds() if oldest else 0
    yield _one("portal_jobs_oldest_due_seconds", "How long the oldest due job waits.", late)
    tried = most_tried()
    attempts = tried.attempts if tried else 0
    yield _one("portal_jobs_most_attempts", "Attempts of the job tried most often.", attempts)
    yield _one("portal_outbox", "Due jobs not handed to the broker yet.", outbox(now).count())
    yield _by("portal_mails", "Notices by e-mail.", "state", mail_counts(by_job))
    yield _by("portal_files", "Stored files.", "state", _counted(StoredFile, "state"))
    yield _by("portal_certificates", "Certificates.", "status", _counted(Certificate, "status"))
    stuck = stuck_revisions(now).count()
    yield _one("portal_issuing_stuck", "Revisions not issued within ten minutes.", stuck)
    lives = signs_of_life()
    ages = {name: (now - row.at).total_seconds() for name, row in lives.items()}
    yield _by("portal_heartbeat_age_seconds", "Since a part was heard of.", "part", ages)
    if heartbeats.DOCTOR in lives:
        faults = lives[heartbeats.DOCTOR].facts.get("faults", 0)
        yield _one("portal_doctor_faults", "Faults the doctor found last.", faults)
    disk = shutil.disk_usage(settings.DATA_DIR)
    yield _one("portal_storage_free_bytes", "Space left for files.", disk.free)
    yield _one("portal_storage_bytes", "Space for files.", disk.total)


def _one(name: str, text: str, value: float) -> Measure:
    return Measure(name, text, [((), value)])


def _by(name: str, text: str, label: str, values: dict[str, float]) -> Measure:
    return Measure(name, text, [((key,), value) for key, value in values.items()], (label,))


def _counted(model, field: str) -> dict[str, int]:
    rows = model._base_manager.order_by().values_list(field).annotate(n=Count("pk"))
    return dict(rows)
