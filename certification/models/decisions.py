from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from certification.enums import Cause, DecisionKind
from certification.models.cases import Case
from certification.models.certificates import Certificate
from certification.models.visibility import CaseRowQuerySet
from foundation.models import Record


class Decision(Record):
    """A certification decision. Rows are never changed or deleted (triggers)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    cycle = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=16, choices=DecisionKind.choices)
    certificate = models.ForeignKey(
        Certificate, on_delete=models.PROTECT, null=True, related_name="decisions"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    decided_on = models.DateField(_("decided on"))
    cause = models.CharField(_("cause"), max_length=24, choices=Cause.choices, blank=True)
    reason = models.TextField(_("reason"), max_length=4000)
    facts = models.JSONField(default=dict)

    objects = CaseRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-created_at"]

    def __str__(self):
        return f"{self.case} {self.get_kind_display()}"

    @property
    def body_id(self):
        return self.case.body_id
