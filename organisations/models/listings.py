from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.models import Record


class DishonestyListing(Record):
    """An entry of an imported list of organisations under sanctions for dishonesty."""

    identifier = models.CharField(_("identifier"), max_length=40, db_index=True)
    name_zh = models.CharField(_("name"), max_length=200)
    reason = models.CharField(_("reason"), max_length=500)
    listed_on = models.DateField(_("listed on"))
    removed_on = models.DateField(_("removed on"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("listed organisation")
        verbose_name_plural = _("listed organisations")
        constraints = [
            models.UniqueConstraint(
                fields=["identifier", "listed_on", "source"], name="dishonesty_listing_once"
            )
        ]
