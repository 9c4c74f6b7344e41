"""How files of audits and findings are called."""

from django.utils.translation import gettext_lazy as _

from audits.checks.findings import EVIDENCE
from audits.flows.audits import PLAN, REPORT, REPORT_DRAFT
from audits.services.meetings import PHOTOS
from foundation.attachments import name_labels

name_labels(
    **{
        EVIDENCE: _("Evidence"),
        PHOTOS: _("Check-in"),
        PLAN: _("Audit plan"),
        REPORT: _("Audit report"),
        REPORT_DRAFT: _("Draft of the audit report"),
    }
)
