from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.models import Record, VisibleQuerySet
from organisations.enums import Role
from organisations.models import Organisation


class BodyFiguresQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """The managers of the body, and nobody else."""
        if not actor.holds(Role.MANAGER, actor.organisation_id):
            return self.none()
        return self.filter(body=actor.organisation_id)


class BodyFigures(Record):
    """What was counted of a body's year, kept until it is counted again.

    ``content`` maps each figure to its rows; see portal/figures.py, which counts them.
    """

    body = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField(_("year"))
    content = models.JSONField()
    computed_at = models.DateTimeField(_("counted"))

    objects = BodyFiguresQuerySet.as_manager()

    class Meta:
        verbose_name = _("figures of a body")
        verbose_name_plural = _("figures of bodies")
        ordering = ["-year"]
        constraints = [models.UniqueConstraint(fields=["body", "year"], name="figures_once")]

    def __str__(self):
        return f"{self.body} {self.year}"
