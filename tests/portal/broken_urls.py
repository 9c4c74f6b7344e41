"""Addresses that break, each in its own way."""

from django.db import OperationalError
from django.http import HttpResponse
from django.urls import path
from psycopg_pool import PoolTimeout

from foundation.access import public
from portal.metrics import metrics


def breaking(error):
    @public
    def view(request):
        raise error

    return path(f"{error.__name__}/", view)


@public
def remembering(request):
    """Change the session."""
    request.session["seen"] = request.session.get("seen", 0) + 1
    return HttpResponse(request.session["seen"])


urlpatterns = [
    path("remembering/", remembering),
    breaking(OperationalError),
    breaking(PoolTimeout),
    breaking(ValueError),
    path("metrics", metrics),
]
handler500 = "portal.errors.server_error"
