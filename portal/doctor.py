"""What the doctor asks about the installation."""

from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.checkup import Finding, check
from portal.checks import commits_are_durable


@check("database.durable", gettext_lazy("What the database confirms survives a power cut."))
def durable():
    """Ask the database for the settings that acknowledged work depends on."""
    for error in commits_are_durable(None, databases=[DEFAULT_DB_ALIAS]):
        yield Finding(error.msg, _("Change the setting: %(hint)s") % {"hint": error.hint})
