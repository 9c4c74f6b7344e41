"""The app's entry in Django's registry."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditsConfig(AppConfig):
    """Programme, planning, teams, findings, corrective actions, audit reports."""

    name = "audits"
    verbose_name = _("Audits")
    default_auto_field = "django.db.models.BigAutoField"
