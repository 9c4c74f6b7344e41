"""The database itself: up to date, whole, with its triggers."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation import triggers
from foundation.checkup import Finding, check


@check("database.migrations", gettext_lazy("The database is that of this release."), essential=True)
def migrations():
    """Find migrations that wait, and those that only a later release knows."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    for migration, _backwards in waiting:
        yield Finding(
            _("The migration %(name)s was not applied.") % {"name": migration},
            _("Run script/prepare.py."),
        )
    known = set(executor.loader.disk_migrations) | set(executor.loader.graph.nodes)
    for key in sorted(set(executor.loader.applied_migrations) - known):
        if key[0] in executor.loader.migrated_apps:
            yield Finding(
                _("The database has %(name)s, which this release does not know.")
                % {"name": ".".join(key)},
                _("Run the release that the database belongs to, or a later one."),
            )


@check("database.triggers", gettext_lazy("The database refuses what must never be."))
def guarded():
    """Compare the triggers there are with those the migrations make."""
    for name in triggers.missing(connection):
        yield Finding(
            _("The trigger %(name)s is missing.") % {"name": name},
            _("Somebody removed it, or the copy was not complete. Restore from a backup."),
            name,
        )


@check("database.whole", gettext_lazy("The database finds no fault in itself."), slow=True)
def whole():
    """Ask the engine; PostgreSQL checks its pages when it reads them."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA quick_check(20)")
        problems = [row[0] for row in cursor.fetchall() if row[0] != "ok"]
        cursor.execute("PRAGMA foreign_key_check")
        problems += [
            _("%(table)s row %(row)s points to a row of %(other)s that does not exist")
            % {"table": table, "row": row, "other": other}
            for table, row, other, _index in cursor.fetchall()
        ]
    for problem in problems:
        yield Finding(problem, _("Restore from the last good backup."))
