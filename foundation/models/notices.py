"""What a person is told, in the portal and by e-mail."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.models.base import Record, VisibleQuerySet

# After days without any digest nobody wants to read what has long been seen in the portal.
NEWS = timedelta(days=7)


class Delivery(models.TextChoices):
    """When a notice goes out by e-mail; in the portal it stands at once, always."""

    NOW = "now", _("At once")
    DIGEST = "digest", _("Daily digest")
    NEVER = "never", _("Never")


class OwnQuerySet(VisibleQuerySet):
    """Rows that belong to one person and concern nobody else."""

    owner = "recipient"

    def visible_to(self, actor):
        """Return the rows of this person."""
        return self.filter(**{self.owner: actor.user}) if actor.is_authenticated else self.none()


class NoticeQuerySet(OwnQuerySet):
    def waiting_for_digest(self):
        """Return what goes out with the next daily digest: unread, and still news."""
        since = timezone.now() - NEWS
        return self.filter(
            delivery=Delivery.DIGEST, digest=None, read_at=None, created_at__gte=since
        )


class ChoiceQuerySet(OwnQuerySet):
    owner = "user"


class Digest(Record):
    """The one e-mail of a day that gathers what is due and the news; one row a person and day."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digests"
    )
    day = models.DateField()
    mailed_at = models.DateTimeField(null=True)
    mailed_to = models.EmailField(blank=True)

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = _("daily digest")
        verbose_name_plural = _("daily digests")
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "day"], name="digest_once_a_day")
        ]

    def __str__(self):
        return f"{self.day} {self.recipient_id}"


class Notice(Record):
    """One message to one person, stored as kind and facts so that it reads in both languages.

    ``delivery`` was decided when it was written; ``mailed_to`` is the address it was sent to.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    kind = models.CharField(max_length=64)
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=200, blank=True)
    subject_type = models.CharField(max_length=64, blank=True)
    subject_id = models.UUIDField(null=True)
    read_at = models.DateTimeField(null=True)
    delivery = models.CharField(max_length=8, choices=Delivery.choices, default=Delivery.NOW)
    digest = models.ForeignKey(Digest, on_delete=models.SET_NULL, null=True, related_name="notices")
    mailed_at = models.DateTimeField(null=True)
    mailed_to = models.EmailField(blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["recipient", "read_at"], name="notice_unread"),
            models.Index(
                fields=["recipient"],
                condition=Q(delivery=Delivery.DIGEST, digest=None),
                name="notice_for_digest",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.recipient_id}"


class NoticeChoice(Record):
    """How a person wants the e-mails of one group of notices, where not as usual."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_choices"
    )
    group = models.CharField(max_length=32)
    level = models.CharField(max_length=8, choices=Delivery.choices)

    objects = ChoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("choice of notices")
        verbose_name_plural = _("choices of notices")
        constraints = [models.UniqueConstraint(fields=["user", "group"], name="notice_choice_once")]

    def __str__(self):
        return f"{self.user_id} {self.group} {self.level}"
