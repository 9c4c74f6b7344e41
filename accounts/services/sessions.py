"""The browsers in which a person is signed in: begun, seen, ended."""

import logging
import time

from django.contrib.sessions.models import Session
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts import devices
from accounts.enums import Happening
from accounts.models import SignInSession
from accounts.services import history

logger = logging.getLogger(__name__)

_BEGUN, _SEEN, _ROW = "begun_at", "seen_at", "sign_in_session"
# How often a session in use is written down, in seconds.
STEP = 60


def begin(request, user) -> None:
    """Write down that a session of this person begins in this browser."""
    session = request.session
    if session.session_key is None:
        session.save()
    row, _created = SignInSession.objects.update_or_create(
        session_key=session.session_key,
        defaults={
            "user": user,
            "seen_at": timezone.now(),
            "address": devices.address_of(request),
            "device": devices.device_of(request),
        },
    )
    session[_BEGUN] = session[_SEEN] = time.time()
    session[_ROW] = [str(row.pk), session.session_key]


def age_and_pause(request) -> tuple[float, float]:
    """Return how many seconds ago the session began, and was last used."""
    now = time.time()
    session = request.session
    return now - session.get(_BEGUN, now), now - session.get(_SEEN, now)


def seen(request) -> None:
    """Remember that a session is used; written once a minute, and when its key changed.

    When the database cannot write (full, busy), the page is shown all the same: reading is what
    is left to people then. The next request tries again.
    """
    session = request.session
    pk, key = session.get(_ROW, (None, None))
    if key == session.session_key and time.time() - session[_SEEN] < STEP:
        return
    try:
        with transaction.atomic():
            _write_down(request, pk)
    except DatabaseError as error:
        logger.warning("the use of a session was not written down: %s", error)


def _write_down(request, pk) -> None:
    session = request.session
    found = SignInSession.objects.filter(pk=pk).update(
        session_key=session.session_key,
        seen_at=timezone.now(),
        address=devices.address_of(request),
        device=devices.device_of(request),
    )
    if not found:
        begin(request, request.user)
        return
    session[_SEEN] = time.time()
    session[_ROW] = [pk, session.session_key]


@transaction.atomic
def end_sessions(user, *, keep: str | None = None, only=None) -> int:
    """End sessions of a person at once: all, all but the one with this key, or one row.

    Returns how many ended.
    """
    rows = SignInSession.objects.filter(user=user).exclude(session_key=keep)
    if only is not None:
        rows = rows.filter(pk=only)
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    rows.delete()
    return len(keys)


@transaction.atomic
def end(request, row: SignInSession) -> None:
    """End one session of the signed-in person."""
    if end_sessions(request.user, only=row.pk):
        history.record(request, request.user, Happening.SESSIONS_ENDED, detail=row.device)


@transaction.atomic
def end_others(request) -> int:
    """End all sessions of the signed-in person but this one; return how many ended."""
    count = end_sessions(request.user, keep=request.session.session_key)
    if count:
        history.record(request, request.user, Happening.SESSIONS_ENDED, detail=str(count))
    return count


def open_sessions(user):
    """Return the sessions of a person that still open something, the last used first."""
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return SignInSession.objects.filter(user=user, session_key__in=alive)
