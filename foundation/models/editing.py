"""Who has a page open on which others write too."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.models.base import Record


class Editing(Record):
    """A person in front of a page of the portal; forgotten a minute after it was left."""

    place = models.CharField(_("page"), max_length=200)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("person"),
    )
    seen_at = models.DateTimeField(_("last seen"), db_index=True)

    class Meta:
        verbose_name = _("open page")
        verbose_name_plural = _("open pages")
        constraints = [models.UniqueConstraint(fields=["place", "user"], name="editing_once")]

    def __str__(self):
        return self.place
