"""Numbers without gaps and without duplicates, on either engine."""

from django.db import transaction
from django.db.models import F

from certification.models import Counter


def next_number(*, scope: str, series: str, year: int) -> int:
    """Return the next number of a series, starting with 1 each year.

    The counter row stays locked until the surrounding transaction ends, so a rollback gives the
    number back: call it late. Raises TransactionManagementError outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("numbers are taken inside a transaction")
    key = {"scope": scope, "series": series, "year": year}
    Counter.objects.get_or_create(**key)
    rows = Counter.objects.filter(**key)
    rows.update(last=F("last") + 1)
    return rows.values_list("last", flat=True).get()
