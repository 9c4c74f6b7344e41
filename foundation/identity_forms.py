"""Forms of acts for which a person proves again who he or she is."""

from typing import Any

from allauth.core import context
from allauth.mfa.models import Authenticator
from crispy_forms.layout import HTML, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from foundation import identity
from foundation.forms import PortalForm

_PASSKEY = '{% include "components/passkey_button.html" %}'


class IdentityForm(PortalForm):
    """Mixin of forms that ask for the password, a code or a passkey at their end.

    The question stands in the form itself: an answer that is wrong loses nothing that was typed,
    and whoever answered within the last minutes is not asked. What was proved is kept in the
    session, never in the form.
    """

    fields: dict[str, Any]
    data: Any
    asks_identity = False
    has_passkey = False

    def ask_identity(self, user) -> None:
        """Add the fields of the proof, worded for what this person has."""
        types = set(
            Authenticator.objects.filter(user=user).values_list("type", flat=True).distinct()
        )
        has_code = bool(types & {Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES})
        self.asks_identity = True
        self.has_passkey = Authenticator.Type.WEBAUTHN in types
        self.fields["password"] = forms.CharField(
            label=_("Your password or a code") if has_code else _("Your password"),
            strip=False,
            required=not self.data.get("credential"),
            max_length=200,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
            help_text=_("The code of your authenticator app will do. Nobody else acts as you.")
            if has_code
            else _("So that nobody acts at your unlocked screen."),
        )
        self.fields["credential"] = forms.CharField(
            required=False, max_length=20_000, widget=forms.HiddenInput
        )

    def get_layout(self):
        """Return all fields in order but those of the proof, which come last by themselves."""
        return [name for name in self.fields if name not in ("password", "credential")]

    def get_closing(self):
        """Return what stands before the buttons."""
        if not self.asks_identity:
            return []
        passkey = [HTML(_PASSKEY)] if self.has_passkey else []
        return [Layout("credential", "password", *passkey)]

    def clean(self):
        """Check the proof as soon as it is given, even if something else is missing."""
        facts = super().clean()
        if self.asks_identity:
            self._check_identity()
        return facts

    def _check_identity(self):
        typed = self.cleaned_data.pop("password", "")
        credential = self.cleaned_data.pop("credential", "")
        if not typed and not credential:
            return
        try:
            identity.confirm(context.request, typed=typed, credential=credential)
        except ValidationError as error:
            self.add_error("password", error)
