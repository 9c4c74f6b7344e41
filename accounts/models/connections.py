from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.history import OwnQuerySet
from foundation.models import Record


class Connection(Record):
    """A person's identity at a provider; issuer and subject alone say who it is."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="connections"
    )
    provider = models.CharField(_("provider"), max_length=40)
    issuer = models.CharField(_("issuer"), max_length=200)
    subject = models.CharField(_("subject"), max_length=255)
    email = models.CharField(
        _("e-mail address there"), max_length=254, blank=True, help_text=_("As shown, never used.")
    )
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = _("connected sign-in")
        verbose_name_plural = _("connected sign-ins")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="identity_connected_once")
        ]

    def __str__(self):
        return f"{self.provider} · {self.email or self.subject}"
