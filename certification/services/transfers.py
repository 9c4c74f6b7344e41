"""A certificate taken over from another body (IAF MD 2), where this portal knows it."""

from django.utils import timezone

from certification.enums import ApplicationKind, ApplicationStatus, CertificateStatus
from certification.models import Application, Certificate
from foundation import journal
from foundation.notices import notify
from organisations.enums import Role

TRANSFERRED = "certificate.transfer"
_TELLS = (Role.CERTIFIER, Role.MANAGER)
# An application that may still lead to a certificate of the other body.
_UNDER_WAY = (
    ApplicationStatus.SUBMITTED,
    ApplicationStatus.IN_REVIEW,
    ApplicationStatus.RETURNED,
    ApplicationStatus.ACCEPTED,
    ApplicationStatus.OFFERED,
    ApplicationStatus.SIGNED,
)


def key_of(number: str) -> str:
    """Return a certificate number as it is compared: without spaces and dashes."""
    return number.replace(" ", "").replace("-", "").upper()


def registered(application: Application) -> Certificate | None:
    """Return the certificate to be taken over as another body published it here, or None."""
    return issued_elsewhere(application) if application.kind == ApplicationKind.TRANSFER else None


def issued_elsewhere(application: Application) -> Certificate | None:
    """Return the certificate an application names where another body published it here."""
    if not application.previous_number:
        return None
    rows = Certificate.objects.published().filter(number_key=key_of(application.previous_number))
    rows = rows.exclude(body=application.body_id)
    return rows.select_related("enterprise", "body", "case", "scheme").first()


def open_majors(certificate: Certificate) -> int:
    """Count the major nonconformities open at the body that issued a certificate."""
    return sum(certificate.case.outcomes.values_list("open_majors", flat=True))


def minors_without_plan(certificate: Certificate) -> int:
    """Count the minor nonconformities whose plan the body that issued it has not accepted."""
    return sum(certificate.case.outcomes.values_list("minors_without_plan", flat=True))


def under_way(certificate: Certificate) -> bool:
    """Tell whether its holder applied to another body for a transfer that is not settled."""
    if certificate.transferred_on is not None or certificate.status not in (
        CertificateStatus.VALID,
        CertificateStatus.SUSPENDED,
    ):
        return False
    rows = Application.objects.filter(
        kind=ApplicationKind.TRANSFER,
        enterprise=certificate.enterprise_id,
        status__in=_UNDER_WAY,
    ).exclude(body=certificate.body_id)
    numbers = rows.values_list("previous_number", flat=True)
    return any(key_of(number) == certificate.number_key for number in numbers)


def tell_of_application(application: Application) -> None:
    """Tell the present body that its client applies for a transfer."""
    certificate = registered(application)
    if certificate is not None and certificate.enterprise_id == application.enterprise_id:
        _tell("transfer.applied", certificate, application)


def taken_over(application: Application, actor) -> Certificate | None:
    """Note on the old certificate that it was taken over, and ask its body to cancel it.

    It is not cancelled by itself: its own certifier decides.
    """
    certificate = registered(application)
    if certificate is None or certificate.enterprise_id != application.enterprise_id:
        return None
    certificate.transferred_on = timezone.localdate()
    certificate.save(update_fields=["transferred_on", "changed_at"])
    facts = {"body": application.body.name_en or application.body.name_zh}
    journal.record(certificate, TRANSFERRED, actor, facts)
    _tell("transfer.granted", certificate, application)
    return certificate


def _tell(kind, certificate, application) -> None:
    enterprise, other = certificate.enterprise, application.body
    notify(
        kind,
        to=certificate.body.people(*_TELLS),
        obj=certificate,
        url=certificate.get_absolute_url(),
        number=certificate.number,
        enterprise_zh=enterprise.name_zh,
        enterprise_en=enterprise.name_en,
        body_zh=other.name_zh,
        body_en=other.name_en,
    )
