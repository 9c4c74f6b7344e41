"""Limits as data: rule sets and their rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from schemes.models.base import Reference, Titled
from schemes.models.scheme import Scheme


class RuleSet(Titled, Reference):
    """The limits of one country; an empty country is everywhere else."""

    key = models.SlugField(_("key"), max_length=40, unique=True)
    edition = models.CharField(_("edition"), max_length=60)
    country = models.CharField(_("country"), max_length=2, blank=True)

    class Meta:
        verbose_name = _("rule set")
        verbose_name_plural = _("rule sets")
        ordering = ["country", "-valid_from"]

    def __str__(self):
        return self.key


class Rule(Titled, Reference):
    """One limit. ``value`` null means that this set knows no such limit.

    A row with a scheme holds for that scheme instead of the row without one. ``calendar`` names
    the calendar of a limit in working days (see foundation.calendar).
    """

    rule_set = models.ForeignKey(
        RuleSet, on_delete=models.PROTECT, related_name="rules", verbose_name=_("rule set")
    )
    scheme = models.ForeignKey(
        Scheme,
        on_delete=models.PROTECT,
        related_name="rules",
        null=True,
        blank=True,
        verbose_name=_("scheme"),
    )
    key = models.SlugField(_("key"), max_length=60)
    value = models.JSONField(_("value"), null=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    calendar = models.CharField(_("calendar"), max_length=16, blank=True)
    source = models.CharField(_("source"), max_length=400)
    position = models.PositiveSmallIntegerField(_("position"))

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["rule_set", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule_set", "key"],
                condition=models.Q(scheme=None),
                name="rule_once",
            ),
            models.UniqueConstraint(
                fields=["rule_set", "key", "scheme"],
                condition=models.Q(scheme__isnull=False),
                name="rule_once_per_scheme",
            ),
        ]

    def __str__(self):
        return self.key
