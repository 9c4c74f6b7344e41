"""Audits of the programme that nobody plans yet."""

from django.db.models import Exists, F, OuterRef, Q

from audits.enums import OVER, AuditStatus
from audits.models import Audit
from certification.enums import LIVE, AuditKind, Recommendation
from certification.models import ProgrammeItem
from certification.services import programme
from organisations.enums import Kind


def _settling():
    """Say which audits settle their programme item.

    Those on their way, and those completed, except a stage 1 that found no readiness: it has to
    be repeated (ISO/IEC 17021-1:2015 9.3.1.2.4).
    """
    repeat = Q(kind=AuditKind.STAGE_1, report__recommendation=Recommendation.NOT_READY)
    return ~Q(status__in=OVER) | (Q(status=AuditStatus.COMPLETED) & ~repeat)


def is_settled(item: ProgrammeItem) -> bool:
    """Tell whether an audit of this item is under way or was carried out."""
    return Audit.objects.filter(_settling(), programme_item=item).exists()


programme.UNDER_WAY.append(is_settled)


def waiting_items(actor):
    """Return the programme items of the actor's body that wait for a planner.

    Those of a contract, which nothing but planning holds up, come first, then the soonest.
    What comes after a decision waits until the decision gave it a window.
    """
    if actor.kind != Kind.BODY:
        return ProgrammeItem.objects.none()
    return (
        waiting(ProgrammeItem.objects.visible_to(actor))
        .select_related("case__enterprise", "case__body")
        .order_by(F("window_to").asc(nulls_first=True), "window_from", "created_at")
    )


def waiting(rows):
    """Narrow programme items to those that an audit has to be planned for."""
    settled = Audit.objects.filter(_settling(), programme_item=OuterRef("pk"))
    return (
        rows.filter(case__status__in=LIVE, case__cycle=F("cycle"), dropped_on=None)
        .exclude(window_from=None, window_to=None)
        .exclude(Exists(settled))
    )
