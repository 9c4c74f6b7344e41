"""The app's entry in Django's registry."""

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """The project: settings, addresses, the landing page, the desk, the demo."""

    default = True
    name = "portal"
    verbose_name = _("Portal")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        """Register the checks, make our Celery application the current one, log sign-ins."""
        import_module("portal.checks")
        import_module("portal.celery")
        import_module("portal.worker")
        import_module("portal.signins").tell()


class AdministrationConfig(admin_apps.AdminConfig):
    """The admin, opened by the rights of the portal."""

    default = False
    default_site = "portal.administration.Administration"
