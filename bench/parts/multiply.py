"""Fill an empty database with many times the demonstration: other cases, the same people."""

import uuid
from contextlib import contextmanager

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction

# What stands once, however many cases there are: people, bodies, standards, what Django keeps.
ONCE = {
    "account.emailaddress", "organisations.bodyprofile", "organisations.membership",
    "certification.counter", "foundation.storageuse",
}  # fmt: skip
SKIPPED = {"sessions.session", "admin.logentry", "contenttypes.contenttype", "auth.permission"}
APPS = ("foundation", "accounts", "account", "organisations", "schemes", "certification", "audits")
CHUNK = 200


def multiply(source: str, times: int) -> int:
    """Copy every row from the alias ``source`` to the default database; cases ``times`` over.

    The first copy keeps keys and numbers, the others get new ones that are unique. Returns how
    many rows were written.
    """
    found = [
        model
        for label in APPS
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if model._meta.label_lower not in SKIPPED and model._meta.managed
    ]
    once = [model for model in found if _stands_once(model)]
    many = [model for model in found if model not in once]
    bodies = _kept_organisations(source)
    written = 0
    with _dates_kept([*once, *many]):
        for number in range(times):
            with transaction.atomic():
                if number == 0:
                    written += sum(_write(model, _rows(model, source, ()), None) for model in once)
                keys = _Keys(number, bodies)
                written += sum(
                    _write(model, _rows(model, source, keys.left_out), keys) for model in many
                )
                if number == 0:
                    _after_last_numbers([*once, *many])
    return written


def _stands_once(model) -> bool:
    label = model._meta.label_lower
    return label in ONCE or label.startswith(("schemes.", "accounts."))


def _kept_organisations(source):
    organisation = apps.get_model("organisations.organisation")
    return set(
        organisation._base_manager.using(source)
        .exclude(kind="enterprise")
        .values_list("pk", flat=True)
    )


class _Keys:
    """New keys for the copy with this number, the same for the same old key."""

    def __init__(self, number, kept):
        self.number, self.kept = number, kept

    @property
    def left_out(self):
        """The organisations that are not copied again."""
        return self.kept if self.number else ()

    def of(self, old):
        if not self.number or old is None or old in self.kept:
            return old
        return uuid.uuid5(old, str(self.number)) if isinstance(old, uuid.UUID) else old


def _rows(model, source, left_out):
    """Return the rows of the source, without those organisations and their sites."""
    rows = model._base_manager.using(source).all()
    owner = {"organisations.organisation": "pk", "organisations.site": "organisation"}
    name = owner.get(model._meta.label_lower)
    return rows.exclude(**{f"{name}__in": left_out}) if name and left_out else rows


def _write(model, rows, keys) -> int:
    batch, count = [], 0
    for row in rows.iterator(chunk_size=CHUNK):
        if keys is not None and keys.number:
            _renew(row, keys)
        batch.append(row)
        count += 1
        if len(batch) == CHUNK:
            model._base_manager.using("default").bulk_create(batch)
            batch = []
    model._base_manager.using("default").bulk_create(batch)
    return count


def _renew(row, keys) -> None:
    """Give a row keys and unique texts of its own."""
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if isinstance(field, models.AutoField):
            setattr(row, field.attname, None)
        elif isinstance(value, uuid.UUID):
            setattr(row, field.attname, keys.of(value))
        elif (field.unique or field.name in ("identifier", "number", "number_key")) and value:
            tail = f"-{keys.number}"
            if isinstance(value, str):
                setattr(row, field.attname, value[: (field.max_length or 99) - len(tail)] + tail)
            elif row._meta.label_lower == "foundation.journalentry":
                row.chain = f"{row.chain[:58]}:{keys.number}"
        elif field.name == "name" and row._meta.label_lower == "foundation.journalchain":
            row.name = f"{value[:58]}:{keys.number}"


@contextmanager
def _dates_kept(found):
    """Keep the dates of the source for a while: the columns would set themselves otherwise."""
    fields = [
        (field, name)
        for model in found
        for field in model._meta.concrete_fields
        for name in ("auto_now", "auto_now_add")
        if getattr(field, name, False)
    ]
    for field, name in fields:
        setattr(field, name, False)
    try:
        yield
    finally:
        for field, name in fields:
            setattr(field, name, True)


def _after_last_numbers(found) -> None:
    statements = connection.ops.sequence_reset_sql(no_style(), found)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
