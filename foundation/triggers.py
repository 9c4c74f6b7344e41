"""What the database itself refuses, written once for SQLite and PostgreSQL."""

from contextlib import contextmanager

from django.db import migrations, transaction
from django.db.migrations.loader import MigrationLoader

PREFIX = "portal_"
# What the migrations that were imported so far declare: name and events.
_DECLARED: dict[str, tuple[str, ...]] = {}


def append_only(table: str) -> migrations.RunPython:
    """Return the migration step after which rows of a table can be added and never changed."""
    message = f"{table} is append-only"
    name = f"{PREFIX}{table}_append_only"
    _DECLARED[name] = ("UPDATE", "DELETE")

    def create(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END $$"
            )
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {name}()"
            )
            schema_editor.execute(
                f"CREATE TRIGGER {name}_truncate BEFORE TRUNCATE ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
            )
        else:
            for event in ("UPDATE", "DELETE"):
                schema_editor.execute(
                    f"CREATE TRIGGER {name}_{event.lower()} BEFORE {event} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
                )

    def drop(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP FUNCTION {name}() CASCADE")
        else:
            for event in ("update", "delete"):
                schema_editor.execute(f"DROP TRIGGER {name}_{event}")

    return migrations.RunPython(create, drop)


def refuse(name: str, table: str, events: tuple[str, ...], when: str, message: str):
    """Return the migration step after which a row meeting a condition is refused.

    ``when`` is an SQL condition over NEW (and sub-selects) that both engines understand.
    """

    full = f"{PREFIX}{name}"
    _DECLARED[full] = events

    def create(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(
                f"CREATE FUNCTION {full}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF {when} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'; "
                f"END IF; RETURN NEW; END $$"
            )
            schema_editor.execute(
                f"CREATE TRIGGER {full} BEFORE {' OR '.join(events)} ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {full}()"
            )
        else:
            for event in events:
                schema_editor.execute(
                    f"CREATE TRIGGER {full}_{event.lower()} BEFORE {event} ON {table} "
                    f"WHEN {when} BEGIN SELECT RAISE(ABORT, '{message}'); END"
                )

    def drop(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP FUNCTION {full}() CASCADE")
        else:
            for event in events:
                schema_editor.execute(f"DROP TRIGGER {full}_{event.lower()}")

    return migrations.RunPython(create, drop)


def missing(connection) -> list[str]:
    """Return the triggers that the migrations make and this database does not have in force."""
    MigrationLoader(None)  # imports them all
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            wanted = set(_DECLARED)
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'")
        else:
            wanted = {
                f"{name}_{event.lower()}" for name, events in _DECLARED.items() for event in events
            }
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return sorted(wanted - {row[0] for row in cursor.fetchall()})


@contextmanager
def suspended(connection):
    """Switch the portal's triggers off for the time of a block.

    Only the test suite has a reason to: it empties tables between tests. When anything fails,
    all of them are in force again, and what the block did is undone.
    """
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A table with checks put off to the commit cannot be altered.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger "
                "WHERE NOT tgisinternal AND tgname LIKE %s",
                [f"{PREFIX}%"],
            )
            tables = [row[0] for row in cursor.fetchall()]
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            yield
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        else:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s",
                [f"{PREFIX}%"],
            )
            triggers = cursor.fetchall()
            for name, _sql in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            yield
            for _name, sql in triggers:
                cursor.execute(sql)
