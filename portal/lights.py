"""The lights of the status page: what works, what needs a look, and where its cause is listed."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from certification.services.issuing import RENDER
from foundation import heartbeats, jobs, standstill
from foundation.formatting import moment, size
from foundation.models import Heartbeat
from foundation.models.jobs import JobState
from portal import health, state

GOOD, LOOK, BAD = "good", "look", "bad"
TAGS = {GOOD: "valid", LOOK: "waiting", BAD: "problem"}
WORDS = {GOOD: gettext_lazy("Works"), LOOK: gettext_lazy("Look"), BAD: gettext_lazy("Broken")}

# After these the operators should look, or act.
LATE = (timedelta(minutes=2), timedelta(minutes=10))
# Attempts that failed: the third is made after a good minute, the fifth after twenty.
ATTEMPTS = (3, 5)
BACKUP = (timedelta(hours=25), timedelta(hours=49))
DOCTOR = timedelta(hours=26)
SCHEDULER = timedelta(seconds=60)
ROOM = (0.1, 0.03)


@dataclass(frozen=True)
class Light:
    """One line: how it is, in a word and a sentence, and the list of exactly what is wrong."""

    name: str
    title: Any
    level: str
    text: Any
    url: str = ""
    details: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """The kind of the status tag."""
        return TAGS[self.level]

    @property
    def word(self) -> Any:
        """The level in a word."""
        return WORDS[self.level]


def lights() -> list[Light]:
    """Return all lights as they are now, the worst first."""
    failed = health.failed()
    found = list(_services(failed))
    if not failed.keys() & health.ESSENTIAL:
        found += _records()
    order = (BAD, LOOK, GOOD)
    return sorted(found, key=lambda light: order.index(light.level))


def troubles() -> list[Light]:
    """Return the lights that somebody should look at, the worst first."""
    return [light for light in lights() if light.level != GOOD]


def _services(failed: dict[str, str]) -> Iterator[Light]:
    titles = {
        "database": _("Database"),
        "migrations": _("Database of this release"),
        "storage": _("File storage"),
        "age": _("Database and files are of one day"),
        "broker": _("Broker"),
        "worker": _("Workers"),
        "relay": _("Scheduler and relay"),
    }
    url = jobs_url(view="late")
    for name in health.checks():
        here = url if name in {"broker", "worker", "relay"} else ""
        if name in failed:
            yield Light(name, titles.get(name, name), BAD, failed[name], here)
        else:
            yield Light(name, titles.get(name, name), GOOD, _("Answers."))
    if not settings.BROKER:
        text = _("No broker is configured: nobody does the jobs that wait.")
        yield Light("broker", titles["broker"], LOOK, text, url)
    if standstill.is_on():
        why = tuple(standstill.reasons())
        text = _("The portal can only be read until somebody accepts what does not fit.")
        yield Light("read-only", _("Read-only"), BAD, text, details=why)


def _records() -> Iterator[Light]:
    now = timezone.now()
    by_job = state.job_counts()
    lives = state.signs_of_life()
    yield _failed(by_job)
    yield _late(now)
    yield _retried()
    yield _issuing(now)
    yield _mail(by_job)
    yield _room()
    yield _scheduler(lives, now)
    yield _backup(lives.get(heartbeats.BACKUP), now)
    yield _doctor(lives.get(heartbeats.DOCTOR), now)


def jobs_url(**query) -> str:
    """Return the address of the list of jobs, narrowed."""
    return f"{reverse('foundation:jobs')}?{urlencode(query)}"


def _failed(by_job) -> Light:
    count = sum(n for (_kind, at), n in by_job.items() if at == JobState.FAILED)
    words = ngettext("%(n)s job was given up.", "%(n)s jobs were given up.", count) % {"n": count}
    text = words if count else _("None was given up.")
    url = jobs_url(view="failed")
    return Light("failed", _("Jobs that failed"), BAD if count else GOOD, text, url)


def _late(now: datetime) -> Light:
    oldest = state.oldest_due(now)
    age = now - oldest if oldest else timedelta(0)
    text = _("What is due is done at once.")
    if age > LATE[0]:
        text = _("The oldest waits since %(at)s.") % {"at": moment(oldest)}
    return Light("late", _("Jobs that are late"), _level(age, LATE), text, jobs_url(view="late"))


def _retried() -> Light:
    most = state.most_tried()
    text, level = _("None waits for another attempt."), GOOD
    if most:
        count = jobs.retried().count()
        text = ngettext(
            "%(n)s job failed and is tried again: %(error)s",
            "%(n)s jobs failed and are tried again, at last: %(error)s",
            count,
        ) % {"n": count, "error": most.error}
        level = (
            BAD if most.attempts >= ATTEMPTS[1] else LOOK if most.attempts >= ATTEMPTS[0] else GOOD
        )
    return Light("retried", _("Jobs that are tried again"), level, text, jobs_url(view="retried"))


def _issuing(now: datetime) -> Light:
    count = state.stuck_revisions(now).count()
    text = _("None waits for its document.")
    if count:
        text = ngettext(
            "%(n)s certificate was decided on and is not issued after ten minutes.",
            "%(n)s certificates were decided on and are not issued after ten minutes.",
            count,
        ) % {"n": count}
    url = jobs_url(kind=RENDER, view="unfinished")
    return Light("issuing", _("Certificates being issued"), BAD if count else GOOD, text, url)


def _mail(by_job) -> Light:
    counts = state.mail_counts(by_job)
    text = _("%(waiting)s wait, %(failed)s could not be sent.") % counts
    url = jobs_url(kind=state.MAIL, view="unfinished")
    return Light("mail", _("E-mail"), BAD if counts["failed"] else GOOD, text, url)


def _room() -> Light:
    disk = shutil.disk_usage(settings.DATA_DIR)
    share = disk.free / disk.total
    level = BAD if share < ROOM[1] else LOOK if share < ROOM[0] else GOOD
    facts = {"free": size(disk.free), "share": f"{share:.0%}"}
    return Light("room", _("Space for files"), level, _("%(free)s left, %(share)s.") % facts)


def _scheduler(lives: dict[str, Heartbeat], now: datetime) -> Light:
    row = lives.get(heartbeats.RELAY)
    if row is None:
        text = _("It was never heard of.")
        return Light("scheduler", _("Regular work"), LOOK, text, jobs_url(view="late"))
    level = LOOK if now - row.at > SCHEDULER else GOOD
    text = _("The scheduler was last heard of on %(at)s.") % {"at": moment(row.at)}
    return Light("scheduler", _("Regular work"), level, text, jobs_url(view="late"))


def _backup(row: Heartbeat | None, now: datetime) -> Light:
    if row is None:
        text = _("None was made yet. Run manage.py backup from a timer.")
        return Light("backup", _("Backup"), LOOK, text)
    text = _("The last one is of %(at)s.") % {"at": moment(row.at)}
    if row.facts.get("problems"):
        return Light("backup", _("Backup"), BAD, text + " " + _("Files were missing or changed."))
    return Light("backup", _("Backup"), _level(now - row.at, BACKUP), text)


def _doctor(row: Heartbeat | None, now: datetime) -> Light:
    if row is None:
        return Light("doctor", _("Doctor"), LOOK, _("Not asked yet. It is asked every night."))
    count = row.facts.get("faults", 0)
    text = _("Asked on %(at)s.") % {"at": moment(row.at)}
    if not count:
        level = LOOK if now - row.at > DOCTOR else GOOD
        return Light("doctor", _("Doctor"), level, text + " " + _("Everything agrees."))
    words = ngettext("%(n)s fault.", "%(n)s faults.", count) % {"n": count}
    details = tuple(row.facts.get("found", ()))
    return Light("doctor", _("Doctor"), BAD, f"{text} {words}", details=details)


def _level(age: timedelta, limits: tuple[timedelta, timedelta]) -> str:
    return BAD if age > limits[1] else LOOK if age > limits[0] else GOOD
