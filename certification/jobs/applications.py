"""The copy of an application, made when somebody asks for it."""

from django.utils.translation import gettext_lazy as _

from certification.documents.application import application_pdf
from certification.models import ApplicationVersion
from certification.queries.dossiers import COPY, COPY_JOB
from certification.services.applications import copy_keep
from foundation.files import attachments_of
from foundation.jobs import job


@job(COPY_JOB, title=_("Make a copy of the application"), retry_for=(OSError,))
def render_application(row):
    """Make the PDF of a sent version, once."""
    version = ApplicationVersion.objects.select_related("application", "submitted_by").get(
        pk=row.subject_id
    )
    if not attachments_of(version, COPY).exists():
        copy_keep(version=version, data=application_pdf(version))
