"""Is the process alive, and is everything it needs there?"""

import logging
import tempfile

import redis
from django.conf import settings
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from foundation.access import public

log = logging.getLogger(__name__)


def _database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker():
    if settings.REDIS_URL:
        with redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_OPTIONS) as client:
            client.ping()


def _storage():
    settings.FILES_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=settings.FILES_DIR) as file:
        file.write(b"ready")


CHECKS = {"database": _database, "broker": _broker, "storage": _storage}


@never_cache
@public
def alive(request):
    """Answer that the process serves requests."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@public
def ready(request):
    """Answer 200 when all needed services work, else 503 with the names of those that do not."""
    failed = []
    for name, check in CHECKS.items():
        try:
            check()
        except Exception as error:  # noqa: BLE001 -- whatever is wrong, the answer is "not ready"
            log.warning("not ready: %s: %s", name, error)
            failed.append(name)
    return JsonResponse(
        {"ready": not failed, "failed": failed},
        status=503 if failed else 200,
        headers={"Retry-After": "5"} if failed else {},
    )
