"""What a reviewer sees of an application: the claims, the evidence, and what stands in the way."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from certification.enums import ApplicationStatus
from certification.models import Application, Certificate, Offer
from foundation.calendar import add_months
from organisations.enums import Kind, Role
from organisations.models import DishonestyListing, Membership, Organisation
from schemes.enums import CompetenceRole
from schemes.models import Scheme, TechnicalArea
from schemes.queries import (
    approvals_in_force,
    competences_in_force,
    people_competent,
    rule_book_for,
)
from schemes.rulebook import RuleBook

_MONTHS = 12
_OVER = (ApplicationStatus.DRAFT, ApplicationStatus.CANCELLED, ApplicationStatus.DECLINED)
_AUDITING = (CompetenceRole.LEAD_AUDITOR, CompetenceRole.AUDITOR)


@dataclass(frozen=True)
class Cover:
    """What the body has for one scheme in one technical area on a day."""

    scheme: Scheme
    area: TechnicalArea
    approved: bool
    approved_until: date | None
    auditors: int
    leads: int
    certifiers: int


def rules_for(application: Application, on: date | None = None) -> RuleBook:
    """Return the limits of the enterprise's country on a day, today by default."""
    return rule_book_for(str(application.enterprise.country), on or timezone.localdate())


def required(application: Application) -> dict[Scheme, list[TechnicalArea]]:
    """Return the schemes applied for with their technical areas."""
    rows = application.schemes.select_related("scheme").prefetch_related("areas")
    return {row.scheme: list(row.areas.all()) for row in rows}


def coverage(application: Application, on: date) -> list[Cover]:
    """Return approval and competence for every scheme and area of an application."""
    body = application.body
    approvals = list(approvals_in_force(on).filter(body=body).prefetch_related("areas"))
    people = list(competences_in_force(body=body, on=on))
    covers = []
    for scheme, areas in required(application).items():
        for area in areas:
            held = [row for row in approvals if _holds(row, scheme, area)]
            able = [row for row in people if _holds(row, scheme, area)]
            covers.append(
                Cover(
                    scheme=scheme,
                    area=area,
                    approved=bool(held),
                    approved_until=_latest([row.valid_to for row in held]),
                    auditors=len({row.user_id for row in able if row.role in _AUDITING}),
                    leads=_count(able, CompetenceRole.LEAD_AUDITOR),
                    certifiers=_count(able, CompetenceRole.CERTIFIER),
                )
            )
    return covers


def _holds(row, scheme, area) -> bool:
    return row.scheme_id == scheme.pk and area in row.areas.all()


def _count(rows, role) -> int:
    return len({row.user_id for row in rows if row.role == role})


def _latest(days: list[date | None]) -> date | None:
    """Return the last day of several approvals; None means until further notice."""
    return None if None in days else max(days, default=None)


def deciders(application: Application, scheme: Scheme, areas, on: date) -> list[Any]:
    """Return who could decide alone: certifiers of the body other than the reviewer.

    ISO/IEC 17021-1:2015 9.5.1; the database refuses a decision of the reviewer.
    """
    certifiers = Membership.objects.people(application.body_id, (Role.CERTIFIER,))
    able = people_competent(
        body=application.body, scheme=scheme, areas=areas, role=CompetenceRole.CERTIFIER, on=on
    )
    return [user for user in certifiers if user in able and user.pk != application.reviewer_id]


def speakers(application: Application, on: date) -> dict[str, int]:
    """Return how many auditors of the body work in each language of the audit."""
    rows = competences_in_force(body=application.body, on=on)
    auditing = [row for row in rows if row.role in _AUDITING]
    return {
        language: len({row.user_id for row in auditing if language in row.languages})
        for language in application.languages
    }


def impartial_from(ended: date | None, years: int) -> date | None:
    """Return from when on somebody may audit after consultancy; None while it goes on."""
    return add_months(ended, years * _MONTHS) if ended else None


def consultancy_by_body(application: Application) -> bool:
    """Tell whether the consultancy named by the applicant is the body itself."""
    named = _folded(application.consultancy_by)
    names = {_folded(application.body.name_zh), _folded(application.body.name_en)} - {""}
    return bool(application.consultancy_used) and any(name in named for name in names)


def _folded(text: str) -> str:
    return "".join(text.casefold().split())


def worked_for(user, enterprise: Organisation, since: date):
    """Return the memberships a person holds or held in an enterprise since a day."""
    rows = Membership.objects.filter(user=user, organisation=enterprise)
    return rows.filter(Q(ended_at=None) | Q(ended_at__date__gte=since))


def listings_of(enterprise: Organisation):
    """Return the entries of dishonesty lists that stand against an enterprise."""
    return DishonestyListing.objects.filter(identifier=enterprise.identifier, removed_on=None)


def namesakes_of(enterprise: Organisation) -> int:
    """Count the other enterprises registered under the same name with another identifier."""
    names = Q(name_zh=enterprise.name_zh) & ~Q(name_zh="")
    names |= Q(name_en__iexact=enterprise.name_en) & ~Q(name_en="")
    others = Organisation.objects.filter(names, kind=Kind.ENTERPRISE).exclude(pk=enterprise.pk)
    return others.count()


def other_applications(application: Application):
    """Return what else the enterprise has open with this body."""
    rows = Application.objects.filter(enterprise=application.enterprise, body=application.body)
    return rows.exclude(pk=application.pk).exclude(status__in=_OVER)


def known_certificates(application: Application):
    """Return the published certificates of the enterprise, of whichever body: public facts."""
    rows = Certificate.objects.published().filter(enterprise=application.enterprise)
    return rows.select_related("scheme", "body")


def months_in_operation(application: Application, on: date) -> int | None:
    """Return the full months the system has been in operation, or None when not stated."""
    since = application.system_since
    if since is None:
        return None
    months = (on.year - since.year) * _MONTHS + on.month - since.month
    return months - (on.day < since.day)


def current_calculation(application: Application):
    """Return the calculation made last, or None."""
    return application.calculations.order_by("-created_at").first()


def current_offer(application: Application):
    """Return the newest version of the offer, or None."""
    return application.offers.select_related("file", "calculation").order_by("-version").first()


def offers_for(application: Application, actor):
    """Return the versions of the offer this actor may see, the newest first."""
    return Offer.objects.visible_to(actor).filter(application=application)
