"""Stored files and what they are attached to."""

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from foundation.models.base import Record


class FileState(models.TextChoices):
    PENDING = "pending", _("Being stored")
    STORED = "stored", _("Stored")


class StoredFile(Record):
    """Bytes under a random name, with what is known of them.

    ``generated`` files were made by the portal (offers, reports, certificates) and are
    immutable; the others were uploaded by a person.
    """

    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    state = models.CharField(max_length=16, choices=FileState.choices, default=FileState.PENDING)
    generated = models.BooleanField(default=False)
    organisation_id = models.UUIDField(null=True, db_index=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    storage_name = models.CharField(max_length=100, unique=True)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")

    @staticmethod
    def new_storage_name() -> str:
        token = uuid.uuid4().hex
        return f"{token[:2]}/{token}"

    @property
    def path(self) -> Path:
        return Path(settings.FILES_DIR) / self.storage_name

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
