"""Append to the journal, read a story, verify a chain.

Each body has one chain a year: entry hashes cover the entry and the hash before it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from foundation.canonical import digest
from foundation.models import JournalChain, JournalEntry
from foundation.models.base import subject_type
from foundation.work import refresh

_HASHED = (
    "chain",
    "number",
    "at",
    "subject_type",
    "subject_id",
    "thread",
    "verb",
    "before",
    "after",
    "user_id",
    "user_name",
    "organisation_id",
    "organisation_zh",
    "organisation_en",
    "internal_to",
    "data",
    "previous_hash",
)


# Each gets (thread, actor) and returns the time up to which the actor reads the story, or None.
READ_UNTIL: list[Callable[[Any, Any], datetime | None]] = []


def read_until(function):
    """Register who reads a story only up to some moment, such as a former party."""
    READ_UNTIL.append(function)
    return function


def _hash_of(entry: JournalEntry) -> str:
    facts = {name: getattr(entry, name) for name in _HASHED}
    facts["at"] = entry.at.astimezone(timezone.get_default_timezone()).isoformat()
    return digest(facts)


@transaction.atomic
def record(obj, verb, actor, data=None, *, before="", after="", internal_to=None) -> JournalEntry:
    """Write one event about a record, in the transaction that changes it.

    ``internal_to`` keeps the entry from everyone but that organisation and the operators.
    """
    now = timezone.now()
    name = f"{obj.journal_chain}:{timezone.localtime(now).year}"
    JournalChain.objects.get_or_create(name=name)
    head = JournalChain.objects.select_for_update().get(name=name)
    organisation = actor.organisation
    entry = JournalEntry(
        chain=name,
        number=head.number + 1,
        at=now,
        subject_type=subject_type(obj),
        subject_id=obj.pk,
        thread=obj.journal_thread,
        verb=verb,
        before=before,
        after=after,
        user=actor.user,
        user_name=actor.name,
        organisation_id=actor.organisation_id,
        organisation_zh=organisation.name_zh if organisation else "",
        organisation_en=organisation.name_en if organisation else "",
        internal_to=internal_to,
        data=data or {},
        previous_hash=head.hash,
    )
    entry.hash = _hash_of(entry)
    entry.save(force_insert=True)
    head.number, head.hash = entry.number, entry.hash
    head.save(update_fields=["number", "hash"])
    refresh(obj)
    return entry


def history(thread, actor):
    """Return the entries of one story that this actor may read, newest first.

    The caller has fetched the record through the actor already.
    """
    rows = JournalEntry.objects.visible_to(actor).filter(thread=thread)
    for ends in READ_UNTIL:
        if (end := ends(thread, actor)) is not None:
            rows = rows.filter(at__lte=end)
    return rows


def verify(chain: str, *, since: int = 0) -> list[str]:
    """Recompute one chain and return what is wrong with it; an empty list means whole.

    ``since`` is the number of an entry up to which it was found whole before.
    """
    problems = []
    rows = JournalEntry.objects.filter(chain=chain)
    known = rows.filter(number=since).first() if since else None
    previous, number = (known.hash, since) if known else ("", 0)
    for entry in rows.filter(number__gt=number).order_by("number").iterator():
        number += 1
        if entry.number != number:
            problems.append(f"{chain}: entry {number} is missing")
            number = entry.number
        if entry.previous_hash != previous:
            problems.append(f"{chain}: entry {entry.number} does not follow the one before")
        if entry.hash != _hash_of(entry):
            problems.append(f"{chain}: entry {entry.number} was changed")
        previous = entry.hash
    head = JournalChain.objects.filter(name=chain).first()
    if head is None or head.number != number or head.hash != previous:
        problems.append(f"{chain}: the head does not match the last entry")
    return problems
