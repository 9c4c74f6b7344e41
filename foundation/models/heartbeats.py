"""When each part of the portal that nobody sees was last heard of."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Heartbeat(models.Model):
    """One part, such as ``relay`` or ``backup``: when it last did its work, and what it said."""

    name = models.CharField(_("part"), max_length=32, primary_key=True)
    at = models.DateTimeField(_("last heard of"))
    facts = models.JSONField(_("what it said"), default=dict)

    class Meta:
        verbose_name = _("sign of life")
        verbose_name_plural = _("signs of life")
        ordering = ["name"]

    def __str__(self):
        return self.name
