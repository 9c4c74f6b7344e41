"""A revision of a certificate: written ahead, issued by the job, superseded by the next."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.enums import Cause, CertificateStatus, RevisionStatus
from certification.flows.certificates import CERTIFICATE_FLOW
from certification.models import CertificateEvent, CertificateRevision
from certification.services.issuing import apply_content
from certification.services.telling import tell_holder
from foundation.access import IS_SYSTEM
from foundation.actor import SYSTEM
from foundation.workflow import Flow, Transition, perform


def _file(revision, actor, file, made_with, **data):
    return {"file": file, "made_with": made_with}


def issued(revision, actor, **data):
    """Everything that becomes true at the same moment as the document."""
    certificate = revision.certificate
    apply_content(certificate, revision)
    if certificate.status == CertificateStatus.ISSUING:
        perform(CERTIFICATE_FLOW, certificate, "issue", SYSTEM, revision=revision.revision)
        return
    if certificate.status == CertificateStatus.EXPIRED and revision.reason == Cause.RENEWAL:
        perform(CERTIFICATE_FLOW, certificate, "restore", SYSTEM, revision=revision.revision)
        return
    # A reduction was published when it was decided; its document follows.
    if revision.reason != Cause.SCOPE:
        CertificateEvent.objects.create(
            certificate=certificate,
            on=timezone.localdate(),
            before=certificate.status,
            after=certificate.status,
            cause=revision.reason,
            revision=revision.revision,
        )
    tell_holder("certificate.revised", certificate, revision=revision.revision)


REVISION_FLOW = Flow(
    name="revision",
    title=_("Revision of a certificate"),
    model=CertificateRevision,
    states=RevisionStatus,
    tags={
        RevisionStatus.ISSUING: "waiting",
        RevisionStatus.ISSUED: "valid",
        RevisionStatus.SUPERSEDED: "closed",
    },
    transitions=(
        Transition(
            action="issue",
            sources=(RevisionStatus.ISSUING,),
            target=RevisionStatus.ISSUED,
            right=IS_SYSTEM,
            title=_("Issue the revision"),
            past=_("Document issued"),
            columns=_file,
            effect=issued,
            internal=True,
        ),
        Transition(
            action="supersede",
            sources=(RevisionStatus.ISSUED,),
            target=RevisionStatus.SUPERSEDED,
            right=IS_SYSTEM,
            title=_("Supersede the revision"),
            past=_("Document superseded"),
            internal=True,
        ),
    ),
)
