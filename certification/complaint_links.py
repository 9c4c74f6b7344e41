"""The private link of a complaint: derived, never stored, and who holds it as an actor."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from certification.models import Complaint
from foundation.actor import Actor

# Another purpose signs with another salt, so that no other token of ours opens this door.
SALT = "certification.complaint"


@dataclass(frozen=True)
class Complainant(Actor):
    """Whoever holds the private link of one complaint; may be nobody the portal knows."""

    complaint_id: UUID | None = None


def token_of(complaint: Complaint) -> str:
    """Return the token of a complaint: its key and a signature (256 bits) of it.

    Nothing in the database opens the door: without the secret of the portal it cannot be made.
    """
    return Signer(salt=SALT).sign(complaint.pk.hex)


def address_of(complaint: Complaint) -> str:
    """Return the whole private address of a complaint."""
    return settings.BASE_URL + reverse("certification:track", args=[token_of(complaint)])


def read(token: str) -> Complaint | None:
    """Return the complaint of a token, or None for one that is not ours."""
    try:
        key = UUID(Signer(salt=SALT).unsign(token))
    except (BadSignature, ValueError):
        return None
    rows = Complaint.objects.filter(pk=key, kind="complaint")
    return rows.select_related("body", "enterprise", "authority", "handler").first()
