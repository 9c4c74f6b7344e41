"""The register of certificates as lists show it."""

from certification.enums import ProposalStatus
from certification.models import Certificate, Proposal

RELATED = ("enterprise", "body", "scheme", "edition", "case")


def register(actor):
    """Return the certificates an actor may see, with what their lists show."""
    return Certificate.objects.visible_to(actor).select_related(*RELATED)


def proposed(certificate: Certificate, kind: str) -> Proposal | None:
    """Return the first open proposal to decide so on a certificate."""
    rows = certificate.proposals.filter(status=ProposalStatus.OPEN, kind=kind)
    return rows.select_related("certificate").first()
