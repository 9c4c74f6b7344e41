"""Technical areas: the 39 EA / IAF codes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from schemes.models.base import Reference, Titled


class TechnicalArea(Titled, Reference):
    """A field of business in which a body is approved and people are competent."""

    code = models.CharField(_("code"), max_length=16, unique=True)
    nace = models.CharField(_("NACE rev. 2"), max_length=100)
    position = models.PositiveSmallIntegerField(_("position"))

    class Meta:
        verbose_name = _("technical area")
        verbose_name_plural = _("technical areas")
        ordering = ["position"]

    def __str__(self):
        return f"{self.code} {self.title}"
