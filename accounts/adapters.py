"""How our accounts differ from what the library does by itself."""

from allauth.account.adapter import DefaultAccountAdapter
from django.urls import reverse

from accounts.enums import Happening
from accounts.models import User
from accounts.services import history
from foundation import identity


class AccountAdapter(DefaultAccountAdapter):
    """One page to prove again who one is, whatever one proves it with."""

    def get_login_stages(self):
        """Put our second step in the place of the library's."""
        ours = {"allauth.mfa.stages.AuthenticateStage": "accounts.stages.SecondStep"}
        return [ours.get(path, path) for path in super().get_login_stages()]

    def authentication_failed(self, request, **credentials):
        """Keep a refused password, whether or not somebody has the address."""
        email = credentials.get("email", "")
        history.record(request, User.objects.filter(email__iexact=email).first(), Happening.REFUSED)

    def post_login(self, request, user, **facts):
        """Keep the sign-in."""
        response = super().post_login(request, user, **facts)
        history.record_sign_in(request, user, response)
        return response

    def get_reauthentication_methods(self, user):
        return [
            {"id": "reauthenticate", "url": reverse("account_reauthenticate"), "description": ""}
        ]

    def is_reauthentication_required(self, *, app, **kwargs):
        """Ask again before factors change, but not somebody who just came in to set up the first.

        Proof by a password a minute old is proof enough where there is nothing else yet.
        """
        request = self.request
        is_first = not identity.factors_of(request.user).exists()
        return not (is_first and identity.has_just_signed_in(request))
