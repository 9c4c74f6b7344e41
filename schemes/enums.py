"""Kinds that the rows of this app may have."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CompetenceRole(models.TextChoices):
    """What a person is competent to do for a body."""

    LEAD_AUDITOR = "lead_auditor", _("Lead auditor")
    AUDITOR = "auditor", _("Auditor")
    TECHNICAL_EXPERT = "technical_expert", _("Technical expert")
    REVIEWER = "reviewer", _("Reviewer")
    CERTIFIER = "certifier", _("Certifier")


class CompetenceStatus(models.TextChoices):
    """Whether the body counts a competence; only an approved one serves in a team."""

    PROPOSED = "proposed", _("Waiting for approval")
    RETURNED = "returned", _("Returned")
    APPROVED = "approved", _("Approved")
    SUSPENDED = "suspended", _("Suspended")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class EntryKind(models.TextChoices):
    """What a profile tells of a person (ISO/IEC 17021-1:2015 7.1, 7.2)."""

    REGISTRATION = "registration", _("Registration")
    EMPLOYMENT = "employment", _("Employment")
    EDUCATION = "education", _("Education")
    EXPERIENCE = "experience", _("Work experience")
    TRAINING = "training", _("Continuing professional development")
    EVALUATION = "evaluation", _("Evaluation at work")


class Engagement(models.TextChoices):
    FULL_TIME = "full_time", _("Full-time")
    PART_TIME = "part_time", _("Part-time")
    CONTRACT = "contract", _("By contract")


class EvaluationResult(models.TextChoices):
    GOOD = "good", _("Performs as required")
    IMPROVE = "improve", _("Has to improve")
    POOR = "poor", _("Does not perform as required")


class InterestKind(models.TextChoices):
    """What ties a person to an enterprise (ISO/IEC 17021-1:2015 5.2)."""

    EMPLOYMENT = "employment", _("Employment")
    CONSULTANCY = "consultancy", _("Consultancy")
    INTERNAL_AUDIT = "internal_audit", _("Internal audit")
    TRAINING = "training", _("Training given")
    FAMILY = "family", _("Family")
    FINANCIAL = "financial", _("Financial interest")
    OTHER = "other", _("Another interest")


class AuditLanguage(models.TextChoices):
    """Languages in which an enterprise can be audited and a person can audit."""

    ZH = "zh", _("Chinese")
    EN = "en", _("English")
    JA = "ja", _("Japanese")
    KO = "ko", _("Korean")
    DE = "de", _("German")
    FR = "fr", _("French")
    ES = "es", _("Spanish")
    RU = "ru", _("Russian")


class FactorDirection(models.TextChoices):
    PLUS = "plus", _("Adds time")
    MINUS = "minus", _("Reduces time")


# A competence in one of these roles answers for the role on the left.
ROLE_FILLED_BY = {
    CompetenceRole.LEAD_AUDITOR: (CompetenceRole.LEAD_AUDITOR,),
    CompetenceRole.AUDITOR: (CompetenceRole.AUDITOR, CompetenceRole.LEAD_AUDITOR),
    CompetenceRole.TECHNICAL_EXPERT: (
        CompetenceRole.TECHNICAL_EXPERT,
        CompetenceRole.AUDITOR,
        CompetenceRole.LEAD_AUDITOR,
    ),
    CompetenceRole.REVIEWER: (CompetenceRole.REVIEWER,),
    CompetenceRole.CERTIFIER: (CompetenceRole.CERTIFIER,),
}

# Kinds that a body says of its own people; the others belong to the person in every body.
OF_THE_BODY = (EntryKind.EMPLOYMENT, EntryKind.EVALUATION)
# Competences that are not over by a decision.
LIVE = (
    CompetenceStatus.PROPOSED,
    CompetenceStatus.RETURNED,
    CompetenceStatus.APPROVED,
    CompetenceStatus.SUSPENDED,
)
# How the tag of each status looks.
COMPETENCE_TAGS: dict[str, str] = {
    CompetenceStatus.PROPOSED: "waiting",
    CompetenceStatus.RETURNED: "problem",
    CompetenceStatus.APPROVED: "valid",
    CompetenceStatus.SUSPENDED: "suspended",
    CompetenceStatus.WITHDRAWN: "withdrawn",
}


class ApprovalStanding(models.TextChoices):
    """How a version of a body's approval stands while it lasts."""

    HOLDS = "holds", _("In force")
    SUSPENDED = "suspended", _("Suspended")
    WITHDRAWN = "withdrawn", _("Withdrawn")
