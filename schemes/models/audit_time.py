"""Audit-time tables and the factors that adjust them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from schemes.enums import FactorDirection
from schemes.models.base import Reference, Titled
from schemes.models.scheme import Scheme


class AuditTimeBand(Reference):
    """Days of an initial audit (stage 1 and stage 2) for a band of effective personnel."""

    table = models.SlugField(_("table"), max_length=40)
    edition = models.CharField(_("edition"), max_length=60)
    scheme = models.ForeignKey(
        Scheme, on_delete=models.PROTECT, related_name="bands", verbose_name=_("scheme")
    )
    category = models.CharField(_("category"), max_length=16, blank=True)
    personnel_from = models.PositiveIntegerField(_("personnel from"))
    personnel_to = models.PositiveIntegerField(_("personnel to"))
    days = models.DecimalField(_("days"), max_digits=5, decimal_places=1)
    source = models.CharField(_("source"), max_length=400)

    class Meta:
        verbose_name = _("audit-time band")
        verbose_name_plural = _("audit-time bands")
        ordering = ["scheme__position", "category", "personnel_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "scheme", "category", "personnel_from"], name="band_once"
            ),
            models.CheckConstraint(
                condition=models.Q(personnel_to__gte=models.F("personnel_from")),
                name="band_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=models.Q(days__gt=0), name="band_has_days"),
        ]

    def __str__(self):
        return f"{self.scheme} {self.category} {self.personnel_from}–{self.personnel_to}"


class AuditTimeFactor(Titled, Reference):
    """A reason to add to or take from the table's time, with the range that is usual (percent)."""

    scheme = models.ForeignKey(
        Scheme, on_delete=models.PROTECT, related_name="factors", verbose_name=_("scheme")
    )
    key = models.SlugField(_("key"), max_length=40)
    direction = models.CharField(_("direction"), max_length=8, choices=FactorDirection.choices)
    usual_min = models.DecimalField(_("usually from (%)"), max_digits=5, decimal_places=1)
    usual_max = models.DecimalField(_("usually to (%)"), max_digits=5, decimal_places=1)
    source = models.CharField(_("source"), max_length=400)
    position = models.PositiveSmallIntegerField(_("position"))

    class Meta:
        verbose_name = _("audit-time factor")
        verbose_name_plural = _("audit-time factors")
        ordering = ["scheme__position", "position"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "key"], name="factor_once_per_scheme"),
            models.CheckConstraint(
                condition=models.Q(usual_max__gte=models.F("usual_min")),
                name="factor_range_is_ordered",
            ),
        ]

    def __str__(self):
        return self.title
