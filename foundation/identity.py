"""Prove again who sits there: by password, by a code or by a passkey, good for some minutes.

The session keeps how and when its person proved who he or she is (allauth's authentication
records); nothing here trusts what a browser says of it.
"""

import json
import re
import time
from contextlib import contextmanager

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.internal import auth as passkeys
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

# A password is never digits alone, so what is digits alone is a code.
_CODE = re.compile(r"[\d\s-]+", re.ASCII)
_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def factors_of(user):
    """Return the second factors of a person; recovery codes only stand in for them."""
    return Authenticator.objects.filter(user=user, type__in=_FACTORS)


def is_confirmed(request) -> bool:
    """Tell whether the person proved who he or she is again within the last minutes."""
    return _is_recent(
        record["at"]
        for record in get_authentication_records(request, request.user)
        if record.get("reauthenticated")
    )


def has_just_signed_in(request) -> bool:
    """Tell whether this session began, or was confirmed, within the last minutes."""
    return _is_recent(record["at"] for record in get_authentication_records(request, request.user))


def _is_recent(moments) -> bool:
    return time.time() - max(moments, default=0) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def used_second_factor(request) -> bool:
    """Tell whether this session was opened with a second factor, or set one up itself."""
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "mfa" for record in records)


def confirm(request, *, typed: str = "", credential: str = "") -> None:
    """Prove that the signed-in person sits there, and remember it in the session.

    ``typed`` is the password or a code, ``credential`` the answer of a passkey as JSON.
    Raises ValidationError, with the code ``too_many_login_attempts`` when it is guesswork.
    """
    user = request.user
    if credential:
        post_authentication(request, use_passkey(user, credential), reauthenticated=True)
    elif _CODE.fullmatch(typed):
        post_authentication(request, use_code(user, typed), reauthenticated=True)
    elif get_adapter().reauthenticate(user, typed):
        reauthenticate_by_password(request)
    else:
        raise ValidationError(_("This is not your password. Nothing was changed."))
    request.actor = request.actor.as_confirmed()


@contextmanager
def attempt(user):
    """Count a guess against the person and the network address; a right one is given back."""
    usage = ratelimit.consume(
        context.request,
        app="allauth.account",
        action="login_failed",
        key=f"mfa-auth-user-{user.pk}",
    )
    if not usage:
        raise get_adapter().validation_error("too_many_login_attempts")
    yield
    usage.rollback()


def use_code(user, typed: str) -> Authenticator:
    """Use up a code of the authenticator app, or a recovery code; return the factor.

    Raises ValidationError for a wrong code and for one that was used before.
    """
    with attempt(user):
        code = re.sub(r"[\s-]", "", typed)
        with transaction.atomic():
            rows = Authenticator.objects.select_for_update().filter(user=user)
            for factor in rows.exclude(type=Authenticator.Type.WEBAUTHN):
                is_app = factor.type == Authenticator.Type.TOTP
                if _use_totp(factor, code) if is_app else factor.wrap().validate_code(code):
                    factor.refresh_from_db()
                    factor.user = user
                    return factor
        raise ValidationError(
            _("This code is not right, or it was used already. Wait for the next one."),
            code="incorrect_code",
        )


def _use_totp(factor: Authenticator, code: str) -> bool:
    """Compare with the codes of this minute; each is good once (RFC 6238 5.2).

    The last counter stands in the row, because a cache may be empty or belong to one process.
    """
    secret = decrypt(factor.data["secret"])
    for counter in yield_hotp_counters_from_time():
        expected = format_hotp_value(hotp_value(secret, counter))
        if counter > factor.data.get("used", 0) and constant_time_compare(expected, code):
            factor.data["used"] = counter
            factor.save(update_fields=["data"])
            return True
    return False


def use_passkey(user, credential: str) -> Authenticator:
    """Check the answer of a passkey of this person and return the passkey.

    Raises ValidationError.
    """
    with attempt(user):
        answer = read_passkey(credential, passkeys.parse_authentication_response)
        return passkeys.complete_authentication(user, answer)


def read_passkey(credential: str, parse) -> dict:
    """Return what a browser sent of a passkey, once the library can parse it.

    Raises ValidationError for anything else; the library itself stumbles over missing parts.
    """
    try:
        answer = json.loads(credential)
        parse(answer)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        raise get_adapter().validation_error("incorrect_code") from None
    return answer
