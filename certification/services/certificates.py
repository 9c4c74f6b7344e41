"""Certificates in daily life: their documents, and the end of what has run out."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from certification.documents.certificate import Stamp, render_certificate
from certification.enums import CaseStatus, Cause, CertificateStatus, RevisionStatus
from certification.flows.certificates import (
    CERTIFICATE_FLOW,
    IN_FORCE,
    end_case_without_certificates,
)
from certification.models import Case, Certificate, CertificateRevision
from foundation import files
from foundation.actor import SYSTEM
from foundation.workflow import StaleState, WrongState, perform

SUPERSEDED = "superseded"


@dataclass(frozen=True)
class Document:
    """The bytes of a certificate as it may be handed out now, and the name of the file."""

    data: bytes
    name: str
    stamped: bool


def document(certificate: Certificate, revision: CertificateRevision | None = None) -> Document:
    """Return the issued PDF; a copy that no longer counts is stamped with status and date.

    The issued file stays as it is. Raises LookupError while nothing is issued, DamagedError when
    the stored bytes are not those that were issued.
    """
    chosen = revision or certificate.current_revision
    if chosen is None or chosen.file is None:
        raise LookupError(f"{certificate} has no issued document")
    stamp = _stamp(certificate, chosen)
    if stamp is None:
        return Document(files.read(chosen.file), chosen.file.name, stamped=False)
    name = chosen.file.name.replace(".pdf", f"-{stamp.status}.pdf")
    return Document(render_certificate(chosen.content, stamp), name, stamped=True)


def _stamp(certificate: Certificate, revision: CertificateRevision) -> Stamp | None:
    today = timezone.localdate()
    if certificate.status != CertificateStatus.VALID:
        since = certificate.events.filter(after=certificate.status).order_by("on").last()
        return Stamp(certificate.status, since.on if since else today, today)
    later = certificate.revisions.filter(revision__gt=revision.revision)
    if revision.status == RevisionStatus.ISSUED:
        # A reduction counts from its decision, though its document is still being made.
        later = later.filter(reason=Cause.SCOPE)
    following = later.order_by("revision").first()
    return Stamp(SUPERSEDED, following.issued_on, today) if following is not None else None


def expire_due(today: date | None = None) -> int:
    """Let every certificate expire whose last day is over; return how many did."""
    today = today or timezone.localdate()
    rows = Certificate.objects.filter(status__in=IN_FORCE, expires_on__lt=today)
    count = 0
    for certificate in rows.order_by("expires_on").iterator():
        try:
            perform(CERTIFICATE_FLOW, certificate, "expire", SYSTEM)
        except (StaleState, WrongState):
            continue
        count += 1
    return count


def end_lapsed_cases() -> int:
    """End the cases whose last certificate cannot be restored any more; return how many did."""
    rows = Case.objects.filter(
        status=CaseStatus.CERTIFIED, certificates__status=CertificateStatus.EXPIRED
    ).distinct()
    count = 0
    for case in rows:
        with transaction.atomic():
            end_case_without_certificates(case)
        count += case.status == CaseStatus.ENDED
    return count


def sweep() -> None:
    """Do what the calendar brings about; may run any number of times a day."""
    expire_due()
    end_lapsed_cases()
