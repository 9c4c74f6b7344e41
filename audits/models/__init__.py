from audits.models.absences import Absence
from audits.models.audits import Audit, AuditMember, Objection, PlanItem
from audits.models.checklists import ChecklistAnswer
from audits.models.deviations import TimeDeviation
from audits.models.findings import Finding, FindingAnswer, FindingExtension, KeptText
from audits.models.meetings import Attendance, CheckIn
from audits.models.reports import AuditReport, ReportVersion
from audits.models.schedules import Schedule, ScheduleRow

__all__ = [
    "Absence",
    "Attendance",
    "Audit",
    "AuditMember",
    "AuditReport",
    "CheckIn",
    "ChecklistAnswer",
    "Finding",
    "FindingAnswer",
    "FindingExtension",
    "KeptText",
    "Objection",
    "PlanItem",
    "ReportVersion",
    "Schedule",
    "ScheduleRow",
    "TimeDeviation",
]
