"""The register of certificates as lists show it."""

from certification.models import Certificate

RELATED = ("enterprise", "body", "scheme", "edition", "case")


def register(actor):
    """Return the certificates an actor may see, with what their lists show."""
    return Certificate.objects.visible_to(actor).select_related(*RELATED)
