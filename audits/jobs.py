"""The documents of audits, made after the act that asks for them."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audits.documents.plan import plan_pdf
from audits.documents.report import report_pdf
from audits.flows.audits import PLAN, REPORT_DRAFT
from audits.models import Audit, AuditReport, Schedule
from audits.services.escalation import escalate_overdue
from audits.services.schedules import FILL, schedule_fill
from foundation import files, jobs, sweeps
from foundation.daily import daily
from foundation.jobs import job


@job("audits.render_plan", title=_("Make the audit plan"), retry_for=(OSError,))
def render_plan(row):
    """Make the PDF of the plan as it was confirmed."""
    audit = Audit._base_manager.get(pk=row.subject_id)
    data = plan_pdf(audit.plan_snapshot, timezone.localdate(row.created_at).isoformat())
    with transaction.atomic():
        audit = Audit._base_manager.select_for_update(of=("self",)).get(pk=audit.pk)
        name = f"plan-{audit.number}-{audit.sequence}.pdf"
        if audit.plan_file is not None and audit.plan_file.name == name:
            return
        file = files.write_document(data, name, organisation_id=audit.body_id)
        files.attach(file, audit, PLAN)
        audit.plan_file = file
        audit.save(update_fields=["plan_file"])


@job("audits.render_report", title=_("Make the audit report"), retry_for=(OSError,))
def render_report(row):
    """Make the PDF of a submitted report; the body alone reads it until it is accepted."""
    report = AuditReport.objects.get(audit_id=row.subject_id)
    if report.version != row.payload["version"]:
        return
    data = report_pdf(report.snapshot)
    with transaction.atomic():
        report = AuditReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
        if report.file_id is not None or report.version != row.payload["version"]:
            return
        audit = report.audit
        name = f"report-{audit.number}-{report.version}.pdf"
        file = files.write_document(data, name, organisation_id=audit.body_id)
        files.attach(file, audit, REPORT_DRAFT, internal_to=audit.body_id)
        report.file = file
        report.save(update_fields=["file"])
        report.versions.filter(version=report.version).update(file=file)


@job(FILL, title=_("Fill a period with audits"), retry_for=(OSError,))
def fill_schedule(row):
    """Compute a draft of a period; nothing is booked by it."""
    schedule = Schedule.objects.select_related("body").get(pk=row.subject_id)
    if row.key == schedule.job_key:
        schedule_fill(schedule, row)


@daily("audits.escalate_findings", hour=1, title=_("Make overdue minor nonconformities major"))
def escalate_findings(row):
    """Do it for every limit that has passed; a missed night is caught up by the next."""
    escalate_overdue(lambda percent: jobs.progress(row, percent))


sweeps.register("escalation", "audits.escalate_findings", escalate_overdue)
