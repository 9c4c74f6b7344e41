"""Sign-in and what secures it, told to the log: who, from where, never with what."""

import logging

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth
from django.core.exceptions import PermissionDenied

from foundation import logs

TOLD = (
    (auth.user_logged_in, "signin.done", logging.INFO),
    (auth.user_logged_out, "signin.ended", logging.INFO),
    (auth.user_login_failed, "signin.failed", logging.WARNING),
    (account.user_signed_up, "account.made", logging.INFO),
    (account.email_confirmed, "account.address_confirmed", logging.INFO),
    (account.email_changed, "account.address_changed", logging.WARNING),
    (account.password_changed, "account.password_changed", logging.WARNING),
    (account.password_reset, "account.password_reset", logging.WARNING),
    (mfa.authenticator_added, "account.factor_added", logging.INFO),
    (mfa.authenticator_removed, "account.factor_removed", logging.WARNING),
    (mfa.authenticator_reset, "account.factor_reset", logging.WARNING),
)


def tell() -> None:
    """Write an event for each of the signals; the address is the one trusted proxies report."""
    for signal, name, level in TOLD:
        signal.connect(_teller(name, level), weak=False, dispatch_uid=f"log {name}")


def _teller(name, level):
    def told(sender, request=None, user=None, **facts):
        user = user or getattr(facts.get("email_address"), "user", None)
        logs.event(name, level=level, user=getattr(user, "pk", None), address=_address(request))

    return told


def _address(request) -> str | None:
    try:
        return get_adapter().get_client_ip(request) if request is not None else None
    except PermissionDenied:
        return None
