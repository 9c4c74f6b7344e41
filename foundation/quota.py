"""How much an organisation keeps, counted in the transaction that stores or removes it."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from foundation.models import StorageUse

FULL = _(
    "Your organisation has used its %(most)s MB. Take files out of use that are no longer needed, "
    "or ask the operator for more."
)


def take(organisation_id, size: int) -> None:
    """Count bytes that are stored now. Raises ValidationError when the quota has no room.

    The row is changed by comparing, so that of two uploads at once the second sees the first.
    """
    if organisation_id is None:
        return
    row, _created = StorageUse.objects.get_or_create(organisation_id=organisation_id)
    rows = StorageUse.objects.filter(pk=row.pk, used__lte=row.most - size)
    if row.most < size or not rows.update(used=F("used") + size):
        raise ValidationError(FULL % {"most": row.most // 1024**2}, code="quota")


def check_room(organisation_id, size: int) -> None:
    """Refuse early what would find no room. Raises ValidationError."""
    used, most = use_of(organisation_id)
    if used + size > most:
        raise ValidationError(FULL % {"most": most // 1024**2}, code="quota")


def give_back(organisation_id, size: int) -> None:
    """Count bytes that were removed."""
    if organisation_id is not None:
        StorageUse.objects.filter(organisation_id=organisation_id).update(used=F("used") - size)


def use_of(organisation_id) -> tuple[int, int]:
    """Return the bytes in use and the bytes allowed."""
    row = StorageUse.objects.filter(organisation_id=organisation_id).first()
    return (row.used, row.most) if row else (0, settings.FILE_QUOTA)
