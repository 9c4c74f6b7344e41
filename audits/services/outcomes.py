"""What an audit reports down to its case."""

from django.db.models import Count, Q
from django.utils import timezone

from audits.checks.team import competence_gaps
from audits.checks.timetable import remote_percent
from audits.enums import AuditStatus, FindingStatus, Grade
from audits.models import Audit
from certification.services.cases import record_outcome

# A minor is fit for a decision once its plan is accepted (ISO/IEC 17021-1:2015 9.5.2).
WITHOUT_PLAN = (FindingStatus.OPEN, FindingStatus.ANSWERED, FindingStatus.PLAN_REJECTED)
# What stands in the way of a decision, counted over findings that were shown.
COUNTS = {
    "open_majors": Count("pk", filter=Q(grade=Grade.MAJOR) & ~Q(status=FindingStatus.CLOSED)),
    "minors_without_plan": Count("pk", filter=Q(grade=Grade.MINOR, status__in=WITHOUT_PLAN)),
}


def report_outcome(audit: Audit, actor, *, hand_over: bool = True) -> None:
    """Tell the case how the audit stands; call it again whenever that changes.

    With ``hand_over`` the case goes to the decision when it is fit for it.

    Before the closing meeting, and for an audit that was broken off, there is nothing to tell.
    """
    # Whoever judges two findings at once would each count without the other.
    audit = Audit._base_manager.select_for_update(of=("self",)).get(pk=audit.pk)
    if audit.closed_at is None or audit.status == AuditStatus.ABORTED:
        return
    report = getattr(audit, "report", None)
    submitted = report is not None and report.submitted_at is not None
    record_outcome(
        case=audit.case,
        audit_id=audit.pk,
        kind=audit.kind,
        item=audit.programme_item,
        actor=actor,
        hand_over=hand_over,
        last_day=timezone.localdate(audit.closed_at),
        recommendation=report.recommendation if submitted else "",
        report_reviewed=audit.status == AuditStatus.COMPLETED,
        **audit.findings.exclude(shown_at=None).aggregate(**COUNTS),
        unexplained_anomalies=sum(row.lacks_explanation for row in audit.check_ins.all()),
        competence_gaps=competence_gaps(audit),
        days_computed=audit.days,
        days_held=audit.days_held or 0,
        url=audit.get_absolute_url(),
        **_facts(audit, report if submitted else None),
    )


def _facts(audit, report) -> dict:
    members = audit.members.select_related("user")
    file = report.file if report is not None else None
    return {
        "number": audit.number,
        "starts_on": audit.starts_on,
        "team": [member.user.name for member in members],
        "time_reason": audit.days_reason,
        "remote_percent": remote_percent(audit.plan.all()),
        "summary": report.summary if report is not None else "",
        "report_url": file.get_absolute_url() if file else "",
        "report_sha256": file.sha256 if file else "",
        "findings": [
            {
                "number": finding.number,
                "grade": finding.grade,
                "title": finding.title,
                "status": finding.status,
                "url": finding.get_absolute_url(),
            }
            for finding in audit.findings.exclude(shown_at=None)
        ],
    }
