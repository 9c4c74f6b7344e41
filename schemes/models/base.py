"""Rows that hold for a time, and what they share."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.models.base import in_language


class InForceQuerySet(models.QuerySet):
    def in_force(self, on, until=None):
        """Return the rows that hold on a day, or without a break from it through ``until``."""
        last = until or on
        return self.filter(valid_from__lte=on).filter(Q(valid_to=None) | Q(valid_to__gte=last))


class Dated(models.Model):
    """A row in force from the first to the last day; no last day means until further notice."""

    valid_from = models.DateField(_("in force from"))
    valid_to = models.DateField(_("last day in force"), null=True, blank=True)

    class Meta:
        abstract = True

    def holds_on(self, day) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Reference(Dated):
    """A row of the catalogue, written by ``sync_schemes`` alone; ended, never deleted."""

    objects = InForceQuerySet.as_manager()

    class Meta:
        abstract = True


class Titled(models.Model):
    title_en = models.CharField(_("title (English)"), max_length=200)
    title_zh = models.CharField(_("title (Chinese)"), max_length=200)

    class Meta:
        abstract = True

    @property
    def title(self) -> str:
        """The title in the reader's language."""
        return in_language(self.title_zh, self.title_en)
