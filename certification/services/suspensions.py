"""Why and since when a certificate is suspended, and what was looked at since."""

from datetime import date

from certification.enums import CertificateStatus, SpecialPurpose
from certification.models import AuditOutcome, Case, Certificate, CertificateEvent

_SUSPENDED = CertificateStatus.SUSPENDED


def suspension_of(certificate: Certificate) -> CertificateEvent | None:
    """Return the event that began the last suspension; changes during it begin no other one."""
    rows = certificate.events.filter(after=_SUSPENDED).exclude(before=_SUSPENDED)
    return rows.order_by("-on", "-created_at").first()


def expired_suspended(certificate: Certificate) -> bool:
    """Tell whether a certificate ended while its suspension was not resolved (9.6.5)."""
    if certificate.status != CertificateStatus.EXPIRED:
        return False
    ended = certificate.events.filter(after=CertificateStatus.EXPIRED)
    last = ended.order_by("-on", "-created_at").first()
    return last is not None and last.before == _SUSPENDED


def audit_since(case: Case, on: date) -> AuditOutcome | None:
    """Return an audit held to end a suspension since a day, with its report reviewed."""
    rows = case.outcomes.filter(
        item__purpose=SpecialPurpose.REINSTATEMENT, report_reviewed=True, last_day__gte=on
    )
    return rows.order_by("-last_day").first()
