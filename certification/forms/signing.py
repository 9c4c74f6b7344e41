"""Forms of acts that somebody answers for in person: they ask for the password again."""

import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from foundation.forms import CleanCharField
from foundation.transition_forms import TransitionForm

# Serious, but nobody loses anything by them.
GAINS = frozenset({"grant", "maintain", "renew", "extend", "reinstate", "correct"})


class SigningForm(TransitionForm):
    """Asks for the reason and the password; the password never leaves this form."""

    signs = True

    def __init__(self, *args, transition, **kwargs):
        super().__init__(*args, transition=transition, **kwargs)
        if transition.action in GAINS:
            self.submit_class = "btn-primary"
        self.fields["password"] = forms.CharField(
            label=_("Your password"),
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
            help_text=_("So that nobody decides at your unlocked screen."),
        )

    def clean_password(self):
        """Compare the password. The answer says nothing else, and nothing is kept."""
        if not self.actor.user.check_password(self.cleaned_data["password"]):
            raise ValidationError(_("This is not your password. Nothing was changed."))
        return ""

    def facts(self) -> dict:
        """Return what the transition gets; not the password."""
        return {name: value for name, value in super().facts().items() if name != "password"}


class TypedNumberForm(SigningForm):
    """Asks to type the certificate number as well: the act cannot be taken back."""

    number = CleanCharField(
        label=_("Certificate number"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args, obj, **kwargs):
        super().__init__(*args, obj=obj, **kwargs)
        self.fields["number"].help_text = _("Type %(number)s to confirm.") % {"number": obj.number}
        # The number comes last but the password, after what it confirms.
        order = [name for name in self.fields if name not in ("number", "password")]
        self.order_fields([*order, "number", "password"])

    def clean_number(self):
        if _plain(self.cleaned_data["number"]) != _plain(self.obj.number):
            raise ValidationError(_("This is not the number of the certificate."))
        return ""

    def facts(self) -> dict:
        """Return what the transition gets; the typed number has done its work."""
        return {name: value for name, value in super().facts().items() if name != "number"}


def _plain(number: str) -> str:
    return "".join(unicodedata.normalize("NFKC", number).split()).upper()
