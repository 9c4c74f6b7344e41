"""The files of an organisation: uploaded once, used anywhere, kept in versions."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation import files, journal
from foundation.examination import DOCUMENTS
from foundation.models import StoredFile
from foundation.workflow import NotAllowed, StaleState
from organisations.rights import ENDS_FILES, KEEPS_FILES


def _allow(right, actor, file: StoredFile) -> None:
    access = right(actor, file)
    if not access:
        raise NotAllowed(access.reason)


@transaction.atomic
def add_file(*, actor, given, description: str = "") -> StoredFile:
    """Keep a new document. Raises ValidationError when the file is refused."""
    file = files.store(given, actor=actor, description=description)
    journal.record(file, "file.stored", actor, {"name": file.name, "sha256": file.sha256})
    return file


@transaction.atomic
def add_version(*, actor, file: StoredFile, given) -> StoredFile:
    """Keep a newer version; what uses the earlier one goes on using it.

    Raises NotAllowed, ValidationError when the file is refused, and StaleState when somebody
    stored a newer version meanwhile.
    """
    _allow(KEEPS_FILES, actor, file)
    rows = StoredFile.objects.filter(pk=file.pk, is_current=True, ended_at=None)
    if not rows.update(is_current=False, changed_at=timezone.now()):
        raise StaleState(_("There is a newer version already, or the file was taken out of use."))
    fresh = files.store(
        given,
        actor=actor,
        accept=DOCUMENTS,
        family=file.family,
        version=file.version + 1,
        description=file.description,
    )
    journal.record(fresh, "file.version", actor, {"version": fresh.version, "sha256": fresh.sha256})
    return fresh


@transaction.atomic
def describe_file(*, actor, file: StoredFile, name: str, description: str) -> StoredFile:
    """Give a file another name or description; the ending stays that of its content.

    Raises NotAllowed.
    """
    _allow(KEEPS_FILES, actor, file)
    # What is typed after a dot is part of the name; the ending is added.
    fresh = files.clean_name(f"{name}.x", file.content_type)
    changed = {"name": [file.name, fresh]}
    file.name, file.description = fresh, description
    file.save(update_fields=["name", "description", "changed_at"])
    journal.record(file, "file.described", actor, changed)
    return file


@transaction.atomic
def end_file(*, actor, file: StoredFile) -> int:
    """Take a document out of use: it is offered no more, and versions that nothing uses go.

    Returns how many versions were removed. What is attached stays where it is. Raises NotAllowed.
    """
    _allow(ENDS_FILES, actor, file)
    rows = StoredFile.objects.select_for_update().filter(family=file.family)
    removed = 0
    for row in rows:
        facts = {"version": row.version, "name": row.name, "sha256": row.sha256}
        if row.attachments.exists():
            row.ended_at = timezone.now()
            row.save(update_fields=["ended_at", "changed_at"])
            journal.record(row, "file.ended", actor, facts)
        else:
            journal.record(row, "file.removed", actor, facts)
            files.remove(row)
            removed += 1
    return removed
