"""Certificates in daily life: their documents, and the end of what has run out."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
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
from foundation.sweeps import Acts, Progress, silent
from foundation.workflow import perform
from schemes.models import RuleSet
from schemes.queries import book_of

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


def expire_due(progress: Progress = silent) -> int:
    """Let every certificate expire whose last day is over, and end cases that are left with none.

    Returns how many certificates and cases changed. May run any number of times. A record that
    fails does not hold up the others; NotAllDoneError names all that failed.
    """
    acts = Acts(progress)
    rows = Certificate.objects.filter(status__in=IN_FORCE, expires_on__lt=timezone.localdate())
    acts.do(list(rows.order_by("expires_on").only("status")), _expire)
    acts.do(list(_lapsed_cases()), _end)
    return acts.end()


def _expire(certificate: Certificate) -> None:
    perform(CERTIFICATE_FLOW, certificate, "expire", SYSTEM)


@transaction.atomic
def _end(case: Case) -> bool:
    end_case_without_certificates(case)
    return case.status == CaseStatus.ENDED


def _lapsed_cases():
    """Return the cases none of whose certificates is, or can come, in force again."""
    gone, today = Q(pk__in=[]), timezone.localdate()
    for rule_set in RuleSet.objects.all():
        latest = book_of(rule_set).limit("restoration_months").latest_over(today)
        restorable = Q(status=CertificateStatus.EXPIRED, expires_on__gt=latest or today)
        left = Certificate.objects.filter(
            Q(status__in=(*IN_FORCE, CertificateStatus.ISSUING)) | restorable, case=OuterRef("pk")
        )
        gone |= Q(rule_set=rule_set) & ~Exists(left)
    expired = Certificate.objects.filter(case=OuterRef("pk"), status=CertificateStatus.EXPIRED)
    return Case.objects.filter(gone, Exists(expired), status=CaseStatus.CERTIFIED)
