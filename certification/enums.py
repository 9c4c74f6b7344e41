from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from schemes.enums import AuditLanguage  # noqa: F401 -- this app names it with its own kinds


class ApplicationKind(models.TextChoices):
    INITIAL = "initial", _("Initial certification")
    TRANSFER = "transfer", _("Transfer from another body")
    RECERTIFICATION = "recertification", _("Recertification")
    EXTENSION = "extension", _("Scope extension")
    CHANGE = "change", _("Reported change")


class ApplicationStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    IN_REVIEW = "in_review", _("In review")
    RETURNED = "returned", _("Returned")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    OFFERED = "offered", _("Offer made")
    SIGNED = "signed", _("Contract signed")
    REJECTED = "rejected", _("Offer rejected")
    CANCELLED = "cancelled", pgettext_lazy("application", "Cancelled")


class Verdict(models.TextChoices):
    """What a reviewer says of one point of the application review."""

    OPEN = "open", _("Not yet judged")
    MET = "met", _("Met")
    NOT_MET = "not_met", _("Not met")


class Criterion(models.TextChoices):
    """The points of the application review (ISO/IEC 17021-1:2015 9.1.2)."""

    INFORMATION = "information", _("The information is sufficient to plan audits")
    SCOPE = "scope", _("The scope is clear and fits the activities")
    COMPETENCE = "competence", _("Competence to audit and to decide is available")
    AUDIT_TIME = "audit_time", _("The audit time is computed and justified")
    LANGUAGE = "language", _("The languages can be covered")
    SAFETY = "safety", _("Safety conditions on site are known")
    IMPARTIALITY = "impartiality", _("No threat to impartiality remains")


class TransferCriterion(models.TextChoices):
    """What a pre-transfer review looks at besides (IAF MD 2:2017, pre-transfer review)."""

    CERTIFICATE = "transfer_certificate", _("The certificate is accredited and within our scope")
    VALIDITY = "transfer_validity", _("It is valid and not suspended")
    REASON = "transfer_reason", _("The reason for the transfer is known and acceptable")
    REPORTS = "transfer_reports", _("Last reports are there; no major nonconformity is open")
    MATTERS = "transfer_matters", _("Complaints and legal matters are known")
    CYCLE = "transfer_cycle", _("The stage of the cycle is known")


class IntegrationLevel(models.TextChoices):
    NONE = "none", _("Separate systems")
    PARTIAL = "partial", _("Partly integrated")
    FULL = "full", _("Fully integrated")


class PreviousStatus(models.TextChoices):
    """How the certificate stands that an applicant already holds or held."""

    VALID = "valid", _("Valid")
    SUSPENDED = "suspended", _("Suspended")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")
    CANCELLED = "cancelled", _("Cancelled")


class DocumentKind(models.TextChoices):
    """What an applicant hands in."""

    MANUAL = "manual", _("Manual or description of the processes")
    CHART = "chart", _("Organisation chart")
    PERMIT = "permit", _("Permits and licences for regulated activities")
    CERTIFICATE = "certificate", _("Present certificate")
    REPORT = "report", _("Reports of the last audits")
    OTHER = "other", _("Other document")


class CaseStatus(models.TextChoices):
    AUDITING = "auditing", _("In audit")
    DECIDING = "deciding", _("Ready for decision")
    CERTIFIED = "certified", _("Certified")
    REFUSED = "refused", _("Refused")
    ENDED = "ended", _("Ended")


# A case that was refused or has ended is not audited any more.
LIVE = (CaseStatus.AUDITING, CaseStatus.DECIDING, CaseStatus.CERTIFIED)


class Part(models.TextChoices):
    """What a person did in a case that keeps him or her from deciding on it."""

    REVIEW = "review", _("Application review")
    AUDIT = "audit", _("Audit")
    JUDGEMENT = "judgement", _("Judgement of corrective actions")


class DecisionKind(models.TextChoices):
    GRANT = "grant", _("Grant")
    REFUSE = "refuse", _("Refuse")
    MAINTAIN = "maintain", _("Maintain")
    RENEW = "renew", _("Renew")
    EXTEND = "extend", _("Extend")
    REDUCE = "reduce", _("Reduce")
    SUSPEND = "suspend", _("Suspend")
    REINSTATE = "reinstate", _("Reinstate")
    WITHDRAW = "withdraw", _("Withdraw")
    CANCEL = "cancel", _("Cancel")
    CORRECT = "correct", _("Correct")
    CARRY = "carry", _("Carry over to another holder")


class CertificateStatus(models.TextChoices):
    ISSUING = "issuing", _("Being issued")
    VALID = "valid", _("Valid")
    SUSPENDED = "suspended", _("Suspended")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


IN_FORCE = (CertificateStatus.VALID, CertificateStatus.SUSPENDED)
# A certified enterprise reports what changes, also while a decision is pending.
REPORTABLE = (CaseStatus.CERTIFIED, CaseStatus.DECIDING)


class ChangeKind(models.TextChoices):
    """What a certified enterprise reports (ISO/IEC 17021-1:2015 8.5.3)."""

    NAME = "name", _("Name of the organisation")
    ADDRESS = "address", _("Address")
    LEGAL = "legal", _("Legal status or ownership")
    MANAGEMENT = "management", _("Management or organisation")
    SITES = "sites", _("Sites")
    SCOPE = "scope", _("Scope of the operations")
    HEADCOUNT = "headcount", _("Number of people")
    SYSTEM = "system", _("Major change of system or processes")
    INCIDENT = "incident", _("Serious incident")
    MERGER = "merger", _("Merger into another enterprise")


# What is reported by itself; a merger follows from the agreement of both enterprises.
REPORTED_KINDS = tuple(kind for kind in ChangeKind if kind != ChangeKind.MERGER)


class ChangeStatus(models.TextChoices):
    REPORTED = "reported", pgettext_lazy("change", "To be assessed")
    ASKED = "asked", pgettext_lazy("change", "Question to the enterprise")
    REVISION = "revision", pgettext_lazy("change", "Certificates to be revised")
    AUDIT = "audit", pgettext_lazy("change", "To be audited")
    APPLICATION = "application", pgettext_lazy("change", "Application awaited")
    UNCHANGED = "unchanged", pgettext_lazy("change", "Nothing follows")
    DONE = "done", pgettext_lazy("change", "Done")
    WITHDRAWN = "withdrawn", pgettext_lazy("change", "Taken back")
    LAPSED = "lapsed", pgettext_lazy("change", "Lapsed")


OPEN_CHANGES = (
    ChangeStatus.REPORTED,
    ChangeStatus.ASKED,
    ChangeStatus.REVISION,
    ChangeStatus.AUDIT,
    ChangeStatus.APPLICATION,
)


class MergerStatus(models.TextChoices):
    PROPOSED = "proposed", pgettext_lazy("merger", "To be confirmed")
    AGREED = "agreed", pgettext_lazy("merger", "Agreed")
    DONE = "done", pgettext_lazy("merger", "Completed")
    REFUSED = "refused", pgettext_lazy("merger", "Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("merger", "Called off")
    LAPSED = "lapsed", pgettext_lazy("merger", "Lapsed")


OPEN_MERGERS = (MergerStatus.PROPOSED, MergerStatus.AGREED)


class RevisionStatus(models.TextChoices):
    ISSUING = "issuing", _("Being issued")
    ISSUED = "issued", pgettext_lazy("revision", "Current")
    SUPERSEDED = "superseded", _("Superseded")


class Cause(models.TextChoices):
    """Why a certificate's status changed, in words fit for the public."""

    SURVEILLANCE_OVERDUE = "surveillance_overdue", _("Surveillance audit not carried out in time")
    NONCONFORMITY = "nonconformity", _("Nonconformities not resolved")
    MISUSE = "misuse", _("Misuse of the certificate or mark")
    LAW = "law", _("Serious breach of law")
    INCIDENT = "incident", _("Serious incident")
    OBLIGATIONS = "obligations", _("Obligations of the contract not met")
    CLIENT = "client", _("At the holder's own request")
    RESOLVED = "resolved", _("The cause was resolved and verified")
    SCOPE = "scope", _("Part of the scope is no longer covered")
    EXPIRY = "expiry", _("Validity ended")
    ISSUE = "issue", _("Issued")
    CORRECTION = "correction", _("Facts on the certificate changed")
    RENEWAL = "renewal", _("Renewed after recertification")
    EXTENSION = "extension", _("Scope extended")
    TRANSFER = "transfer", _("Taken over by another body")
    MERGER = "merger", _("The holder merged into another enterprise")
    APPROVAL = "approval", _("The body is not approved for it any more")


class Ground(models.TextChoices):
    """Which limit was missed, so that a change of the certificate is proposed."""

    SURVEILLANCE = "surveillance", _("Surveillance audit not carried out in time")
    MAJOR = "major", _("Major nonconformity not resolved in time")
    SUSPENSION = "suspension", _("Suspension ended without a decision")
    TRANSFER = "transfer", _("Taken over by another body")
    APPROVAL = "approval", _("Not transferred after the body lost its approval")


class ProposalStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("proposal", "To be decided")
    FOLLOWED = "followed", pgettext_lazy("proposal", "Decided as proposed")
    DISMISSED = "dismissed", pgettext_lazy("proposal", "Dismissed")
    LAPSED = "lapsed", pgettext_lazy("proposal", "Lapsed")


class ComplaintKind(models.TextChoices):
    """A complaint of anybody (ISO/IEC 17021-1:2015 9.8) or an appeal of the enterprise (9.7)."""

    COMPLAINT = "complaint", _("Complaint")
    APPEAL = "appeal", _("Appeal")


class ComplaintStatus(models.TextChoices):
    RECEIVED = "received", pgettext_lazy("complaint", "Received")
    ACKNOWLEDGED = "acknowledged", pgettext_lazy("complaint", "Acknowledged")
    INVESTIGATING = "investigating", pgettext_lazy("complaint", "Being investigated")
    REPORTED = "reported", pgettext_lazy("complaint", "To be decided")
    DECIDED = "decided", pgettext_lazy("complaint", "Decided")
    CLOSED = "closed", pgettext_lazy("complaint", "Closed")
    NOT_ADMITTED = "not_admitted", pgettext_lazy("complaint", "Not admitted")
    WITHDRAWN = "withdrawn", pgettext_lazy("complaint", "Withdrawn")


class About(models.TextChoices):
    """What a complaint or an appeal is about."""

    BODY = "body", _("A certification body")
    AUDITOR = "auditor", _("An auditor")
    HOLDER = "holder", _("An organisation that uses a certificate")
    DECISION = "decision", _("A decision on certification")
    APPLICATION = "application", _("A declined application")
    FINDING = "finding", _("A finding of an audit")


class Conclusion(models.TextChoices):
    UPHELD = "upheld", _("Upheld")
    PARTLY = "partly", _("Partly upheld")
    NOT_UPHELD = "not_upheld", _("Not upheld")


class EntryKind(models.TextChoices):
    """What stands in the file of a complaint or an appeal, one row for each."""

    FILED = "filed", _("What was sent")
    ADDED = "added", _("Added by the complainant")
    QUESTION = "question", _("Question to the complainant")
    ANSWER = "answer", _("Answer of the complainant")
    PROGRESS = "progress", _("Progress report")
    PASSED_ON = "passed_on", _("Passed on to the organisation")
    CLIENT_ANSWER = "client_answer", _("Answer of the organisation")
    REPORT = "report", _("Result of the investigation")
    SENT_BACK = "sent_back", _("Sent back to the investigation")
    DECISION = "decision", pgettext_lazy("complaint", "Decision")
    INTERNAL = "internal", _("For the body alone")
    ANEW = "anew", _("Decided anew")
    END = "end", _("Formal notice of the end")
    AUTHORITY = "authority", _("Note of the authority")


class Moment(models.TextChoices):
    """When the enterprise is asked for its opinion."""

    AUDIT = "audit", _("After the audit")
    DECISION = "decision", _("After the decision")


class EvaluationStatus(models.TextChoices):
    ASKED = "asked", _("Asked")
    GIVEN = "given", _("Rated")
    REPLIED = "replied", _("Replied")


class Dimension(models.TextChoices):
    HANDLING = "handling", _("Application handling")
    COMMUNICATION = "communication", _("Communication")
    COMPETENCE = "competence", _("Auditor competence")
    FAIRNESS = "fairness", _("Fairness")
    TIMELINESS = "timeliness", _("Timeliness")
    VALUE = "value", _("Value for money")


class AuditKind(models.TextChoices):
    STAGE_1 = "stage_1", _("Stage 1 audit")
    STAGE_2 = "stage_2", _("Stage 2 audit")
    SURVEILLANCE_1 = "surveillance_1", _("First surveillance audit")
    SURVEILLANCE_2 = "surveillance_2", _("Second surveillance audit")
    RECERTIFICATION = "recertification", _("Recertification audit")
    SPECIAL = "special", _("Special audit")


class SpecialPurpose(models.TextChoices):
    """What an audit outside the regular ones is for (ISO/IEC 17021-1:2015 9.6.4)."""

    EXTENSION = "extension", _("Extension of the scope")
    TRANSFER = "transfer", _("Transfer from another body")
    CHANGE = "change", _("Reported change")
    REINSTATEMENT = "reinstatement", _("End of a suspension")
    VERIFICATION = "verification", _("Verification of corrective actions")
    COMPLAINT = "complaint", _("Complaint")


# What the body plans of its own accord; the others follow from an application.
PLANNED_PURPOSES = (
    SpecialPurpose.CHANGE,
    SpecialPurpose.REINSTATEMENT,
    SpecialPurpose.VERIFICATION,
    SpecialPurpose.COMPLAINT,
)
# ISO/IEC 17021-1:2015 9.6.4.2: complaints, changes, and as follow-up on suspended clients.
SHORT_NOTICE_PURPOSES = (
    SpecialPurpose.CHANGE,
    SpecialPurpose.REINSTATEMENT,
    SpecialPurpose.COMPLAINT,
)

SURVEILLANCES = (AuditKind.SURVEILLANCE_1, AuditKind.SURVEILLANCE_2)


class Recommendation(models.TextChoices):
    """What the audit team proposes to those who decide."""

    READY = "ready", _("Ready for stage 2")
    NOT_READY = "not_ready", _("Not ready for stage 2")
    CERTIFY = "certify", _("Certify, or keep certified")
    CONDITIONAL = "conditional", _("Certify once the nonconformities are closed")
    REFUSE = "refuse", _("Do not certify")


class ReportKind(models.TextChoices):
    """What a body hands in each month."""

    CNCA = "cnca", _("Certificate sheet for CNCA")
    CERTSEARCH = "certsearch", _("Upload file for IAF CertSearch")


class ApprovalChangeKind(models.TextChoices):
    """What an authority does to the approval of a body."""

    NARROW = "narrow", _("The approval becomes narrower")
    SUSPEND = "suspend", _("The approval is suspended")
    REINSTATE = "reinstate", _("The approval is reinstated")
    WITHDRAW = "withdraw", _("The approval is withdrawn")


class ApprovalCause(models.TextChoices):
    """Why the approval of a body changes."""

    REQUEST = "request", _("At the request of the body")
    CONDITIONS = "conditions", _("The conditions of the approval are not met")
    VIOLATION = "violation", _("Rules were broken")
    ACCREDITATION = "accreditation", _("The accreditation changed or ended")
    CEASED = "ceased", _("The body stops certifying")
    REMEDIED = "remedied", _("The cause is remedied")


class ApprovalChangeStatus(models.TextChoices):
    PREPARED = "prepared", _("Prepared")
    ORDERED = "ordered", _("Ordered")
    DROPPED = "dropped", _("Dropped")
