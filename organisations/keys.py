"""Who acts through the programming interface: the holder of a key, never of a cookie."""

from dataclasses import replace
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.devices import address_of
from foundation.actor import ANONYMOUS, Actor
from organisations.actors import actor_in
from organisations.models import ApiKey
from organisations.models.keys import MARK, hash_of
from organisations.scopes import cut

# How often the last use is written down.
STEP = timedelta(minutes=1)


def actor_of_key(request) -> Actor:
    """Return the actor that the request's bearer key names, its roles cut to the scopes.

    Anonymous for no key, and for one that is unknown, ended or expired, whose person is inactive
    or does not belong to the organisation any more: each at once, and all alike.
    """
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.startswith(f"{MARK}_"):
        return ANONYMOUS
    digest = hash_of(secret.strip())
    rows = ApiKey.objects.good().select_related("user", "organisation")
    key = rows.filter(secret_hash=digest).first()
    if key is None or not constant_time_compare(key.secret_hash, digest):
        return ANONYMOUS
    try:
        actor = actor_in(key.user, key.organisation)
    except LookupError:
        return ANONYMOUS
    _used(request, key)
    return replace(
        actor,
        roles=cut(actor.roles, key.scopes),
        oversees=False,
        memberships=(key.organisation,),
        scopes=frozenset(key.scopes),
        key=key,
    )


def _used(request, key):
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - STEP)
    ApiKey.objects.filter(stale, pk=key.pk).update(
        last_used_at=now, last_address=address_of(request)
    )
