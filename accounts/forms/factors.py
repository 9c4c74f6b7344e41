"""The forms of second factors, as the library's views want them, with our checks and words."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import validate_totp_code
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
)
from allauth.mfa.webauthn.internal import auth as passkeys
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from foundation import identity
from foundation.forms import CleanCharField
from foundation.identity_forms import IdentityForm


def _code_field(label, **kwargs):
    attrs = {"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"}
    return forms.CharField(
        label=label,
        max_length=40,
        widget=forms.TextInput(attrs=attrs | {"class": "code"}),
        **kwargs,
    )


class CredentialField(forms.JSONField):
    """What a browser says of a passkey; also what breaks a reader of JSON is merely wrong."""

    widget = forms.HiddenInput

    def to_python(self, value):
        """Raise ValidationError for levels or digits beyond what the reader bears."""
        try:
            return super().to_python(value)
        except (RecursionError, ValueError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def bound_data(self, data, initial):
        """Show nothing of it again."""
        return initial


class CodeForm(AuthenticateForm):
    """The second step of a sign-in; each code is good once."""

    code = _code_field(
        _("Code"),
        help_text=_("Six digits from your authenticator app, or one of your recovery codes."),
    )

    def clean_code(self):
        """Use the code up."""
        try:
            self.authenticator = identity.use_code(self.user, self.cleaned_data["code"])
        except ValidationError as error:
            if error.code == "incorrect_code" and (first := identity.factors_of(self.user).first()):
                self._emit_authentication_failed(first)
            raise
        return ""


class PasskeyForm(AuthenticateWebAuthnForm):
    """The second step of a sign-in by passkey. Guesses stay counted against the address."""

    credential = CredentialField()

    def clean_credential(self):
        """Check the answer of the passkey."""
        return identity.use_passkey(self.user, self.data["credential"])


class AppForm(ActivateTOTPForm):
    """Proves that the authenticator app has the key."""

    code = _code_field(_("Code"), help_text=_("The six digits that the app shows now."))

    def clean_code(self):
        """Compare with the new key; the code itself is kept, so that it is good once."""
        with identity.attempt(self.user):
            if not validate_totp_code(self.secret, self.cleaned_data["code"]):
                raise get_adapter().validation_error("incorrect_code")
        return self.cleaned_data["code"]


class LoginPasskeyForm(LoginWebAuthnForm):
    """A sign-in by passkey alone."""

    credential = CredentialField()

    def clean_credential(self):
        """Check the answer of the passkey and find out whose it is."""
        identity.read_passkey(self.data["credential"], passkeys.parse_authentication_response)
        return super().clean_credential()


def _passkey_name(**kwargs):
    return CleanCharField(
        label=_("Name of the passkey"),
        max_length=60,
        help_text=_("So that you know it again, such as Work laptop."),
        **kwargs,
    )


class AddPasskeyForm(AddWebAuthnForm):
    """A new passkey; it also signs in alone, because the device asks who holds it."""

    name = _passkey_name(required=False)
    credential = CredentialField()
    passwordless = forms.BooleanField(
        label=_("Sign in with this passkey alone, without a password"), required=False, initial=True
    )

    def clean_credential(self):
        """Refuse what is no new passkey before the library looks at it."""
        identity.read_passkey(self.data["credential"], passkeys.parse_registration_response)
        return self.cleaned_data["credential"]


class RenamePasskeyForm(EditWebAuthnForm):
    """A better name for a passkey."""

    name = _passkey_name()


class ConnectForm(IdentityForm, forms.Form):
    """Connect a provider with the account of whoever proves to own it."""

    submit_label = _("Connect")

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        if not actor.confirmed:
            self.ask_identity(actor.user)


class ReauthenticateForm(IdentityForm, forms.Form):
    """Asks who sits there and nothing else."""

    submit_label = _("Confirm")
    secondary = None

    def __init__(self, *args, user=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.ask_identity(user)
