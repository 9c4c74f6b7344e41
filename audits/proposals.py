"""Major nonconformities whose limit has passed call for a suspension."""

from collections.abc import Iterable
from datetime import date

from audits.enums import WITH_CLIENT, Grade
from audits.models import Finding
from audits.queries.refused import is_refused
from certification.enums import Cause, CertificateStatus, Ground
from certification.services.proposals import Missed, source


@source
def majors(today: date) -> Iterable[Missed]:
    """Yield majors the enterprise has not resolved in time (ISO/IEC 17021-1:2015 9.6.5)."""
    rows = (
        Finding.objects.order_by()
        .filter(
            grade=Grade.MAJOR,
            status__in=WITH_CLIENT,
            due_on__lt=today,
            audit__case__certificates__status=CertificateStatus.VALID,
        )
        .exclude(is_refused())
    )
    for pk, finding, audit, number, on in rows.values_list(
        "audit__case__certificates", "pk", "audit__number", "number", "due_on"
    ):
        yield Missed(
            pk,
            Ground.MAJOR,
            on,
            Cause.NONCONFORMITY,
            about=f"{audit} {number}",
            about_url=Finding(pk=finding).get_absolute_url(),
        )
