"""What follows from the library's own events, which it announces by signals only."""

import time

from allauth.account import signals as account
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import app_settings
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth import signals as auth
from django.dispatch import receiver

from accounts.enums import Happening
from accounts.services import history, sessions

_CODES = Authenticator.Type.RECOVERY_CODES


@receiver(auth.user_logged_in)
def begin_session(sender, request, user, **kwargs):
    sessions.begin(request, user)


@receiver(auth.user_logged_out)
def end_session(sender, request, user, **kwargs):
    """Forget the row of a session that its person ends; the library ends the session."""
    if user is not None and request.session.session_key:
        user.sign_in_sessions.filter(session_key=request.session.session_key).delete()


@receiver(mfa.authenticator_added)
def remember_new_factor(sender, request, user, authenticator, **kwargs):
    """Count a session that set a factor up as one that has it, and has just proved it."""
    if authenticator.type == Authenticator.Type.TOTP:
        # The code that proved the app has the key is used up by it.
        authenticator.data["used"] = int(time.time()) // app_settings.TOTP_PERIOD
        authenticator.save(update_fields=["data"])
    if authenticator.type != _CODES:
        kind = str(authenticator.type)
        record_authentication(
            request,
            user,
            "mfa",
            id=authenticator.pk,
            type=kind,
            reauthenticated=True,
            added=True,
        )
    _factor_event(request, user, Happening.FACTOR_ADDED, authenticator)


@receiver(mfa.authenticator_removed)
def factor_removed(sender, request, user, authenticator, **kwargs):
    _factor_event(request, user, Happening.FACTOR_REMOVED, authenticator)


@receiver(mfa.authenticator_reset)
def codes_made(sender, request, user, authenticator, **kwargs):
    history.record(request, user, Happening.CODES_MADE)


def _factor_event(request, user, kind, authenticator):
    if authenticator.type != _CODES:
        history.record(request, user, kind, detail=str(authenticator))


@receiver(mfa.authentication_failed)
def code_refused(sender, request, user, authenticator, **kwargs):
    history.record(request, user, Happening.CODE_REFUSED)


@receiver([account.password_changed, account.password_set])
def password_changed(sender, request, user, **kwargs):
    """End the other sessions: who knew the old password is out."""
    history.record(request, user, Happening.PASSWORD_CHANGED)
    # The library has just given this session a new key.
    sessions.seen(request)
    sessions.end_sessions(user, keep=request.session.session_key)


@receiver(account.password_reset)
def password_reset(sender, request, user, **kwargs):
    history.record(request, user, Happening.PASSWORD_RESET)
    sessions.end_sessions(user)


@receiver([account.email_changed, account.email_added, account.email_removed])
def address_changed(sender, request, user, **kwargs):
    history.record(request, user, Happening.ADDRESS_CHANGED)


@receiver(account.authentication_step_completed)
def proved_again(sender, request, user, reauthenticated=False, added=False, **kwargs):
    if reauthenticated and not added:
        history.record(request, user, Happening.CONFIRMED)
