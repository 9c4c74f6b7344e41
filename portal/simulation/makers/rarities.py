"""What seldom coincides, brought about as long as it was never seen: ends at a bad moment."""

from datetime import timedelta

from django.utils import timezone

from certification.enums import IN_FORCE, OPEN_CHANGES, CaseStatus, CertificateStatus
from certification.models import Case, Certificate
from portal.simulation.registry import pastime

_SOON = timedelta(days=25)
_A_DAY = 0.05


@pastime
def suspend_before_the_end(world):
    """Suspend a certificate that is about to run out, so that it expires suspended."""
    if ("certificate", CertificateStatus.SUSPENDED, "expire") in world.taken:
        return
    today = timezone.localdate()
    rows = Certificate.objects.filter(
        status=CertificateStatus.VALID, expires_on__range=(today, today + _SOON)
    )
    for certificate in rows.order_by("number")[:1]:
        world.insist(certificate, "suspend")


@pastime
def end_with_questions_open(world):
    """Give up the certificates of a case on which something else is still under way."""
    if not world.curiosity:
        return
    left = [row for row in OPEN_CHANGES if ("change", row, "lapse") not in world.taken]
    cases = Case.objects.filter(changes__status__in=left)
    if ("case", CaseStatus.DECIDING, "end") not in world.taken:
        cases |= Case.objects.filter(status=CaseStatus.DECIDING, changes__isnull=True)
    held = Certificate.objects.filter(status__in=IN_FORCE, case__in=cases.values("pk"))
    # One case after the other: a world in which everybody gives up shows nothing else.
    first = held.order_by("number").first()
    if first is not None and world.chance.happens(_A_DAY):
        for certificate in held.filter(case=first.case_id).order_by("number"):
            world.insist(certificate, "cancel")
