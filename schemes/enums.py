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
