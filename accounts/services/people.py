"""What operators do for people who cannot help themselves."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.enums import Happening
from accounts.services import history, sessions
from foundation.notices import notify
from foundation.workflow import require_confirmed


@transaction.atomic
def switched_off(request, user) -> None:
    """End what is open when a person was made inactive."""
    sessions.end_sessions(user)
    history.record(request, user, Happening.SWITCHED_OFF)


@transaction.atomic
def take_factors_off(request, user) -> int:
    """Take all second factors of a person off who lost them; return how many there were.

    Sessions end with them, and the person is told: it may not have been him or her who asked.
    Raises NotConfirmed.
    """
    require_confirmed(request.actor)
    rows = Authenticator.objects.filter(user=user)
    count = rows.exclude(type=Authenticator.Type.RECOVERY_CODES).count()
    rows.delete()
    if count:
        sessions.end_sessions(user)
        operator = request.actor.name
        history.record(request, user, Happening.FACTOR_REMOVED, detail=operator)
        notify("accounts.factors_taken_off", to=[user])
    return count
