from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from audits.enums import Conclusion
from audits.models.audits import Audit
from certification.enums import Recommendation
from foundation.models import Record, StoredFile


class AuditReport(Record):
    """The report of an audit (contents per ISO/IEC 17021-1:2015 9.4.8).

    ``version`` counts the submissions; ``snapshot`` is what the last one said, word for word.
    """

    audit = models.OneToOneField(Audit, on_delete=models.PROTECT, related_name="report")
    summary = models.TextField(_("summary"), max_length=6000, blank=True)
    deviations = models.TextField(_("deviations from the plan"), max_length=2000, blank=True)
    issues = models.TextField(_("significant issues"), max_length=2000, blank=True)
    changes = models.TextField(_("changes since the last audit"), max_length=2000, blank=True)
    unresolved = models.TextField(_("unresolved issues"), max_length=2000, blank=True)
    remote_statement = models.TextField(
        _("extent and effectiveness of remote means"), max_length=2000, blank=True
    )
    concerns = models.TextField(
        _("areas of concern that could become nonconformities"), max_length=2000, blank=True
    )
    not_audited = models.TextField(
        _("clauses nobody looked at, and why"), max_length=2000, blank=True, db_default=""
    )
    previous_findings = models.TextField(
        _("whether the actions on earlier findings were effective"), max_length=2000, blank=True
    )
    conforms = models.CharField(
        _("the system conforms"), max_length=8, choices=Conclusion.choices, blank=True
    )
    effective = models.CharField(
        _("the system is effective"), max_length=8, choices=Conclusion.choices, blank=True
    )
    scope_fits = models.CharField(
        _("the scope is appropriate"), max_length=8, choices=Conclusion.choices, blank=True
    )
    objectives_met = models.CharField(
        _("the audit objectives were met"), max_length=8, choices=Conclusion.choices, blank=True
    )
    internal_audit_ok = models.CharField(
        _("internal audit and management review work"),
        max_length=8,
        choices=Conclusion.choices,
        blank=True,
    )
    marks_controlled = models.CharField(
        _("use of certificate and mark is controlled"),
        max_length=8,
        choices=Conclusion.choices,
        blank=True,
    )
    recommendation = models.CharField(
        _("recommendation"), max_length=16, choices=Recommendation.choices, blank=True
    )
    version = models.PositiveSmallIntegerField(default=0)
    snapshot = models.JSONField(default=dict, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True)
    review_note = models.TextField(_("note of the review"), max_length=2000, blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("audit report")
        verbose_name_plural = _("audit reports")

    def __str__(self):
        return str(self.audit)


class ReportVersion(Record):
    """A report as it was submitted once: frozen facts, its PDF, and what the review said."""

    report = models.ForeignKey(AuditReport, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveSmallIntegerField(_("version"))
    snapshot = models.JSONField(default=dict)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(_("submitted"))
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    review_note = models.TextField(_("note of the review"), max_length=2000, blank=True)

    class Meta:
        verbose_name = _("version of an audit report")
        verbose_name_plural = _("versions of audit reports")
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["report", "version"], name="report_version_once")
        ]

    def __str__(self):
        return f"{self.report} {self.version}"
