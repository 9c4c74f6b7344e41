"""Keep the entries of a profile with their proof; a slip is struck off, never deleted."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation import files, journal
from foundation.actor import Actor
from foundation.calendar import add_months
from foundation.models import StoredFile
from organisations.models import Membership
from schemes.enums import LIVE, OF_THE_BODY, EntryKind
from schemes.models import Entry, TechnicalArea
from schemes.queries.rules import rule_book_for
from schemes.rights import KEEPS_ENTRIES
from schemes.services.approvals import allow
from schemes.services.interests import declaration_of

PROOF = "proof"


@transaction.atomic
def entry_record(
    *,
    actor: Actor,
    user,
    body,
    kind: str,
    areas: Iterable[TechnicalArea] = (),
    proof: Iterable[StoredFile] = (),
    **facts,
) -> Entry:
    """Record a line of a person's profile; ``facts`` are its columns, ``proof`` stored files.

    What a body says of its people stays with that ``body``. An evaluation that names no next one
    is followed by one after the months of the rules (ISO/IEC 17021-1:2015 7.2.10). Raises
    NotAllowed, ValidationError.
    """
    entry = Entry(
        user=user,
        body=body if kind in OF_THE_BODY else None,
        kind=kind,
        recorded_by=actor.user,
        **facts,
    )
    allow(KEEPS_ENTRIES(actor, entry))
    if not Membership.objects.current().filter(user=user, organisation=body).exists():
        raise ValidationError(_("This person does not belong to the body."))
    if kind == EntryKind.EVALUATION and entry.last_day is None:
        months = rule_book_for(str(body.country), timezone.localdate()).number("evaluation_months")
        entry.last_day = add_months(entry.first_day, int(months))
    entry.full_clean()
    entry.save()
    entry.areas.set(areas)
    for file in proof:
        files.attach(file, entry, PROOF)
    declaration_of(user)
    journal.record(entry, "entry.recorded", actor, {"kind": kind})
    return entry


@transaction.atomic
def entry_strike(*, actor: Actor, entry: Entry, reason: str) -> Entry:
    """Strike an entry off, with the reason. Raises NotAllowed, ValidationError.

    What proves a competence that counts or waits stays: the competence goes first.
    """
    allow(KEEPS_ENTRIES(actor, entry))
    if entry.supports.filter(status__in=LIVE).exists():
        raise ValidationError(
            _("A competence rests on this entry: it can be struck off once that has ended.")
        )
    rows = Entry.objects.filter(pk=entry.pk, struck_at=None)
    if not rows.update(struck_at=timezone.now(), struck_why=reason, changed_at=timezone.now()):
        raise ValidationError(_("This entry was struck off already."))
    entry.refresh_from_db()
    journal.record(entry, "entry.struck", actor, {"reason": reason})
    return entry
