from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certification.enums import EvaluationStatus, Moment
from certification.models.cases import Case
from certification.models.visibility import CaseRowQuerySet
from foundation.models import Record


class Evaluation(Record):
    """The enterprise rates the service: asked once at each moment, revisable for a while.

    ``ratings`` maps dimensions to 1 (very poor) … 5 (very good); empty while only asked.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="evaluations")
    cycle = models.PositiveSmallIntegerField()
    moment = models.CharField(_("moment"), max_length=16, choices=Moment.choices)
    subject_id = models.UUIDField()
    status = models.CharField(
        _("status"),
        max_length=16,
        choices=EvaluationStatus.choices,
        default=EvaluationStatus.ASKED,
    )
    ratings = models.JSONField(_("ratings"), default=dict)
    mean = models.DecimalField(_("mean"), max_digits=3, decimal_places=2, null=True)
    comment = models.TextField(_("comment"), max_length=2000, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    given_at = models.DateTimeField(_("given"), null=True)
    reply = models.TextField(_("reply of the body"), max_length=2000, blank=True)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    replied_at = models.DateTimeField(_("replied"), null=True)

    objects = CaseRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("service evaluation")
        verbose_name_plural = _("service evaluations")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["moment", "subject_id"], name="evaluation_asked_once"),
            models.CheckConstraint(
                condition=models.Q(mean=None) | models.Q(mean__gte=1, mean__lte=5),
                name="evaluation_mean_in_range",
            ),
        ]

    def __str__(self):
        return f"{self.case} · {self.get_moment_display()}"

    @property
    def enterprise_id(self):
        return self.case.enterprise_id

    @property
    def body_id(self):
        return self.case.body_id

    @property
    def journal_thread(self):
        return self.case.thread

    def get_absolute_url(self):
        return reverse("certification:evaluation", args=[self.pk])
