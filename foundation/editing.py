"""Tell people who write on the same page of each other, by name.

The page of a person asks now and then who else is there, and is noted by asking. Without scripts
nobody is noted for looking; who saves is, and reads who else has the page open.
"""

from datetime import timedelta

from django.contrib import messages
from django.core.signing import BadSignature, Signer
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.formatting import listed
from foundation.models import Editing

SALT = "foundation.editing"
# A page asks every twenty seconds; one answer may be lost on the way.
ALIVE = timedelta(seconds=60)


class StrangePlaceError(ValueError):
    """A token of another person, or of nobody."""


def token_for(user, place: str) -> str:
    """Return what a page has to show to ask about itself: it was shown to this person."""
    return Signer(salt=SALT).sign(f"{user.pk}:{place}")


def place_of(user, token: str) -> str:
    """Return the page a token was made for. Raises StrangePlaceError."""
    try:
        key, _colon, place = Signer(salt=SALT).unsign(token).partition(":")
    except BadSignature as error:
        raise StrangePlaceError(str(error)) from error
    if key != str(user.pk):
        raise StrangePlaceError(key)
    return place


def note(user, place: str) -> None:
    """Remember that a person has a page open; forget those who left theirs."""
    now = timezone.now()
    facts = {"seen_at": now}
    _row, created = Editing.objects.update_or_create(place=place, user=user, defaults=facts)
    if created:
        Editing.objects.filter(seen_at__lt=now - ALIVE).delete()


def others(user, place: str) -> list[str]:
    """Return the names of those who have the same page open, in the order they came."""
    rows = Editing.objects.filter(place=place, seen_at__gt=timezone.now() - ALIVE)
    rows = rows.exclude(user=user).select_related("user").order_by("created_at")
    return [str(row.user) for row in rows]


def tell(request) -> None:
    """After saving: say who has the page open too, so that nobody overwrites anybody unawares."""
    note(request.user, request.path)
    if names := others(request.user, request.path):
        words = _("%(names)s has this page open too. Look whether what both of you wrote is there.")
        messages.warning(request, words % {"names": listed(names)})
