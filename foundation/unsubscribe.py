"""The link that ends the e-mails of one group with one click (RFC 8058), without signing in."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils import timezone

from foundation.notices import GROUPS

# Another purpose signs with another salt, so that no other token of ours opens this door.
SALT = "foundation.unsubscribe"
LIFETIME = timedelta(days=400).total_seconds()
# The clocks of several servers differ by seconds; more than that is not an honest token.
LEEWAY = timedelta(minutes=5).total_seconds()


class UnreadableTokenError(ValueError):
    """A token that is not ours, too old, from the future, or of a group there is no more."""


def token_for(user, group: str) -> str:
    """Return the signed token of one person and group, with the time it was made."""
    return Signer(salt=SALT).sign(f"{user.pk}:{group}:{int(timezone.now().timestamp())}")


def address_for(user, group: str) -> str:
    """Return the whole address that ends a group's e-mails to a person."""
    return settings.BASE_URL + reverse("foundation:unsubscribe", args=[token_for(user, group)])


def read(token: str):
    """Return the person and the group a token names. Raises UnreadableTokenError."""
    try:
        key, group, made_at = Signer(salt=SALT).unsign(token).split(":")
    except BadSignature as error:
        raise UnreadableTokenError(str(error)) from error
    age = timezone.now().timestamp() - int(made_at)
    person = get_user_model().objects.filter(pk=key, is_active=True).first()
    if not -LEEWAY <= age <= LIFETIME or group not in GROUPS or person is None:
        raise UnreadableTokenError(group)
    return person, GROUPS[group]
