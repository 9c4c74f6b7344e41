"""Stored files: every row has its bytes, unchanged, and no bytes lie about without a row."""

import hashlib
from functools import partial
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.models import Exists, OuterRef, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation import clamav, files
from foundation.checkup import WARNING, Finding, check, name_of
from foundation.models import Attachment, StorageUse, StoredFile
from foundation.models.files import FileState


def _stored():
    return StoredFile.objects.filter(state=FileState.STORED)


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@check("files.there", gettext_lazy("Every stored file is there, in its full length."))
def there():
    """Look at each file without reading it."""
    for row in _stored().iterator():
        try:
            size = row.path.stat().st_size
        except FileNotFoundError:
            yield Finding(
                _("The file “%(name)s” is missing.") % {"name": row.name}, _cure(), name_of(row)
            )
            continue
        if size != row.size:
            yield Finding(
                _("The file “%(name)s” has %(size)s bytes instead of %(right)s.")
                % {"name": row.name, "size": size, "right": row.size},
                _cure(),
                name_of(row),
            )


def _cure() -> str:
    return _("Put the bytes of a backup in its place; the hash in the row tells the right ones.")


@check("files.unchanged", gettext_lazy("Every stored file has the hash it was stored with."),
       slow=True)  # fmt: skip
def unchanged():
    """Read every stored byte."""
    for row in _stored().iterator():
        if not row.sha256:
            text = _("The file “%(name)s” was stored without a hash.")
        elif row.path.exists() and _sha256(row.path) != row.sha256:
            text = _("The file “%(name)s” was changed after it was stored.")
        else:
            continue
        yield Finding(text % {"name": row.name}, _cure(), name_of(row))


@check("files.pending", gettext_lazy("No upload stands half stored for long."))
def pending():
    """Find rows whose bytes never came; the sweeper takes those that nothing hangs on."""
    limit = timezone.now() - files.PENDING_FOR
    rows = StoredFile.objects.filter(state=FileState.PENDING, created_at__lt=limit)
    for row in rows.iterator():
        yield Finding(
            _("The upload “%(name)s” never finished.") % {"name": row.name},
            _("The sweeper removes it within the hour; the doctor can do it now."),
            name_of(row),
            WARNING,
            files.sweep,
        )


@check("files.orphans", gettext_lazy("No bytes lie in the store without a row."))
def orphans():
    """Find files that no row knows, old enough not to be one that is being stored."""
    root = Path(settings.FILES_DIR)
    limit = (timezone.now() - files.PENDING_FOR).timestamp()
    known = files.known_names()
    for path in sorted(root.glob("*/*")) if root.exists() else ():
        name = str(path.relative_to(root))
        if name not in known and path.stat().st_mtime < limit:
            yield Finding(
                _("%(name)s belongs to no row.") % {"name": name},
                _("The sweeper removes it within the hour; the doctor can do it now."),
                name,
                WARNING,
                files.sweep,
            )


@check("files.quota", gettext_lazy("What organisations keep is counted right."))
def quotas():
    """Compare the counted bytes of each organisation with the sum of its uploads."""
    rows = StoredFile.objects.filter(generated=False).exclude(organisation_id=None)
    kept = dict(rows.order_by().values_list("organisation_id").annotate(Sum("size")))
    counted = dict(StorageUse.objects.values_list("organisation_id", "used"))
    for organisation_id in kept | counted:
        size = kept.get(organisation_id, 0)
        if counted.get(organisation_id, 0) != size:
            yield Finding(
                _("%(counted)s bytes are counted where %(size)s are kept.")
                % {"counted": counted.get(organisation_id, 0), "size": size},
                _("The doctor can count them anew."),
                f"organisation {organisation_id}",
                repair=partial(
                    StorageUse.objects.update_or_create,
                    {"used": size},
                    organisation_id=organisation_id,
                ),
            )


@check("files.scanner", gettext_lazy("A configured virus scanner answers."), operating=True)
def scanner():
    """Ask the scanner for a sign of life."""
    if not settings.CLAMAV_ADDRESS:
        return
    try:
        clamav.ping()
    except clamav.ScannerError as error:
        yield Finding(
            _("The virus scanner does not answer: %(error)s") % {"error": error},
            _("Start clamd, or correct CLAMAV_ADDRESS. Until then new uploads are kept back."),
        )


def _keys_to_files():
    """Return (model, name of the column) of every foreign key to a stored file."""
    return [
        (model, field.attname)
        for model in apps.get_models()
        if model is not Attachment
        for field in model._meta.concrete_fields
        if field.related_model is StoredFile
    ]


@check("files.used", gettext_lazy("Every document the portal made belongs to a record."))
def used():
    """Find generated files that nothing names: a job had its effect twice, or lost it."""
    rows = StoredFile.objects.filter(generated=True).exclude(
        Exists(Attachment.objects.filter(file=OuterRef("pk")))
    )
    for model, column in _keys_to_files():
        rows = rows.exclude(Exists(model._base_manager.filter(**{column: OuterRef("pk")})))
    for row in rows.iterator():
        yield Finding(
            _("The document “%(name)s” belongs to no record.") % {"name": row.name},
            _("It does no harm. Tell the makers: a job had its effect twice."),
            name_of(row),
        )
