from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from certification.models.applications import Application
from foundation.models import Record


class ApplicationReview(Record):
    """The record of the application review (ISO/IEC 17021-1:2015 9.1.2.3)."""

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="review")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    no_conflict = models.BooleanField(_("no conflict of interest declared"), default=False)
    verdicts = models.JSONField(
        _("verdicts"), default=dict, help_text=_("Criterion to verdict and note.")
    )
    justification = models.TextField(_("justification"), max_length=2000, blank=True)

    class Meta:
        verbose_name = _("application review")
        verbose_name_plural = _("application reviews")

    def __str__(self):
        return str(self.application)


class AuditTimeCalculation(Record):
    """One computation of audit time: inputs, lines and result, kept as they were."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="calculations"
    )
    computed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    inputs = models.JSONField()
    result = models.JSONField()
    total_days = models.DecimalField(_("days in total"), max_digits=6, decimal_places=1)
    on_site_days = models.DecimalField(_("days on site, at least"), max_digits=6, decimal_places=1)
    stage_1_days = models.DecimalField(_("days of stage 1"), max_digits=6, decimal_places=1)
    stage_2_days = models.DecimalField(_("days of stage 2"), max_digits=6, decimal_places=1)
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("audit-time calculation")
        verbose_name_plural = _("audit-time calculations")
        ordering = ["-created_at"]

    def __str__(self):
        return f"{self.application} {self.total_days}"
