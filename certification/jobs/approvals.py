"""Telling everybody a change of a body's approval reaches."""

from django.utils.translation import gettext_lazy as _

from certification.flows.approvals import TELL
from certification.services.approvals import tell_affected
from foundation.jobs import job


@job(TELL, title=_("Tell the enterprises of a changed approval"))
def tell_of_approval(row):
    """Tell each of them once, however often it runs."""
    tell_affected(row.subject_id)
