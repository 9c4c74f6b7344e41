"""What files are attached as, where, and whether another version may still take their place.

Apps say in their module ``labels`` how their attachments are called, and while what a record may
get the newer version of a file.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from foundation import journal
from foundation.models import Attachment, StoredFile
from foundation.workflow import WorkflowRefusal

LABELS: dict[str, Any] = {}
_OPEN: dict[str, Callable[[Any, Any], bool]] = {}


class UseIsSettledError(WorkflowRefusal):
    """The record keeps the version it has."""


def name_labels(**titles) -> None:
    """Say how attachments under these labels are called."""
    LABELS.update(titles)


def movable(model_label: str, is_open: Callable[[Any, Any], bool]) -> None:
    """Let a record of this model get a newer version while ``is_open(record, actor)``."""
    _OPEN[model_label] = is_open


@dataclass(frozen=True)
class Use:
    """One place where a file is used, as an actor may see it."""

    attachment: Attachment
    record: Any
    title: Any
    may_move: bool

    @property
    def url(self) -> str:
        """Return the address of the record, empty when it has no page of its own."""
        address = getattr(self.record, "get_absolute_url", None)
        return address() if address else ""


def uses_of(files: Iterable[StoredFile], actor) -> tuple[dict, dict]:
    """Return the uses of each file that the actor may see, and how many others there are.

    One query for the attachments and one for each kind of record, however many files there are.
    """
    rows = Attachment.objects.filter(file__in=files).order_by("created_at")
    wanted = defaultdict(set)
    for row in rows:
        wanted[row.subject_type].add(row.subject_id)
    records = {
        kind: apps.get_model(kind).objects.visible_to(actor).in_bulk(keys)
        for kind, keys in wanted.items()
    }
    seen: dict = defaultdict(list)
    hidden: dict = defaultdict(int)
    for row in rows:
        record = records[row.subject_type].get(row.subject_id)
        if record is None or row.internal_to not in (None, actor.organisation_id):
            hidden[row.file_id] += 1
            continue
        title = LABELS.get(row.label, row.label)
        seen[row.file_id].append(Use(row, record, title, _is_open(row, record, actor)))
    return seen, hidden


def _is_open(row, record, actor) -> bool:
    test = _OPEN.get(row.subject_type)
    return bool(test and test(record, actor))


@transaction.atomic
def move(attachment: Attachment, file: StoredFile, actor) -> Attachment:
    """Let a record use another version of the file it has. Raises UseIsSettledError."""
    model = apps.get_model(attachment.subject_type)
    rows = model._base_manager.select_for_update(of=("self",))
    record = rows.get(pk=attachment.subject_id)
    if not _is_open(attachment, record, actor):
        raise UseIsSettledError(_("This record is settled: it keeps the version it has."))
    earlier = attachment.file
    present = Attachment.objects.filter(
        file=file,
        subject_type=attachment.subject_type,
        subject_id=attachment.subject_id,
        label=attachment.label,
    )
    if present.exists():
        attachment.delete()
    else:
        attachment.file = file
        attachment.save(update_fields=["file", "changed_at"])
    versions = {"from": earlier.version, "to": file.version, "label": attachment.label}
    journal.record(file, "file.moved", actor, versions)
    return attachment
