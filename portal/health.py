"""Is the process alive, and is everything it needs there?"""

import logging
import tempfile
from collections.abc import Callable
from functools import cache

import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from foundation import anchor, clamav, heartbeats, standstill
from foundation.access import public

log = logging.getLogger(__name__)

# Without these the records cannot be asked for.
ESSENTIAL = {"database", "migrations"}


class NotThereError(Exception):
    """A part does not do what it should; the message says what."""


def _database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@cache
def _migrations():
    """Refuse a database older than this release; once it fits, it fits this process for good."""
    executor = MigrationExecutor(connection)
    if waiting := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotThereError(f"{len(waiting)} migrations wait")


def _broker():
    with redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_OPTIONS) as client:
        client.ping()


def _storage():
    settings.FILES_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=settings.FILES_DIR) as file:
        file.write(b"ready")


def _age():
    if problems := anchor.mismatches():
        raise NotThereError("; ".join(problems))


def _worker():
    if not heartbeats.is_alive(heartbeats.WORKER):
        raise NotThereError("no worker was heard of")


def _relay():
    # Read-only nothing is relayed, so nothing is heard of it.
    if not standstill.is_on() and not heartbeats.is_alive(heartbeats.RELAY):
        raise NotThereError("the scheduler or every worker is silent")


def checks() -> dict[str, Callable[[], None]]:
    """Return what this installation needs, each a function that raises when it is not there."""
    always = {
        "database": _database,
        "migrations": _migrations,
        "storage": _storage,
        "age": _age,
    }
    if not settings.BROKER:
        return always
    return always | {"broker": _broker, "worker": _worker, "relay": _relay}


def failed(wanted=None) -> dict[str, str]:
    """Return what does not work now, by name, with the reason; the log says what has changed.

    ``wanted`` are other checks than those of this installation.
    """
    reasons = {}
    for name, check in (checks() if wanted is None else wanted).items():
        try:
            check()
        except Exception as error:  # noqa: BLE001 -- whatever is wrong, the answer is "not ready"
            reasons[name] = str(error) or type(error).__name__
        _say(name, reasons.get(name, ""))
    return reasons


# The reason that this process gave last for each check that failed.
_said: dict[str, str] = {}


def _say(name: str, reason: str) -> None:
    """Write what a check found, unless this process has just said so: machines ask every second."""
    if _said.get(name, "") == reason:
        return
    _said[name] = reason
    if reason:
        log.warning("not ready: %s: %s", name, reason)
    else:
        log.info("ready again: %s", name)


def _scanner():
    if settings.CLAMAV_ADDRESS:
        clamav.ping()


# Without these the portal works, and something waits: uploads are kept back unscanned.
WAITED_FOR = {"scanner": _scanner}


@never_cache
@public
def alive(request):
    """Answer that the process serves requests."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@public
def ready(request):
    """Answer 200 when all needed services work, else 503 with the names of those that do not.

    ``age``: database and files are not of one moment. While the portal may only be read it is
    ready to be read. ``degraded``: what the portal works without for a while.
    """
    names = list(failed())
    return JsonResponse(
        {
            "ready": not names,
            "failed": names,
            "degraded": list(failed(WAITED_FOR)),
            "read_only": standstill.is_on(),
        },
        status=503 if names else 200,
        headers={"Retry-After": "5"} if names else {},
    )
