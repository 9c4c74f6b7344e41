from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class FoundationConfig(AppConfig):
    """Workflow engine, access rules, journal, files, jobs, notices; no business noun."""

    name = "foundation"
    verbose_name = _("Foundation")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        """Let every app declare its flows, kinds of notices and jobs."""
        autodiscover_modules("flows", "notices", "jobs")
