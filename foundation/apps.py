from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig, apps
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _

# Flows, kinds of notices, jobs, mails, reminders, limits that call for a decision once missed, what
# can be appealed against, sources of waiting work, lists, checks of the doctor, names of
# attachments, hints, what follows a case to another holder.
DECLARATIONS = (
    "flows",
    "notices",
    "jobs",
    "mail",
    "reminders",
    "proposals",
    "appeals",
    "work",
    "assignments",
    "lists",
    "doctor",
    "labels",
    "hints",
    "carrying",
)


class FoundationConfig(AppConfig):
    """Workflow engine, access rules, journal, files, jobs, notices; no business noun."""

    name = "foundation"
    verbose_name = _("Foundation")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        """Let every app declare what it has of each of these kinds.

        Each is a module, or a package of which all modules are imported: the package itself may
        stay empty, so that a service can import a single flow.
        """
        for config in apps.get_app_configs():
            for name in DECLARATIONS:
                if module_has_submodule(config.module, name):
                    found = import_module(f"{config.name}.{name}")
                    for module in iter_modules(getattr(found, "__path__", ())):
                        import_module(f"{found.__name__}.{module.name}")
