"""Uploads in pieces, as tus 1.0 describes them: they survive lost connections and closed tabs.

An upload is a row and a file that grows. A piece is written through to the disk before the row
counts it, so the count never says more than is there. A form takes what is complete; what nobody
takes within a day is swept.
"""

import os
import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation import quota
from foundation.durable import make_folder, sync_folder, write_through
from foundation.examination import Verdict, check_size
from foundation.models import StoredFile, Upload
from foundation.models.files import UploadState

PIECE = 1024**2
LIVES = timedelta(hours=24)
AT_ONCE = 20
GONE = _("This file is not among yours any more. Choose again.")


class OffsetError(Exception):
    """A piece does not begin where the upload ends."""


class UsedError(Exception):
    """Another request stored the upload first; ``file`` is what it became."""

    def __init__(self, file: StoredFile):
        super().__init__(file.pk)
        self.file = file


class Received:
    """A complete upload, taken by forms and by ``files.store`` like any other."""

    verdict: Verdict | None = None

    def __init__(self, row: Upload):
        self.row, self.name, self.size = row, row.name, row.size

    def opened(self):
        """Open what was received.

        Raises UsedError when it was stored meanwhile, ValidationError when it was cancelled.
        """
        try:
            return self.row.path.open("rb")
        except FileNotFoundError:
            if Upload.objects.filter(pk=self.row.pk, state=UploadState.RECEIVED).exists():
                raise
            raise _no_more(self.row) from None

    def chunks(self):
        """Yield the bytes a piece at a time."""
        with self.opened() as handle:
            while piece := handle.read(PIECE):
                yield piece


def begin(*, actor, key: str, name: str, size: int) -> Upload:
    """Return the upload of this person under a key, begun now or before.

    ``key`` names the file on the person's device, so that choosing it again goes on where it
    stopped. Raises ValidationError when it is too large or there is no room.
    """
    check_size(size, settings.LARGE_FILE_LIMIT)
    rows = Upload.objects.visible_to(actor)
    found = rows.filter(key=key, size=size).exclude(state=UploadState.USED).first()
    if found is not None:
        return found
    waiting = rows.exclude(state=UploadState.USED)
    if waiting.count() >= AT_ONCE:
        raise ValidationError(_("Too many uploads wait to be used. Finish or cancel one first."))
    waiting_size = sum(waiting.values_list("size", flat=True))
    quota.check_room(actor.organisation_id, size + waiting_size)
    facts = {"name": name[:255], "size": size, "organisation_id": actor.organisation_id}
    try:
        with transaction.atomic():
            return Upload.objects.create(user=actor.user, key=key, **facts)
    except IntegrityError:
        # The same file for another organisation, or with another length: begun anew.
        return Upload.objects.create(user=actor.user, key=uuid.uuid4().hex, **facts)


@transaction.atomic
def receive(upload: Upload, offset: int, piece: bytes) -> Upload:
    """Write the next piece of an upload and return the row with its new length.

    Raises OffsetError when the piece does not fit where it says; the same piece sent twice is one.
    Raises Upload.DoesNotExist when it was cancelled meanwhile.
    """
    row = Upload.objects.select_for_update().get(pk=upload.pk)
    fits = row.received + len(piece) <= row.size
    if row.state != UploadState.RECEIVING or offset != row.received or not fits:
        raise OffsetError
    make_folder(row.path.parent)
    handle = os.open(row.path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.ftruncate(handle, offset)
        os.pwrite(handle, piece, offset)
        os.fsync(handle)
    finally:
        os.close(handle)
    if not offset:
        sync_folder(row.path.parent)
    row.received += len(piece)
    if row.received == row.size:
        row.state = UploadState.RECEIVED
    row.save(update_fields=["received", "state", "changed_at"])
    return row


def hold(upload, *, actor) -> Upload:
    """Keep an upload that came with a form which has faults elsewhere."""
    row = Upload(
        user=actor.user,
        organisation_id=actor.organisation_id,
        key=uuid.uuid4().hex,
        name=upload.name[:255],
        size=upload.size,
        received=upload.size,
        state=UploadState.RECEIVED,
    )
    write_through(row.path, upload.chunks())
    sync_folder(row.path.parent)
    row.save(force_insert=True)
    return row


def ready(keys: Iterable[str], actor) -> list:
    """Return complete uploads of a person: as files, or what they were stored as already."""
    with suppress(ValueError, ValidationError):
        rows = Upload.objects.visible_to(actor).filter(pk__in=set(keys)).select_related("stored")
        used = [row.stored for row in rows if row.state == UploadState.USED and row.stored]
        return used + [Received(row) for row in rows if row.state == UploadState.RECEIVED]
    return []


def used(received: Received, file: StoredFile) -> None:
    """Remember, in the transaction that stores it, what became of an upload.

    Raises UsedError when a form sent twice was quicker the other time, ValidationError when the
    upload was cancelled meanwhile.
    """
    row, path = received.row, received.row.path
    waiting = Upload.objects.filter(pk=row.pk, state=UploadState.RECEIVED)
    if not waiting.update(
        state=UploadState.USED, stored=file, key=row.pk.hex, changed_at=timezone.now()
    ):
        raise _no_more(row)
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def _no_more(upload: Upload) -> Exception:
    """Return what says why an upload waits no more: it was stored, or cancelled."""
    row = Upload.objects.filter(pk=upload.pk).select_related("stored").first()
    if row is None or row.stored is None:
        return ValidationError(GONE, code="strange")
    return UsedError(row.stored)


def cancel(upload: Upload) -> None:
    """Forget an upload that nobody has taken."""
    Upload.objects.filter(pk=upload.pk).exclude(state=UploadState.USED).delete()
    upload.path.unlink(missing_ok=True)


def sweep(now=None) -> int:
    """Forget what nobody has taken within a day; return how many."""
    rows = Upload.objects.filter(changed_at__lt=(now or timezone.now()) - LIVES)
    return sum(forget_if_unchanged(row) for row in rows)


def forget_if_unchanged(row: Upload) -> bool:
    """Forget an upload; False when it was taken, or went on, since it was read."""
    gone = bool(Upload.objects.filter(pk=row.pk, changed_at=row.changed_at).delete()[0])
    if gone:
        row.path.unlink(missing_ok=True)
    return gone
