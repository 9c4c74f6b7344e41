"""Stored files, what they are attached to, and uploads on their way."""

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from foundation.models.base import Record, VisibleQuerySet


class FileState(models.TextChoices):
    PENDING = "pending", _("Being stored")
    STORED = "stored", _("Stored")


class ScanState(models.TextChoices):
    NOT_SCANNED = "not_scanned", _("Not scanned for viruses")
    CHECKING = "checking", _("Being checked for viruses")
    CLEAN = "clean", _("No virus found")
    INFECTED = "infected", _("Infected, kept away")


class StoredFileQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """Return what the actor's organisation uploaded, all versions; operators see all uploads.

        Who is confined to what is assigned sees the own uploads alone; what hangs on a record is
        found at that record.
        """
        rows = self.filter(generated=False, state=FileState.STORED)
        if actor.is_operator:
            return rows
        if actor.organisation_id is None:
            return self.none()
        rows = rows.filter(organisation_id=actor.organisation_id)
        return rows.filter(uploaded_by=actor.user) if actor.is_confined else rows

    def on_offer(self, actor):
        """Return the files an actor may attach: current, in use, not infected; newest first."""
        if actor.organisation_id is None:
            return self.none()
        rows = self.visible_to(actor).filter(is_current=True, ended_at=None)
        return rows.exclude(scan=ScanState.INFECTED).order_by("-created_at", "pk")


class StoredFile(Record):
    """Bytes under a random name, with what is known of them.

    ``generated`` files were made by the portal (offers, reports, certificates) and are
    immutable; the others were uploaded by a person. Versions of one document share ``family``;
    what uses a version keeps it.
    """

    name = models.CharField(_("name"), max_length=200)
    description = models.CharField(_("description"), max_length=300, blank=True)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True, db_index=True)
    state = models.CharField(
        _("state"), max_length=16, choices=FileState.choices, default=FileState.PENDING
    )
    scan = models.CharField(
        _("virus scan"), max_length=16, choices=ScanState.choices, default=ScanState.NOT_SCANNED
    )
    generated = models.BooleanField(_("made by the portal"), default=False)
    organisation_id = models.UUIDField(_("organisation"), null=True, db_index=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    family = models.UUIDField(_("document"), default=uuid.uuid4)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    is_current = models.BooleanField(_("current version"), default=True)
    ended_at = models.DateTimeField(_("taken out of use"), null=True)
    storage_name = models.CharField(max_length=100, unique=True)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            models.UniqueConstraint(fields=["family", "version"], name="file_version_once"),
            models.UniqueConstraint(
                fields=["family"], condition=Q(is_current=True), name="file_current_once"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation_id", "-created_at"], name="file_of_organisation"),
        ]

    @staticmethod
    def new_storage_name() -> str:
        token = uuid.uuid4().hex
        return f"{token[:2]}/{token}"

    @property
    def path(self) -> Path:
        return Path(settings.FILES_DIR) / self.storage_name

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")

    @property
    def has_preview(self) -> bool:
        """Tell whether the content can be shown as pictures."""
        return self.is_released and (self.is_picture or self.content_type == "application/pdf")

    @property
    def is_released(self) -> bool:
        """Tell whether the bytes may be handed out: checked, or no scanner is configured."""
        if self.generated or self.scan == ScanState.CLEAN:
            return True
        return self.scan == ScanState.NOT_SCANNED and not settings.CLAMAV_ADDRESS

    def get_absolute_url(self):
        return reverse("foundation:file", args=[self.pk])


class Attachment(Record):
    """A file used by a record, under a label such as ``licence`` or ``evidence``.

    Whoever may see the record may read the file, unless the attachment is internal to one
    organisation.
    """

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="attachments")
    subject_type = models.CharField(max_length=64)
    subject_id = models.UUIDField()
    label = models.CharField(max_length=64)
    internal_to = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["file", "subject_type", "subject_id", "label"],
                name="attachment_once",
            ),
        ]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="attachment_subject")]

    def __str__(self):
        return f"{self.label} {self.file_id}"


class StorageUse(Record):
    """How many bytes an organisation has uploaded, and how many it may; none: the usual quota."""

    organisation_id = models.UUIDField(_("organisation"), unique=True)
    used = models.PositiveBigIntegerField(_("bytes in use"), default=0)
    quota = models.PositiveBigIntegerField(_("bytes allowed"), null=True, blank=True)

    class Meta:
        verbose_name = _("storage in use")
        verbose_name_plural = _("storage in use")

    def __str__(self):
        return str(self.organisation_id)

    @property
    def most(self) -> int:
        return settings.FILE_QUOTA if self.quota is None else self.quota


class UploadState(models.TextChoices):
    RECEIVING = "receiving", _("On its way")
    RECEIVED = "received", _("Received")
    USED = "used", _("Used")


class UploadQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """Return the uploads this person began for the organisation acted for now."""
        if not actor.is_authenticated:
            return self.none()
        return self.filter(user=actor.user, organisation_id=actor.organisation_id)


class Upload(Record):
    """A file sent in pieces, until a form takes it: it survives a closed tab and a restart."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    organisation_id = models.UUIDField(null=True)
    key = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    received = models.PositiveBigIntegerField(default=0)
    state = models.CharField(
        max_length=16, choices=UploadState.choices, default=UploadState.RECEIVING
    )
    content_type = models.CharField(max_length=100, blank=True)
    stored = models.ForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="upload_once")]

    @property
    def path(self) -> Path:
        return Path(settings.FILES_DIR) / "uploads" / self.pk.hex
