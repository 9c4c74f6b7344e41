"""The app's entry in Django's registry."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """The project: settings, addresses, the landing page, the desk, the demo."""

    name = "portal"
    verbose_name = _("Portal")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        """Register the checks and make our Celery application the current one."""
        import_module("portal.checks")
        import_module("portal.celery")
