from django.db import models
from django.utils.translation import gettext_lazy as _


class Counter(models.Model):
    """The last number given in a series; one row per scope (the portal or a body), series, year."""

    scope = models.CharField(max_length=40)
    series = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        constraints = [
            models.UniqueConstraint(fields=["scope", "series", "year"], name="counter_once")
        ]

    def __str__(self):
        return f"{self.scope} {self.series} {self.year} {self.last}"
