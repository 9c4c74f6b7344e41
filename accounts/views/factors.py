"""Second factors: the page that leads to one, and what the library's pages lack."""

from allauth.account.views import BaseReauthenticateView
from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.views import DeactivateTOTPView
from allauth.mfa.webauthn.internal import auth as passkeys
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.contrib import messages
from django.db import transaction
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.forms.factors import ReauthenticateForm
from accounts.models import User
from foundation import identity
from foundation.access import SIGNED_IN, needs, page_of_ours

AFTER = "after_second_factor"


@require_safe
@needs(SIGNED_IN)
def second_factor(request):
    """Say why a second factor is needed, and offer the two kinds; whoever has one goes on."""
    back = page_of_ours(request, request.GET.get("next", ""), "")
    if identity.used_second_factor(request):
        return redirect(back or request.session.pop(AFTER, "") or "accounts:security")
    if back:
        request.session[AFTER] = back
    return render(request, "accounts/second_factor.html")


@require_safe
@never_cache
@needs(SIGNED_IN)
def passkey_options(request):
    """Return what a passkey of this person is to sign, as JSON for the browser."""
    return JsonResponse({"request_options": passkeys.begin_authentication(request.user)})


@method_decorator(needs(SIGNED_IN), name="dispatch")
class ReauthenticateView(BaseReauthenticateView):
    """Prove again who one is, then go on with what was interrupted."""

    form_class = ReauthenticateForm
    template_name = "account/reauthenticate.html"

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}


class _KeepsOne:
    """Removes a factor unless it is the last of somebody who needs one, also of two at once."""

    def get_factor(self):
        raise NotImplementedError

    def form_valid(self, form):
        with transaction.atomic():
            User.objects.select_for_update().get(pk=self.request.user.pk)
            if get_adapter().can_delete_authenticator(self.get_factor()):
                return super().form_valid(form)
        error = get_adapter().validation_error("cannot_delete_authenticator")
        messages.error(self.request, error.messages[0])
        return redirect("accounts:security")


@method_decorator(needs(SIGNED_IN), name="dispatch")
class RemoveAppView(_KeepsOne, DeactivateTOTPView):
    """Take the authenticator app off."""

    def get_factor(self):
        return self.authenticator


@method_decorator(needs(SIGNED_IN), name="dispatch")
class RemovePasskeyView(_KeepsOne, RemoveWebAuthnView):
    """Take a passkey off."""

    def get_factor(self):
        return self.get_object()
