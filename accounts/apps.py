"""The app's entry in Django's registry."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class AccountsConfig(AppConfig):
    """Users and sign-in."""

    name = "accounts"
    verbose_name = pgettext_lazy("admin", "Accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        import_module("accounts.receivers")
