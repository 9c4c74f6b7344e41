"""The form of a key for programs."""

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.forms import CleanCharField
from foundation.identity_forms import IdentityForm
from organisations.scopes import SCOPES

DAYS = ((30, _("30 days")), (90, _("90 days")), (180, _("180 days")), (365, _("one year")))


class KeyForm(IdentityForm, forms.Form):
    """What the key is for, what it may do and how long."""

    name = CleanCharField(
        label=_("Name of the key"), max_length=60, help_text=_("Such as the program that uses it.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), widget=forms.CheckboxSelectMultiple
    )
    days = forms.TypedChoiceField(label=_("Good for"), choices=DAYS, coerce=int, initial=90)
    submit_label = _("Make the key")

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(s.name, s.text) for s in SCOPES.values()]
        if not actor.confirmed:
            self.ask_identity(actor.user)

    def facts(self) -> dict:
        """Return what the key needs."""
        return {name: self.cleaned_data[name] for name in ("name", "scopes", "days")}
