"""The app's entry in Django's registry."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VerificationConfig(AppConfig):
    """What the public sees: look-up, QR target, directory."""

    name = "verification"
    verbose_name = _("Verification")
    default_auto_field = "django.db.models.BigAutoField"
