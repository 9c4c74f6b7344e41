from schemes.models.approval import BodyApproval
from schemes.models.area import TechnicalArea
from schemes.models.audit_time import AuditTimeBand, AuditTimeFactor
from schemes.models.checklist import ChecklistQuestion
from schemes.models.competence import Competence
from schemes.models.entries import Entry
from schemes.models.interests import Declaration, Interest
from schemes.models.rules import Rule, RuleSet
from schemes.models.scheme import Clause, Scheme, StandardEdition

__all__ = [
    "AuditTimeBand",
    "AuditTimeFactor",
    "BodyApproval",
    "ChecklistQuestion",
    "Clause",
    "Competence",
    "Declaration",
    "Entry",
    "Interest",
    "Rule",
    "RuleSet",
    "Scheme",
    "StandardEdition",
    "TechnicalArea",
]
