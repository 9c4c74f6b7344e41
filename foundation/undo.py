"""Taking back what was just done: a bar for a minute instead of a question before.

The act writes an ``Undo`` row in its own transaction and puts a message with a signed token into
the session. The token opens the row once, for the same person in the same organisation, until the
row expires; what the kind's function cannot take back any more it refuses with a reason.
"""

from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.models import Undo

UNDO_FOR = timedelta(seconds=60)
KEPT_FOR = timedelta(days=1)
TAG = "undo:"
_SIGNER = Signer(salt="undo")
KINDS: dict[str, Callable] = {}


def undoable(kind: str):
    """Register the function that takes an act of this kind back: ``(actor, **payload)``.

    It runs in a transaction and raises ValidationError when there is nothing to go back to.
    """

    def register(function):
        KINDS[kind] = function
        return function

    return register


def offer(request, kind: str, text, **payload) -> Undo:
    """Say what was done and offer to take it back; part of the transaction of the act."""
    if kind not in KINDS:
        raise KeyError(kind)
    actor = request.actor
    row = Undo.objects.create(
        person=actor.user,
        organisation_id=actor.organisation_id,
        kind=kind,
        payload=payload,
        expires_at=timezone.now() + UNDO_FOR,
    )
    messages.success(request, text, extra_tags=f"{TAG}{_SIGNER.sign(str(row.pk))}")
    return row


def token_of(message) -> str:
    """Return the token in a message that offers to undo, or nothing."""
    return (message.extra_tags or "").removeprefix(TAG) if _offers(message) else ""


def _offers(message) -> bool:
    return (message.extra_tags or "").startswith(TAG)


@transaction.atomic
def take_back(actor, token: str) -> None:
    """Undo what a token stands for, once. Raises PermissionDenied or ValidationError with why."""
    try:
        key = _SIGNER.unsign(token)
    except BadSignature:
        raise PermissionDenied(_("This cannot be undone from here.")) from None
    rows = Undo.objects.visible_to(actor).filter(pk=key)
    row = rows.first()
    if row is None:
        raise PermissionDenied(_("This cannot be undone from here."))
    now = timezone.now()
    if row.expires_at < now:
        raise ValidationError(_("The time to undo this is over."))
    if not rows.filter(used_at=None).update(used_at=now):
        raise ValidationError(_("This was undone already."))
    KINDS[row.kind](actor, **row.payload)


def sweep(now=None) -> int:
    """Forget what cannot be undone any more; return how many rows went."""
    old = Undo.objects.filter(expires_at__lt=(now or timezone.now()) - KEPT_FOR)
    return old.delete()[0]
