"""What a person says of himself or herself."""

from crispy_forms.layout import Layout
from django import forms
from django.contrib.auth.password_validation import UserAttributeSimilarityValidator
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.forms import CleanCharField, PortalForm


def _name_field(**kwargs):
    return CleanCharField(
        label=_("Full name"),
        max_length=100,
        help_text=_("As it stands on your identity document. You sign with it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        **kwargs,
    )


class SignUpForm(forms.Form):
    """What a new account needs beside e-mail and password, which the sign-up itself asks for."""

    name = _name_field()
    field_order = ("name", "email", "password1", "password2")

    def clean(self):
        facts = super().clean()
        named = User(name=self.cleaned_data.get("name", ""))
        try:
            UserAttributeSimilarityValidator(["name"]).validate(
                self.cleaned_data.get("password1", ""), named
            )
        except ValidationError as error:
            self.add_error("password1", error)
        return facts

    def signup(self, request, user):
        """Keep the name, and the language of the page as the one we write to the person in."""
        user.name = self.cleaned_data["name"]
        user.language = get_language()
        user.save(update_fields=["name", "language"])


class NameForm(PortalForm, forms.ModelForm):
    """The name of a person, as others see it and as he or she signs."""

    name = _name_field()
    name_latin = CleanCharField(
        label=_("Name in Latin letters"),
        max_length=100,
        required=False,
        help_text=_("For documents in English, such as Zhang Wei."),
    )
    submit_label = _("Save")

    class Meta:
        model = User
        fields = ("name", "name_latin")

    def get_layout(self):
        return Layout("name", "name_latin")
