"""Jobs of every day: asked for once a day after an hour, also when the hour itself was missed."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from foundation import jobs
from foundation.models import Job


@dataclass(frozen=True)
class Daily:
    """A kind of job to be done each day, not before an hour of the portal's time zone."""

    kind: str
    hour: int


DAILY: dict[str, Daily] = {}


def daily(kind: str, *, hour: int, title="", **options):
    """Register the function that does a day's work; it gets the job, see ``day_of``."""
    DAILY[kind] = Daily(kind, hour)
    return jobs.job(kind, title=title, **options)


def ask(now=None) -> int:
    """Ask for today's work whose hour has come; asking again changes nothing. Returns how many.

    A day on which nothing ran is over: its work is part of today's.
    """
    now = timezone.localtime(now)
    due = [row for row in DAILY.values() if now.hour >= row.hour]
    for row in due:
        day = f"{now:%Y-%m-%d}"
        jobs.enqueue(row.kind, key=f"{row.kind}:{day}", payload={"day": day})
    return len(due)


def day_of(job: Job) -> date | None:
    """Return the day a job works for, or None when that day is over and today has its own job."""
    day = date.fromisoformat(job.payload["day"])
    return day if day == timezone.localdate() else None
