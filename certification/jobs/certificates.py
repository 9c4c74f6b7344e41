"""Make the documents of certificates."""

from django.db import OperationalError, transaction
from django.utils.translation import gettext_lazy as _

from certification.documents.certificate import render_certificate as certificate_pdf
from certification.enums import RevisionStatus
from certification.flows.revisions import REVISION_FLOW
from certification.models import CertificateRevision
from certification.services import issuing
from certification.services.certificates import expire_due
from certification.services.telling import tell_body
from foundation import files, jobs, sweeps
from foundation.actor import SYSTEM
from foundation.daily import daily
from foundation.pdf import renderer
from foundation.workflow import StaleState, WrongState, perform
from organisations.enums import Role


def _revision(job) -> CertificateRevision:
    related = ("certificate__case", "certificate__enterprise", "certificate__body")
    return CertificateRevision.objects.select_related(*related).get(pk=job.subject_id)


def _failed(job):
    certificate = _revision(job).certificate
    job.refresh_from_db(fields=["error"])
    tell_body("certificate.not_issued", certificate, Role.CERTIFIER, Role.MANAGER, error=job.error)


@jobs.job(
    issuing.RENDER,
    title=_("Issue a certificate"),
    retry_for=(OSError, OperationalError),
    on_failure=_failed,
)
def render_certificate(job):
    """Make the PDF of a revision written ahead and put it in force.

    May run any number of times: what is issued stays as it is. File, state, public event, notices
    and mail become true in one transaction; the bytes are on disk before it ends, and without it
    they belong to nobody and are swept.
    """
    revision = _revision(job)
    if revision.status != RevisionStatus.ISSUING:
        return
    data = certificate_pdf(revision.content)
    jobs.progress(job, 60)
    try:
        put_in_force(revision, data)
    except (StaleState, WrongState):
        # Another worker, which had lost its lease, was faster.
        return


@transaction.atomic
def put_in_force(revision: CertificateRevision, data: bytes) -> None:
    """Keep the document of a revision and let it take the place of the one before."""
    certificate = revision.certificate
    name = f"{certificate.number.replace(' ', '-').replace('/', '-')}-R{revision.revision}.pdf"
    file = files.write_document(data, name, organisation_id=certificate.body_id)
    previous = certificate.current_revision
    if previous is not None:
        perform(REVISION_FLOW, previous, "supersede", SYSTEM)
    perform(REVISION_FLOW, revision, "issue", SYSTEM, file=file, made_with=renderer())


@daily("certification.expire", hour=0, title=_("Let certificates expire whose last day is over"))
def expire(job):
    """Do it for every end that has passed; a missed night is caught up by the next."""
    expire_due(lambda percent: jobs.progress(job, percent))


sweeps.register("expiry", "certification.expire", expire_due)
