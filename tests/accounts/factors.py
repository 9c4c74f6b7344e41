"""Codes as an authenticator app would show them, and people who have one."""

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CODES = "recovery_codes"


def code_at(secret: str = SECRET, *, steps: int = 0) -> str:
    """Return the six digits of now, or of some steps of 30 seconds later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def give_app(user) -> Authenticator:
    """Set up an authenticator app with the known secret, and recovery codes."""
    RecoveryCodes.activate(user)
    return TOTP.activate(user, SECRET).instance


def recovery_codes_of(user) -> list[str]:
    """Return the codes of a person that are still good."""
    return Authenticator.objects.get(user=user, type=CODES).wrap().get_unused_codes()
