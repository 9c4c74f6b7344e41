"""What a person is told, in the portal and by e-mail."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.models.base import Record, VisibleQuerySet


class NoticeQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """Return the notices addressed to this person."""
        return self.filter(recipient=actor.user) if actor.is_authenticated else self.none()


class Notice(Record):
    """One message to one person, stored as kind and facts so that it reads in both languages."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    kind = models.CharField(max_length=64)
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=200, blank=True)
    subject_type = models.CharField(max_length=64, blank=True)
    subject_id = models.UUIDField(null=True)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["recipient", "read_at"], name="notice_unread")]

    def __str__(self):
        return f"{self.kind} {self.recipient_id}"
