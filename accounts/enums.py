from django.db import models
from django.utils.translation import gettext_lazy as _


class Happening(models.TextChoices):
    """What the sign-in history of a person tells."""

    SIGNED_IN = "signed_in", _("Signed in")
    REFUSED = "refused", _("Wrong password")
    CODE_REFUSED = "code_refused", _("Wrong second factor")
    CONFIRMED = "confirmed", _("Proved again who it is")
    FACTOR_ADDED = "factor_added", _("Second factor added")
    FACTOR_REMOVED = "factor_removed", _("Second factor removed")
    CODES_MADE = "codes_made", _("New recovery codes")
    PASSWORD_CHANGED = "password_changed", _("Password changed")
    PASSWORD_RESET = "password_reset", _("Password chosen anew by e-mail")
    ADDRESS_CHANGED = "address_changed", _("E-mail address changed")
    SESSIONS_ENDED = "sessions_ended", _("Sessions ended")
    SWITCHED_OFF = "switched_off", _("Account switched off")
    KEY_MADE = "key_made", _("API key made")
    KEY_ENDED = "key_ended", _("API key ended")
    LINKED = "linked", _("Other sign-in connected")
    UNLINKED = "unlinked", _("Other sign-in disconnected")
