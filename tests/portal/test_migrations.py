"""Migrations that an older release still running survives."""

from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.models.fields import NOT_PROVIDED

from tests.portal.test_admin import OURS

# Written before this was asked for; releases that do not know these columns are gone.
KNOWN = {
    "foundation.0005_job_request",
    "foundation.0006_notice_choices",
    "foundation.0017_vault",
    "organisations.0002_looks",
}


def required_columns():
    """Yield migrations and columns that a table gets later, may not be empty and have no default.

    While a release is brought out, processes of the one before still insert rows without them.
    """
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        if app not in OURS:
            continue
        new = {
            one.name_lower
            for one in migration.operations
            if isinstance(one, migrations.CreateModel)
        }
        for one in migration.operations:
            if not isinstance(one, migrations.AddField) or one.model_name_lower in new:
                continue
            field = one.field
            if isinstance(field, models.ManyToManyField | models.GeneratedField) or field.null:
                continue
            if field.db_default is NOT_PROVIDED:
                yield f"{app}.{name}", f"{one.model_name_lower}.{one.name}"


def test_a_column_that_comes_later_may_be_left_out_by_older_processes():
    assert {name for name, _column in required_columns()} == KNOWN
