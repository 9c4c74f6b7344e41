from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certification import layouts
from certification.enums import ReportKind
from foundation.models import Record, StoredFile, VisibleQuerySet
from organisations.enums import Role
from organisations.models import Organisation


class MonthlyReportQuerySet(VisibleQuerySet):
    path = ""

    def visible_to(self, actor):
        """The managers of the body, and nobody else: it is theirs until it is handed in."""
        if not actor.holds(Role.MANAGER, actor.organisation_id):
            return self.none()
        return self.filter(**{f"{self.path}body_id": actor.organisation_id})


class MonthlyReportVersionQuerySet(MonthlyReportQuerySet):
    path = "report__"


class MonthlyReport(Record):
    """What a body hands in for a month: one of each kind, in as many versions as it takes."""

    body = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=16, choices=ReportKind.choices)
    month = models.DateField(_("month"))
    due_on = models.DateField(_("to be handed in by"))
    handed_in_on = models.DateField(_("handed in on"), null=True)
    handed_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    handed_in = models.ForeignKey(
        "certification.MonthlyReportVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = MonthlyReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("monthly report")
        verbose_name_plural = _("monthly reports")
        ordering = ["-month", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["body", "kind", "month"], name="monthly_report_once")
        ]
        indexes = [
            models.Index(
                fields=["due_on"],
                condition=models.Q(handed_in_on=None),
                name="monthly_report_due",
            )
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.month:%Y-%m}"

    @property
    def journal_thread(self):
        return self.pk

    @property
    def layout(self) -> layouts.Layout:
        """The layout in force in its month."""
        return layouts.layout_for(self.kind, self.month)

    def get_absolute_url(self):
        return reverse("certification:report", args=[self.pk])


class MonthlyReportVersion(Record):
    """One version of a report: rows and gaps frozen under their digest, and its two files.

    ``content`` holds ``columns`` (names), ``rows`` (texts) and ``gaps``; it is written once, by
    the job that makes the files.
    """

    report = models.ForeignKey(MonthlyReport, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    layout = models.CharField(_("layout"), max_length=40)
    reason = models.CharField(_("why it is corrected"), max_length=500, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    content = models.JSONField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    csv = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    xlsx = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")

    objects = MonthlyReportVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a report")
        verbose_name_plural = _("versions of reports")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="monthly_report_version_once")
        ]

    def __str__(self):
        return f"{self.report} v{self.number}"

    @property
    def body_id(self):
        return self.report.body_id

    @property
    def journal_thread(self):
        return self.report_id
