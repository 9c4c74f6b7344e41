from certification.models.applications import (
    Application,
    ApplicationScheme,
    ApplicationSite,
    ApplicationVersion,
    ReviewRequest,
)
from certification.models.approvals import ApprovalChange
from certification.models.cases import AuditOutcome, Case, Involvement, ProgrammeItem
from certification.models.certificates import Certificate, CertificateEvent, CertificateRevision
from certification.models.changes import ChangeReport
from certification.models.complaints import Complaint, ComplaintEntry
from certification.models.decisions import Decision
from certification.models.evaluations import Evaluation
from certification.models.figures import BodyFigures
from certification.models.mergers import FormerHolder, Merger
from certification.models.numbers import Counter
from certification.models.offers import Offer, Signature
from certification.models.proposals import Proposal
from certification.models.reports import MonthlyReport, MonthlyReportVersion
from certification.models.reviews import ApplicationReview, AuditTimeCalculation

__all__ = [
    "Application",
    "ApplicationReview",
    "ApplicationScheme",
    "ApplicationSite",
    "ApplicationVersion",
    "ApprovalChange",
    "AuditOutcome",
    "AuditTimeCalculation",
    "BodyFigures",
    "Case",
    "Certificate",
    "CertificateEvent",
    "CertificateRevision",
    "ChangeReport",
    "Complaint",
    "ComplaintEntry",
    "Counter",
    "Decision",
    "Evaluation",
    "FormerHolder",
    "Involvement",
    "Merger",
    "MonthlyReport",
    "MonthlyReportVersion",
    "Offer",
    "ProgrammeItem",
    "Proposal",
    "ReviewRequest",
    "Signature",
]
