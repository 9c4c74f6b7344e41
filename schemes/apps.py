"""The app's entry in Django's registry."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchemesConfig(AppConfig):
    """Standards, clauses, rule sets, technical areas, audit-time tables and the calculator."""

    name = "schemes"
    verbose_name = _("Schemes")
    default_auto_field = "django.db.models.BigAutoField"
