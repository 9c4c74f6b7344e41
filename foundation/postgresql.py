"""What PostgreSQL alone is asked."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


def unhurried(cursor, *, only_now: bool = False) -> None:
    """Lift the limits of time, which are for pages, of this session or of its transaction."""
    cursor.execute(
        "SELECT set_config('statement_timeout', '0', %(local)s),"
        " set_config('idle_in_transaction_session_timeout', '0', %(local)s)",
        {"local": only_now},
    )


@contextmanager
def one_moment() -> Iterator:
    """Give a cursor that reads the database as it is now, for as long as that takes.

    It may rest meanwhile: while files are read, or another program dumps what it sees.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        unhurried(cursor, only_now=True)
        yield cursor
