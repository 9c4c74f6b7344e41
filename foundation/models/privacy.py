"""What people ask about their own data, and what was removed because its time was over."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.models.base import Record, VisibleQuerySet
from foundation.models.files import StoredFile


class Wish(models.TextChoices):
    COPY = "copy", _("Copy of my data")
    ERASURE = "erasure", _("Erasure")


class DataRequestQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """One's own; operators also the erasures they decide on, never another's copy."""
        if not actor.is_authenticated:
            return self.none()
        own = Q(user=actor.user)
        return self.filter(own | Q(wish=Wish.ERASURE) if actor.is_operator else own)

    def copies(self):
        """Return the copies that may still be fetched."""
        return self.filter(wish=Wish.COPY, expires_at__gt=timezone.now())

    def open_erasures(self):
        """Return the erasures that nobody has decided on."""
        return self.filter(wish=Wish.ERASURE, done_at=None, declined_at=None)


class DataRequest(Record):
    """One wish of a person: a copy, ready for some days, or the erasure of what may go."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="data_requests"
    )
    wish = models.CharField(_("wish"), max_length=16, choices=Wish.choices)
    file = models.ForeignKey(
        StoredFile, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("file")
    )
    expires_at = models.DateTimeField(_("can be fetched until"), null=True)
    done_at = models.DateTimeField(_("done"), null=True)
    declined_at = models.DateTimeField(_("declined"), null=True)
    answer = models.TextField(_("reason"), max_length=1000, blank=True)

    objects = DataRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request about personal data")
        verbose_name_plural = _("requests about personal data")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(wish=Wish.ERASURE, done_at=None, declined_at=None),
                name="one_open_erasure",
            ),
        ]

    def __str__(self):
        return f"{self.get_wish_display()} {self.user_id}"

    def get_absolute_url(self):
        """Return where its person sees it."""
        return reverse("personal_data")

    @property
    def decision_url(self) -> str:
        """Where operators decide on an erasure."""
        return reverse("erasure_decide", args=[self.pk])


class RetentionRun(Record):
    """One night on which something was removed: how many of each kind."""

    counts = models.JSONField(_("removed"), default=dict)

    class Meta:
        verbose_name = _("retention run")
        verbose_name_plural = _("retention runs")
        ordering = ["-created_at"]

    def __str__(self):
        return f"{self.created_at:%Y-%m-%d}"
