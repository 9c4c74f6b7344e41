"""Addresses that refuse our mail: marked, shown to those who can help, and set right again."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from foundation import jobs
from foundation.models import Delivery, Job, Notice, RefusedAddress
from foundation.models.jobs import JobState
from foundation.notices import MAIL

PERMANENT = range(500, 600)
# RFC 3463: 5.1 is about the address, 5.2 about the mailbox. Everything else (relaying, policy,
# network, size) is between the servers, and the fault may be ours.
_ABOUT_ADDRESS = re.compile(r"\b5\.[12]\.\d{1,3}\b")
_ENHANCED = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b")
_WITHOUT_ENHANCED = {550, 551, 553}
SENT_AGAIN = timedelta(days=30)


def is_about_address(code: int, text: str) -> bool:
    """Tell whether a server's answer says that this address takes no mail, now or later."""
    if _ENHANCED.search(text):
        return bool(_ABOUT_ADDRESS.search(text))
    return code in _WITHOUT_ENHANCED


def mark(address: str, *, code: str, reason: str, sent_at: datetime | None = None) -> bool:
    """Remember that an address takes no mail; return whether that is new.

    ``sent_at`` is when the mail went out that came back: one from before the address was set
    right says nothing.
    """
    facts = {
        "code": code[:20],
        "reason": " ".join(reason.split())[:500],
        "refused_at": timezone.now(),
        "cleared_at": None,
    }
    row, created = RefusedAddress.objects.get_or_create(address=address.lower(), defaults=facts)
    if created:
        return True
    if row.cleared_at is None or (sent_at is not None and sent_at <= row.cleared_at):
        return False
    return bool(RefusedAddress.objects.filter(pk=row.pk, cleared_at=row.cleared_at).update(**facts))


def of(address: str) -> RefusedAddress | None:
    """Return the mark of an address, or None when mail can be sent there."""
    return RefusedAddress.objects.filter(address=address.lower(), cleared_at=None).first()


def among(people: Iterable) -> dict:
    """Return the marks of those of these people whom mail does not reach, by person."""
    by_address = {person.email.lower(): person for person in people}
    rows = RefusedAddress.objects.filter(address__in=by_address, cleared_at=None)
    return {by_address[row.address]: row for row in rows}


@transaction.atomic
def clear(user) -> bool:
    """Write to a person's address again, beginning with what could not be sent of late."""
    row = of(user.email)
    if row is None:
        return False
    now = timezone.now()
    if not RefusedAddress.objects.filter(pk=row.pk, cleared_at=None).update(cleared_at=now):
        return False
    unsent = Notice.objects.filter(
        recipient=user,
        delivery=Delivery.NOW,
        mailed_at=None,
        created_at__gte=now - SENT_AGAIN,
        # Others are still being tried.
        pk__in=Job.objects.filter(kind=MAIL, state=JobState.DONE).values("subject_id"),
    )
    for notice in unsent:
        key = f"mail:{notice.pk}:{row.refused_at:%Y%m%d%H%M%S}"
        jobs.enqueue(MAIL, key=key, subject=notice)
    return True
