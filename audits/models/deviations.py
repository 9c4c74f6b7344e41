"""Less audit time than computed, and the second person who looked at it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audits.models.audits import Audit
from foundation.models import Record


class TimeDeviation(Record):
    """A planner asks for fewer days than were computed; somebody else approves or sends it back.

    It holds for the figures and the reason it was asked with, and for no others
    (ISO/IEC 17021-1:2015 9.1.4).
    """

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="deviations")
    days = models.DecimalField(_("audit days computed"), max_digits=6, decimal_places=1)
    days_planned = models.DecimalField(_("audit days planned"), max_digits=6, decimal_places=1)
    reason = models.TextField(_("reason"), max_length=1000)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    approved = models.BooleanField(_("approved"), null=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    judged_at = models.DateTimeField(_("approved or sent back"), null=True)
    judgement = models.TextField(_("reason of the second person"), max_length=2000, blank=True)

    class Meta:
        verbose_name = _("fewer audit days than computed")
        verbose_name_plural = _("fewer audit days than computed")
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(judged_by=None) | ~Q(judged_by=F("asked_by")),
                name="fewer_days_approved_by_another",
            )
        ]

    def __str__(self):
        return f"{self.audit} {self.days_planned}"

    def is_of(self, audit: Audit) -> bool:
        """Tell whether it was asked with the figures and the reason of the plan as it is now."""
        asked = (self.days, self.days_planned, self.reason)
        return asked == (audit.days, audit.days_planned, audit.days_reason)
