"""The private address of a person's calendar: made, replaced, ended, recognised."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from foundation import logs
from foundation.models import CalendarFeed

# Another purpose signs with another salt, so that no other token of ours opens this door.
SALT = "portal.feeds"
# Programs fetch often; when they last did is worth a write once an hour.
NOTED_EVERY = timedelta(hours=1)


def address_of(feed: CalendarFeed) -> str:
    """Return the whole address of a feed; who has it can read the dates."""
    token = Signer(salt=SALT).sign(feed.pk.hex)
    return settings.BASE_URL + reverse("calendar_feed", args=[token])


def read(token: str) -> CalendarFeed | None:
    """Return the feed an address names, or None for one that was ended or is not ours."""
    try:
        key = UUID(Signer(salt=SALT).unsign(token))
    except (BadSignature, ValueError):
        return None
    feeds = CalendarFeed.objects.select_related("user")
    feed = feeds.filter(pk=key, user__is_active=True).first()
    now = timezone.now()
    if feed is not None and (feed.read_at is None or feed.read_at < now - NOTED_EVERY):
        CalendarFeed.objects.filter(pk=feed.pk).update(read_at=now)
    return feed


@transaction.atomic
def renew(user) -> CalendarFeed:
    """Give a person an address; one there was before leads nowhere from now on."""
    CalendarFeed.objects.filter(user=user).delete()
    feed = CalendarFeed.objects.create(user=user)
    logs.event("calendar.address_made", user=user.pk)
    return feed


def end(user) -> bool:
    """Take a person's address away; return whether there was one."""
    count, _rows = CalendarFeed.objects.filter(user=user).delete()
    if count:
        logs.event("calendar.address_ended", user=user.pk)
    return bool(count)
