"""What the database must promise before anything is written: a commit survives a power cut."""

from django.core.checks import Error, Tags, register
from django.db import connections

PROMISES = {
    "postgresql": {
        "SHOW fsync": {"on"},
        "SHOW full_page_writes": {"on"},
        "SHOW synchronous_commit": {"on", "remote_apply"},
    },
    "sqlite": {
        "PRAGMA journal_mode": {"wal"},
        "PRAGMA synchronous": {2},
        "PRAGMA foreign_keys": {1},
    },
}


@register(Tags.database)
def commits_are_durable(app_configs, databases=None, **kwargs):
    """Ask each database for the settings that acknowledged work depends on."""
    errors = []
    for alias in databases or ():
        connection = connections[alias]
        for question, accepted in PROMISES[connection.vendor].items():
            with connection.cursor() as cursor:
                cursor.execute(question)
                answer = cursor.fetchone()[0]
            if answer not in accepted:
                errors.append(
                    Error(
                        f"The database may lose acknowledged work: {question} says {answer}.",
                        hint=f"It must be {' or '.join(sorted(map(str, accepted)))}.",
                        obj=alias,
                        id="portal.E001",
                    )
                )
    return errors
