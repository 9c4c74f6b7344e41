"""Signs of life of what runs unseen: the relay, the workers, the backup, the doctor."""

from datetime import datetime, timedelta

from django.utils import timezone

from foundation.models import Heartbeat

RELAY = "relay"
WORKER = "worker"
BACKUP = "backup"
DOCTOR = "doctor"

# How often the frequent ones are written, and after what silence they count as dead: a worker
# says so itself, the relay waits behind the longest job (CELERY_TASK_TIME_LIMIT).
EVERY = timedelta(seconds=10)
SILENCE = {WORKER: timedelta(seconds=60), RELAY: timedelta(seconds=660)}


def beat(name: str, facts: dict | None = None, *, every: timedelta = timedelta(0)) -> None:
    """Say that a part is alive; within ``every`` of the last time nothing is written."""
    now = timezone.now()
    fresh = {"at": now, "facts": facts or {}}
    old = Heartbeat.objects.filter(name=name, at__lte=now - every)
    if not old.update(**fresh):
        Heartbeat.objects.get_or_create(name=name, defaults=fresh)


def last(name: str) -> datetime | None:
    """Return when a part was last heard of."""
    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()


def is_alive(name: str) -> bool:
    """Tell whether a part that beats all the time was heard of lately."""
    at = last(name)
    return at is not None and at > timezone.now() - SILENCE[name]
