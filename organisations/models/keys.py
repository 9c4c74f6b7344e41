import hashlib
import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.models import Record, VisibleQuerySet
from organisations.models.organisations import Organisation

MARK = "cpk"


def hash_of(secret: str) -> str:
    """Return what is kept of a key. It has 256 random bits: no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiKeyQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """One's own keys; operators all."""
        if actor.is_operator:
            return self
        return self.filter(user=actor.user) if actor.is_authenticated else self.none()

    def good(self):
        """Keys that open something now, as far as they themselves say."""
        return self.filter(ended_at=None, expires_at__gt=timezone.now(), user__is_active=True)


class ApiKey(Record):
    """A program acts with it for one person in one organisation, within some scopes."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_keys"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="api_keys"
    )
    name = models.CharField(_("name"), max_length=60)
    prefix = models.CharField(_("beginning"), max_length=16, unique=True)
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"))
    expires_at = models.DateTimeField(_("good until"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    last_address = models.GenericIPAddressField(_("last used from"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-created_at"]

    def __str__(self):
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @staticmethod
    def new_secret() -> tuple[str, str]:
        """Return a new key as its holder gets it, and the beginning that is shown later."""
        prefix = f"{MARK}_{secrets.token_hex(4)}"
        return f"{prefix}_{secrets.token_urlsafe(32)}", prefix
