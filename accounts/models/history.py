from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.enums import Happening
from foundation.models import Record, VisibleQuerySet


class OwnQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """One's own; operators all."""
        if actor.is_operator:
            return self
        return self.filter(user=actor.user) if actor.is_authenticated else self.none()


class AccountEvent(Record):
    """One thing that happened to an account: when, from where, with what outcome."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="account_events",
        null=True,
        verbose_name=_("person"),
        help_text=_("Empty when nobody has the address that was typed."),
    )
    kind = models.CharField(_("event"), max_length=20, choices=Happening.choices)
    address = models.GenericIPAddressField(_("network address"), null=True)
    device = models.CharField(_("device"), max_length=60, blank=True)
    browser = models.CharField(max_length=64, blank=True, editable=False)
    detail = models.CharField(_("detail"), max_length=200, blank=True)

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = _("account event")
        verbose_name_plural = _("account events")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["user", "-created_at"], name="account_event_of_person")]

    def __str__(self):
        return f"{self.get_kind_display()} · {self.user or '–'}"


class SignInSession(Record):
    """A browser in which a person is signed in; the row goes with the session."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_in_sessions"
    )
    session_key = models.CharField(max_length=40, unique=True)
    seen_at = models.DateTimeField(_("last seen"))
    address = models.GenericIPAddressField(_("network address"), null=True)
    device = models.CharField(_("device"), max_length=60, blank=True)

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["-seen_at"]
