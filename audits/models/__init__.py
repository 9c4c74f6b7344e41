from audits.models.absences import Absence
from audits.models.audits import Audit, AuditMember, Objection, PlanItem
from audits.models.findings import Finding, FindingAnswer
from audits.models.meetings import Attendance, CheckIn
from audits.models.reports import AuditReport

__all__ = [
    "Absence",
    "Attendance",
    "Audit",
    "AuditMember",
    "AuditReport",
    "CheckIn",
    "Finding",
    "FindingAnswer",
    "Objection",
    "PlanItem",
]
