"""Identities at providers with which people sign in."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Happening
from accounts.models import Connection
from accounts.services import history
from foundation.notices import notify
from foundation.workflow import require_confirmed


def find(identity) -> Connection | None:
    """Return the connection of an identity, by issuer and subject alone."""
    rows = Connection.objects.select_related("user")
    return rows.filter(issuer=identity.issuer, subject=identity.subject).first()


def used(connection, identity) -> None:
    """Remember that somebody signed in with it."""
    Connection.objects.filter(pk=connection.pk).update(
        last_used_at=timezone.now(), email=identity.email
    )


@transaction.atomic
def connect(*, request, identity) -> Connection:
    """Connect an identity with the signed-in person, who has proved anew who he or she is.

    Raises NotConfirmed, or ValidationError when it belongs to another account.
    """
    require_confirmed(request.actor)
    try:
        with transaction.atomic():
            connection = Connection.objects.create(
                user=request.user,
                provider=identity.provider,
                issuer=identity.issuer,
                subject=identity.subject,
                email=identity.email,
            )
    except IntegrityError:
        raise ValidationError(
            _("This sign-in is connected with another account, or with yours already.")
        ) from None
    history.record(request, request.user, Happening.LINKED, detail=str(connection))
    notify(
        "accounts.connected",
        to=[request.user],
        url=reverse("accounts:security"),
        provider=str(connection),
    )
    return connection


@transaction.atomic
def disconnect(*, request, connection) -> None:
    """Take a connection off. Raises ValidationError for the only way to sign in."""
    if not request.user.has_usable_password():
        raise ValidationError(_("Choose a password first: nothing else would let you in."))
    name = str(connection)
    connection.delete()
    history.record(request, request.user, Happening.UNLINKED, detail=name)
