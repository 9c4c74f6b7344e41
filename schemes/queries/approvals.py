"""What bodies are approved for."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import Q

from organisations.enums import BodyStatus, Kind
from organisations.models import Organisation
from schemes.enums import ApprovalStanding
from schemes.models import BodyApproval, Scheme, TechnicalArea


def _approved_bodies(on: date) -> Q:
    """Say that the body itself is approved and its approval has not run out."""
    lasting = Q(body_profile__approval_valid_until=None) | Q(
        body_profile__approval_valid_until__gte=on
    )
    return Q(kind=Kind.BODY, body_profile__status=BodyStatus.APPROVED) & lasting


def approvals_in_force(on: date):
    """Return the scheme approvals that hold on a day, of bodies that are approved themselves."""
    bodies = Organisation.objects.filter(_approved_bodies(on))
    return BodyApproval.objects.in_force(on).filter(body__in=bodies)


def areas_not_approved(
    *, body: Organisation, scheme: Scheme, areas: Iterable[TechnicalArea], on: date
) -> list[TechnicalArea]:
    """Return those of the areas for which the body has no approval in this scheme on a day."""
    held = approvals_in_force(on).filter(body=body, scheme=scheme)
    approved = set(held.values_list("areas", flat=True))
    return [area for area in areas if area.pk not in approved]


def body_approved_for(
    *, body: Organisation, scheme: Scheme, areas: Iterable[TechnicalArea], on: date
) -> bool:
    """Tell whether the body is approved for the scheme in every one of the areas on a day."""
    held = approvals_in_force(on).filter(body=body, scheme=scheme)
    return held.exists() and not areas_not_approved(body=body, scheme=scheme, areas=areas, on=on)


def bodies_approved_for(required: Mapping[Scheme, Iterable[TechnicalArea]], on: date):
    """Return the bodies approved for all of these schemes in all of their areas on a day."""
    bodies = Organisation.objects.filter(_approved_bodies(on))
    for scheme, areas in required.items():
        held = BodyApproval.objects.in_force(on).filter(scheme=scheme)
        bodies = bodies.filter(pk__in=held.values("body"))
        for area in areas:
            bodies = bodies.filter(pk__in=held.filter(areas=area).values("body"))
    return bodies


def lapsed_approval(*, body: Organisation, scheme: Scheme, on: date) -> BodyApproval | None:
    """Return the suspended or withdrawn version of a scheme, or None while any version holds."""
    rows = BodyApproval.objects.on_record(on).filter(body=body, scheme=scheme)
    rows = sorted(rows, key=lambda row: row.valid_from)
    if not rows or any(row.standing == ApprovalStanding.HOLDS for row in rows):
        return None
    return rows[-1]
