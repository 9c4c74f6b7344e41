"""The calendar that a person's own programs fetch."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.models.base import Record, VisibleQuerySet


class CalendarFeedQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """One's own, nobody else's."""
        return self.filter(user=actor.user) if actor.is_authenticated else self.none()


class CalendarFeed(Record):
    """An address under which a person's dates can be fetched without signing in.

    The key of the row is signed into the address: a new address is a new row, and without its row
    an address leads nowhere.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feed"
    )
    read_at = models.DateTimeField(_("last fetched"), null=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self):
        return str(self.user)
