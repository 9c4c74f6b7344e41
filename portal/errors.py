"""The answer when something broke: an outage of the database is told as one."""

import sys

import psycopg_pool
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string

from portal import measures

OUTAGES = (OperationalError, InterfaceError, psycopg_pool.PoolTimeout)


def server_error(request):
    """Answer 503 with Retry-After when the database is away, 500 otherwise.

    The page is rendered without the request: its context would ask the database again.
    """
    error = sys.exc_info()[1]
    away = isinstance(error, OUTAGES)
    if away:
        measures.count_outage(error)
    context = {
        "away": away,
        "portal_name": settings.PORTAL_NAME,
        "request_id": getattr(request, "id", ""),
    }
    page = render_to_string("500.html", context)
    return HttpResponse(
        page, status=503 if away else 500, headers={"Retry-After": "10"} if away else {}
    )
