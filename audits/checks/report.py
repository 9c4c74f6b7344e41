"""What a report must contain before it is submitted (ISO/IEC 17021-1:2015 9.4.8)."""

from django.urls import reverse
from django.utils.translation import gettext as _

from audits.checks.timetable import SURVEILLANCE
from audits.enums import FindingStatus, Grade
from certification.enums import AuditKind, Recommendation
from foundation.workflow import Blocker

STAGE_1_RECOMMENDATIONS = (Recommendation.READY, Recommendation.NOT_READY)
# Part of the report for every kind of audit, in the order of the page.
COMMON = (
    "summary",
    "deviations",
    "issues",
    "unresolved",
    "objectives_met",
    "scope_fits",
    "internal_audit_ok",
    "recommendation",
)
CONFORMITY = ("conforms", "effective")
LATER = ("changes", "previous_findings", "marks_controlled")


def fields_for(audit) -> tuple[str, ...]:
    """Return the fields that the report of this audit has to fill."""
    fields = list(COMMON)
    if audit.kind == AuditKind.STAGE_1:
        fields.insert(1, "concerns")
    else:
        fields[-1:-1] = CONFORMITY
    if audit.kind in (*SURVEILLANCE, AuditKind.RECERTIFICATION):
        fields[3:3] = LATER
    if audit.is_remote:
        fields.insert(2, "remote_statement")
    return tuple(fields)


def recommendations_for(audit) -> list[tuple[str, str]]:
    """Return the recommendations this kind of audit can end with, as choices."""
    first = audit.kind == AuditKind.STAGE_1
    return [(r.value, r.label) for r in Recommendation if (r in STAGE_1_RECOMMENDATIONS) == first]


def report_blockers(audit, actor=None, data=None):
    """Yield everything the report lacks."""
    url = reverse("audits:report", args=[audit.pk])
    report = getattr(audit, "report", None)
    if report is None:
        yield Blocker(_("The report is not written yet."), url)
        return
    for name in fields_for(audit):
        if not getattr(report, name):
            label = report._meta.get_field(name).verbose_name
            yield Blocker(
                _("Missing in the report: %(part)s.") % {"part": label}, f"{url}#div_id_{name}"
            )
    majors = audit.findings.filter(grade=Grade.MAJOR).exclude(status=FindingStatus.CLOSED)
    if report.recommendation == Recommendation.CERTIFY and majors.exists():
        yield Blocker(
            _("A major nonconformity is open; the recommendation cannot be unconditional."),
            f"{url}#div_id_recommendation",
        )
