"""What the database knows of its tables, by which it chooses the way to their rows."""

from django.db import connection


def renew() -> None:
    """Let the database count samples of its tables anew.

    PostgreSQL does so by itself, SQLite only when told: without it fifty rows by their keys are
    looked for among all rows of a body. It takes milliseconds (``analysis_limit``).
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
