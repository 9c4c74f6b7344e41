"""Views under the names by which the library finds them: only those that we use.

What is not listed does not exist here, so that a new release opens no door by itself.
"""

from allauth.mfa.base.views import authenticate
from allauth.mfa.recovery_codes.views import generate_recovery_codes, view_recovery_codes
from allauth.mfa.totp.views import activate_totp
from allauth.mfa.webauthn.views import add_webauthn, edit_webauthn, login_webauthn
from django.urls import path

from accounts.views.factors import ReauthenticateView, RemoveAppView, RemovePasskeyView
from accounts.views.security import security

urlpatterns = [
    path("reauthenticate/", ReauthenticateView.as_view(), name="account_reauthenticate"),
    path("login/second-factor/", authenticate, name="mfa_authenticate"),
    path("login/passkey/", login_webauthn, name="mfa_login_webauthn"),
    path("security/", security, name="mfa_index"),
    path("security/", security, name="mfa_list_webauthn"),
    path("security/app/", activate_totp, name="mfa_activate_totp"),
    path("security/app/remove/", RemoveAppView.as_view(), name="mfa_deactivate_totp"),
    path("security/passkeys/add/", add_webauthn, name="mfa_add_webauthn"),
    path("security/passkeys/<int:pk>/", edit_webauthn, name="mfa_edit_webauthn"),
    path(
        "security/passkeys/<int:pk>/remove/",
        RemovePasskeyView.as_view(),
        name="mfa_remove_webauthn",
    ),
    path("security/recovery-codes/", view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "security/recovery-codes/new/", generate_recovery_codes, name="mfa_generate_recovery_codes"
    ),
]
