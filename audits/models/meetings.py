from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from audits.enums import Anomaly, Meeting, TeamRole
from audits.models.audits import Audit
from foundation.models import Record


class Attendance(Record):
    """Somebody present at the opening or closing meeting.

    ``function`` is the role of a team member, else what the person does in the enterprise.
    """

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="attendance")
    meeting = models.CharField(max_length=8, choices=Meeting.choices)
    name = models.CharField(_("name"), max_length=100)
    of_team = models.BooleanField(_("of the audit team"), default=False)
    function = models.CharField(_("function"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance")
        ordering = ["created_at"]

    def __str__(self):
        return self.name

    @property
    def function_label(self):
        return TeamRole(self.function).label if self.of_team else self.function


class CheckIn(Record):
    """Sign-in of the team at a meeting: who, where, when by device and by server."""

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="check_ins")
    meeting = models.CharField(max_length=8, choices=Meeting.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    accuracy_m = models.PositiveIntegerField(null=True)
    device_time = models.DateTimeField(null=True)
    distance_m = models.PositiveIntegerField(null=True)
    anomalies = models.JSONField(default=list)
    explanation = models.TextField(_("explanation"), max_length=2000, blank=True)
    explained_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        ordering = ["created_at"]
        constraints = [models.UniqueConstraint(fields=["audit", "meeting"], name="check_in_once")]

    def __str__(self):
        return f"{self.audit} {self.meeting}"

    @property
    def lacks_explanation(self) -> bool:
        return bool(self.anomalies) and not self.explanation

    @property
    def anomaly_labels(self) -> list:
        return [Anomaly(code).label for code in self.anomalies]
