"""Keys with which programs act for people."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Happening
from accounts.services import history
from foundation.notices import notify
from foundation.workflow import require_confirmed
from organisations.models import ApiKey
from organisations.models.keys import hash_of
from organisations.scopes import SCOPES


@transaction.atomic
def make_key(*, request, name: str, scopes: list[str], days: int) -> tuple[ApiKey, str]:
    """Make a key for the signed-in person in the organisation acted for; return it and its secret.

    The secret is never stored and cannot be shown again. Raises NotConfirmed, or ValidationError.
    """
    actor = request.actor
    require_confirmed(actor)
    if actor.organisation is None:
        raise ValidationError(_("A key acts for an organisation; you belong to none."))
    if not scopes or not set(scopes) <= set(SCOPES):
        raise ValidationError(_("Choose what the key may do."))
    if not 0 < days <= settings.API_KEY_DAYS:
        raise ValidationError(_("A key is good for one year at most."))
    secret, prefix = ApiKey.new_secret()
    key = ApiKey.objects.create(
        user=actor.user,
        organisation=actor.organisation,
        name=name,
        prefix=prefix,
        secret_hash=hash_of(secret),
        scopes=sorted(set(scopes)),
        expires_at=timezone.now() + timedelta(days=days),
    )
    history.record(request, actor.user, Happening.KEY_MADE, detail=str(key))
    notify(
        "accounts.key_made",
        to=[actor.user],
        url=reverse("organisations:keys"),
        name=name,
        organisation_zh=actor.organisation.name_zh,
        organisation_en=actor.organisation.name_en,
    )
    return key, secret


@transaction.atomic
def end_key(*, request, key: ApiKey) -> bool:
    """End a key at once; return whether it was not ended before."""
    ended = ApiKey.objects.filter(pk=key.pk, ended_at=None).update(ended_at=timezone.now())
    if ended:
        history.record(request, key.user, Happening.KEY_ENDED, detail=str(key))
    return bool(ended)
