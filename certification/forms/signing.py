"""Forms of acts that somebody answers for in person."""

import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from foundation.forms import CleanCharField
from foundation.transition_forms import TransitionForm

# Serious, but nobody loses anything by them.
GAINS = frozenset({"grant", "maintain", "renew", "extend", "reinstate", "correct"})


class SigningForm(TransitionForm):
    """Asks for the reason; the base asks who sits there."""

    def __init__(self, *args, transition, **kwargs):
        super().__init__(*args, transition=transition, **kwargs)
        if transition.action in GAINS:
            self.submit_class = "btn-primary"


class TypedNumberForm(SigningForm):
    """Asks to type the certificate number as well: the act cannot be taken back."""

    number = CleanCharField(
        label=_("Certificate number"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args, obj, **kwargs):
        super().__init__(*args, obj=obj, **kwargs)
        self.fields["number"].help_text = _("Type %(number)s to confirm.") % {"number": obj.number}
        # The number comes after what it confirms.
        self.order_fields([*(name for name in self.fields if name != "number"), "number"])

    def clean_number(self):
        if _plain(self.cleaned_data["number"]) != _plain(self.obj.number):
            raise ValidationError(_("This is not the number of the certificate."))
        return ""

    def facts(self) -> dict:
        """Return what the transition gets; the typed number has done its work."""
        return {name: value for name, value in super().facts().items() if name != "number"}


def _plain(number: str) -> str:
    return "".join(unicodedata.normalize("NFKC", number).split()).upper()
