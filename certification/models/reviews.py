from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from certification.models.applications import Application
from certification.models.visibility import seen_by
from foundation.models import Record, VisibleQuerySet
from organisations.enums import Kind


class ApplicationReviewQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """The desk of the body and operators: verdicts and notes are its internal work."""
        rows = seen_by(self, actor, prefix="application__")
        return rows if actor.is_operator or actor.kind == Kind.BODY else rows.none()


class AuditTimeCalculationQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """The desk of the body; everybody else what was offered (IAF MD 5:2019 4.4)."""
        rows = seen_by(self, actor, prefix="application__")
        if actor.is_operator or actor.kind == Kind.BODY:
            return rows
        offered = self.model.objects.filter(offers__isnull=False)
        return rows.filter(pk__in=offered.values("pk"))


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
    visit = models.BooleanField(_("visit before the transfer"), null=True)
    visit_reason = models.TextField(
        _("why a visit is needed or not"), max_length=1000, blank=True, db_default=""
    )

    objects = ApplicationReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("application review")
        verbose_name_plural = _("application reviews")

    def __str__(self):
        return str(self.application)


class AuditTimeCalculation(Record):
    """One computation of audit time: inputs, lines and result, kept as they were.

    ``table_days`` is what the tables give for the same personnel without any reduction, None where
    no table answers. A time below that is used once a second person ``approved`` it; another
    computation is another record, so that changed figures are never approved already.
    """

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
    table_days = models.DecimalField(
        _("days without reductions"), max_digits=6, decimal_places=1, null=True
    )
    needs_approval = models.BooleanField(
        _("needs a second person"), default=False, db_default=False
    )
    approved = models.BooleanField(_("approved"), null=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    judged_at = models.DateTimeField(_("approved or sent back"), null=True)
    judgement = models.TextField(
        _("reason of the second person"), max_length=2000, blank=True, db_default=""
    )

    objects = AuditTimeCalculationQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit-time calculation")
        verbose_name_plural = _("audit-time calculations")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(judged_by=None) | ~models.Q(judged_by=models.F("computed_by")),
                name="audit_time_approved_by_another",
            )
        ]

    def __str__(self):
        return f"{self.application} {self.total_days}"

    @property
    def waits(self) -> bool:
        """Tell whether a second person has to look at it."""
        return self.needs_approval and self.approved is None

    @property
    def is_settled(self) -> bool:
        """Tell whether it may be used: nothing is reduced, or a second person agreed."""
        return not self.needs_approval or self.approved is True
