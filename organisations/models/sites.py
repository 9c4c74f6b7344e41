from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from foundation.models import Record, VisibleQuerySet
from foundation.models.base import in_language
from organisations.models.organisations import Organisation


class SiteQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """The sites of the actor's own organisation; operators all."""
        if actor.is_operator:
            return self
        if actor.organisation_id is None:
            return self.none()
        return self.filter(organisation_id=actor.organisation_id)


class Site(Record):
    """A place where the organisation works, with its people by shift."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="sites")
    name_zh = models.CharField(_("name in Chinese"), max_length=200, blank=True)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    address_zh = models.CharField(_("address in Chinese"), max_length=300, blank=True)
    address_en = models.CharField(_("address in English"), max_length=300, blank=True)
    region = models.CharField(_("region code"), max_length=6, blank=True)
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    is_central = models.BooleanField(
        _("central function"),
        default=False,
        help_text=_("The office that controls the management system for all sites."),
    )
    activities_zh = models.CharField(_("activities in Chinese"), max_length=500, blank=True)
    activities_en = models.CharField(_("activities in English"), max_length=500, blank=True)
    day_shift = models.PositiveIntegerField(_("people on the day shift"), default=0)
    second_shift = models.PositiveIntegerField(_("people on the second shift"), default=0)
    night_shift = models.PositiveIntegerField(_("people on the night shift"), default=0)
    part_time = models.PositiveIntegerField(_("part-time people"), default=0)
    part_time_hours = models.DecimalField(
        _("their hours a week"),
        max_digits=4,
        decimal_places=1,
        default=20,
        validators=[MinValueValidator(0), MaxValueValidator(40)],
    )
    repetitive = models.PositiveIntegerField(
        _("of the full-time people, doing identical simple work"), default=0
    )
    active = models.BooleanField(_("in use"), default=True)

    history = HistoricalRecords()
    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["-is_central", "created_at"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(name_zh="", name_en=""), name="site_has_a_name"
            ),
        ]

    @property
    def name(self) -> str:
        return in_language(self.name_zh, self.name_en)

    @property
    def address(self) -> str:
        return in_language(self.address_zh, self.address_en)

    @property
    def full_time(self) -> int:
        return self.day_shift + self.second_shift + self.night_shift

    @property
    def headcount(self) -> int:
        return self.full_time + self.part_time
