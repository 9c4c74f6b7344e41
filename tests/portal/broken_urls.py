"""Addresses that break, each in its own way."""

from django.db import OperationalError
from django.urls import path
from psycopg_pool import PoolTimeout

from foundation.access import public
from portal.metrics import metrics


def breaking(error):
    @public
    def view(request):
        raise error

    return path(f"{error.__name__}/", view)


urlpatterns = [
    breaking(OperationalError),
    breaking(PoolTimeout),
    breaking(ValueError),
    path("metrics", metrics),
]
handler500 = "portal.errors.server_error"
