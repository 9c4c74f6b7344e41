"""What a change of a body's approval reaches: its certificates, cases and applications."""

from django.db.models import Exists, OuterRef, Q

from certification.enums import (
    ApplicationStatus,
    ApprovalChangeKind,
    CaseStatus,
    CertificateStatus,
)
from certification.models import Application, ApplicationScheme, ApprovalChange, Certificate

IN_FORCE = (CertificateStatus.VALID, CertificateStatus.SUSPENDED)
_WORK = (CaseStatus.AUDITING, CaseStatus.DECIDING)
_BEFORE_CONTRACT = (
    ApplicationStatus.SUBMITTED,
    ApplicationStatus.IN_REVIEW,
    ApplicationStatus.RETURNED,
    ApplicationStatus.ACCEPTED,
    ApplicationStatus.OFFERED,
)
CERTIFIED = Q(is_certified=True)
UNDER_WAY = Q(is_certified=False)


def changes_of(actor, body):
    """Return the changes of a body's approval that an actor may see."""
    return ApprovalChange.objects.visible_to(actor).filter(body=body)


def changed_areas(change: ApprovalChange) -> dict:
    """Map each approval that changes to those of its areas that it is about."""
    chosen = set(change.areas.all())
    found = {}
    for approval in change.approvals.select_related("scheme").prefetch_related("areas"):
        areas = set(approval.areas.all())
        if change.kind == ApprovalChangeKind.NARROW and change.last_day is None:
            areas &= chosen
        if areas:
            found[approval] = areas
    return found


def affected(change: ApprovalChange):
    """Return, scheme by scheme, what is certified or under way within what changes.

    Of a case with several applications the last one counts.
    """
    link = ApplicationScheme.areas.through.objects.filter(applicationscheme=OuterRef("pk"))
    hit = Q(pk__in=[])
    for approval, areas in changed_areas(change).items():
        within = link.filter(technicalarea__in=[area.pk for area in areas])
        hit |= Q(scheme=approval.scheme_id) & Exists(within)
    later = Application.objects.filter(
        case=OuterRef("application__case"), submitted_at__gt=OuterRef("application__submitted_at")
    )
    certificates = Certificate.objects.filter(
        case=OuterRef("application__case"), scheme=OuterRef("scheme"), status__in=IN_FORCE
    )
    rows = ApplicationScheme.objects.filter(hit, application__body=change.body_id)
    rows = rows.annotate(is_certified=Exists(certificates))
    before = Q(application__case=None, application__status__in=_BEFORE_CONTRACT)
    running = Q(application__case__status__in=_WORK) | CERTIFIED
    return rows.filter(before | (running & ~Exists(later)))


def certificate_of(row: ApplicationScheme):
    """Return the certificate in force of a row, or None; the case's certificates are fetched."""
    case = row.application.case
    for certificate in case.certificates.all() if case else ():
        if certificate.scheme_id == row.scheme_id and certificate.status in IN_FORCE:
            return certificate
    return None
