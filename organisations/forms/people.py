"""The forms about who belongs to an organisation."""

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.file_fields import FileField
from foundation.forms import CleanCharField, PortalForm
from foundation.identity_forms import IdentityForm
from organisations.enums import ROLES_OF


class InviteForm(PortalForm, forms.Form):
    """Whom to invite, and to what."""

    email = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    roles = forms.MultipleChoiceField(label=_("Roles"), widget=forms.CheckboxSelectMultiple)
    submit_label = _("Send the invitation")

    def __init__(self, *args, organisation, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = [(r.value, r.label) for r in ROLES_OF[organisation.kind]]


class JoinForm(PortalForm, forms.Form):
    """What a person needs who was invited and has no account yet."""

    name = CleanCharField(
        label=_("Full name"),
        max_length=100,
        help_text=_("As it stands on your identity document. You sign with it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "At least 10 characters, not digits alone; not a common password, not your name or "
            "address."
        ),
    )
    submit_label = _("Create the account and accept")

    def __init__(self, *args, email, **kwargs):
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self):
        facts = super().clean()
        if password := self.cleaned_data.get("password"):
            person = User(email=self.email, name=self.cleaned_data.get("name", ""))
            try:
                validate_password(password, person)
            except ValidationError as error:
                self.add_error("password", error)
        return facts


class HandoverForm(IdentityForm, forms.Form):
    """Who shall take over; the one who asks proves who he or she is."""

    person = forms.ModelChoiceField(label=_("Who takes over"), queryset=User.objects.none())
    submit_label = _("Offer it")

    def __init__(self, *args, people, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people
        if not actor.confirmed:
            self.ask_identity(actor.user)


class ConfirmForm(PortalForm, forms.Form):
    """Nothing but the button."""

    submit_class = "btn-danger"


class ReplaceForm(IdentityForm, forms.Form):
    """Who shall run an organisation that nobody runs any more, why, and what shows it."""

    email = forms.EmailField(
        label=_("E-mail address of the new person"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    reason = CleanCharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What happened to those who ran it, and how you made sure who asks."),
    )
    evidence = FileField(
        label=_("Evidence"),
        help_text=_("Such as a letter with the seal of the organisation, or the new licence."),
    )
    submit_label = _("Send the invitation")
    submit_class = "btn-danger"

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        if not actor.confirmed:
            self.ask_identity(actor.user)
