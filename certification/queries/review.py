"""What a reviewer needs to know of an application: fetched once, asked by guards and pages."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from certification.enums import ApplicationStatus
from certification.models import Application, Certificate, Offer
from certification.queries.snapshots import Change, differences
from foundation.calendar import add_months
from organisations.enums import Kind, Role
from organisations.models import DishonestyListing, Membership, Organisation
from schemes.enums import CompetenceRole
from schemes.models import Scheme, TechnicalArea
from schemes.queries import approvals_in_force, competences_in_force, rule_book_for
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


class ReviewFacts:
    """One application as it stands on a day; everything is fetched at most once."""

    def __init__(self, application: Application, on: date | None = None):
        self.application = application
        self.on = on or timezone.localdate()

    @cached_property
    def rules(self) -> RuleBook:
        """The limits of the enterprise's country."""
        return rule_book_for(str(self.application.enterprise.country), self.on)

    @cached_property
    def rows(self) -> list:
        """The schemes applied for, with their areas and categories."""
        rows = self.application.schemes.select_related("scheme", "edition")
        return list(rows.prefetch_related("areas"))

    @property
    def required(self) -> dict[Scheme, list[TechnicalArea]]:
        """The technical areas by scheme."""
        return {row.scheme: list(row.areas.all()) for row in self.rows}

    @cached_property
    def versions(self) -> list:
        """What was submitted, the newest last."""
        return list(self.application.versions.select_related("submitted_by").order_by("version"))

    @property
    def changes(self) -> list[Change]:
        """What differs between the last two submissions, field by field."""
        if len(self.versions) < 2:  # noqa: PLR2004 -- a comparison takes two
            return []
        before, after = self.versions[-2:]
        return differences(before.snapshot, after.snapshot)

    @cached_property
    def _requests(self) -> list:
        return list(self.application.requests.select_related("asked_by").order_by("created_at"))

    @property
    def unsent(self) -> list:
        """The questions collected for the next request; internal until they go out."""
        return [row for row in self._requests if row.sent_at is None]

    @property
    def last_sent(self) -> list:
        """The questions of the request that went out last."""
        last = max((row.sent_at for row in self._requests if row.sent_at), default=None)
        return [row for row in self._requests if last and row.sent_at == last]

    @cached_property
    def calculation(self):
        """The audit-time calculation made last, or None."""
        return current_calculation(self.application)

    @property
    def calculation_is_old(self) -> bool:
        """Whether the applicant has sent another version since the last calculation."""
        return self.calculation.inputs["version"] != len(self.versions)

    @cached_property
    def approvals(self) -> list:
        """The scheme approvals of the body that hold on the day."""
        rows = approvals_in_force(self.on).filter(body=self.application.body)
        return list(rows.prefetch_related("areas"))

    @cached_property
    def competences(self) -> list:
        """The competences of the body's people that hold on the day."""
        return list(competences_in_force(body=self.application.body, on=self.on))

    @cached_property
    def certifiers(self) -> list:
        """Who holds the role of a certifier in the body."""
        people = Membership.objects.people(self.application.body_id, (Role.CERTIFIER,))
        return list(people)

    @cached_property
    def coverage(self) -> list[Cover]:
        """Approval and competence for every scheme and area of the application."""
        return [
            self._cover(scheme, area) for scheme, areas in self.required.items() for area in areas
        ]

    def _cover(self, scheme, area) -> Cover:
        held = [row for row in self.approvals if _holds(row, scheme, area)]
        able = [row for row in self.competences if _holds(row, scheme, area)]
        return Cover(
            scheme=scheme,
            area=area,
            approved=bool(held),
            approved_until=_latest([row.valid_to for row in held]),
            auditors=len({row.user_id for row in able if row.role in _AUDITING}),
            leads=_count(able, CompetenceRole.LEAD_AUDITOR),
            certifiers=_count(able, CompetenceRole.CERTIFIER),
        )

    def deciders(self, scheme: Scheme) -> list[Any]:
        """Return who could decide alone: certifiers of the body other than the reviewer.

        ISO/IEC 17021-1:2015 9.5.1; the database refuses a decision of the reviewer.
        """
        wanted = {area.pk for area in self.required[scheme]}
        held: dict = {}
        for row in self.competences:
            if row.role == CompetenceRole.CERTIFIER and row.scheme_id == scheme.pk:
                held.setdefault(row.user_id, set()).update(area.pk for area in row.areas.all())
        return [
            user
            for user in self.certifiers
            if user.pk != self.application.reviewer_id
            and user.pk in held
            and wanted <= held[user.pk]
        ]

    @property
    def speakers(self) -> dict[str, int]:
        """How many auditors of the body work in each language of the audit."""
        auditing = [row for row in self.competences if row.role in _AUDITING]
        return {
            language: len({row.user_id for row in auditing if language in row.languages})
            for language in self.application.languages
        }

    @property
    def free_from(self) -> date | None:
        """From when on the body may certify after its consultancy; None while it goes on."""
        ended = self.application.consultancy_until
        years = int(self.rules.number("consultancy_years"))
        return add_months(ended, years * _MONTHS) if ended else None

    @property
    def is_advised_by_body(self) -> bool:
        """Whether the consultancy named by the applicant is the body itself."""
        application = self.application
        named = _folded(application.consultancy_by)
        names = {_folded(application.body.name_zh), _folded(application.body.name_en)} - {""}
        return bool(application.consultancy_used) and any(name in named for name in names)

    @property
    def months_in_operation(self) -> int | None:
        """The full months the system has been in operation, or None when not stated."""
        since, on = self.application.system_since, self.on
        if since is None:
            return None
        months = (on.year - since.year) * _MONTHS + on.month - since.month
        return months - (on.day < since.day)

    def worked_for_applicant(self, user):
        """Return the memberships a person holds or held there within the rule's years."""
        since = add_months(self.on, -_MONTHS * int(self.rules.number("consultancy_years")))
        rows = Membership.objects.filter(user=user, organisation=self.application.enterprise)
        return rows.filter(Q(ended_at=None) | Q(ended_at__date__gte=since))


def facts_of(application: Application) -> ReviewFacts:
    """Return the facts of this instance, fetched once however many guards ask."""
    return application.__dict__.setdefault("review_facts", ReviewFacts(application))


def latest_calculation(application: Application):
    """Return the calculation made last, or None; lists bring theirs along."""
    if "calculations" in getattr(application, "_prefetched_objects_cache", {}):
        rows = application.calculations.all()
        return max(rows, key=lambda row: row.created_at, default=None)
    return facts_of(application).calculation


def _holds(row, scheme, area) -> bool:
    return row.scheme_id == scheme.pk and area in row.areas.all()


def _count(rows, role) -> int:
    return len({row.user_id for row in rows if row.role == role})


def _latest(days: list[date | None]) -> date | None:
    """Return the last day of several approvals; None means until further notice."""
    return None if None in days else max(days, default=None)


def _folded(text: str) -> str:
    return "".join(text.casefold().split())


def listings_of(enterprise: Organisation):
    """Return the entries of dishonesty lists that stand against an enterprise."""
    return DishonestyListing.objects.filter(identifier=enterprise.identifier, removed_on=None)


def names_like(enterprise: Organisation) -> dict[str, int]:
    """Count the other enterprises of the same name (``same``), and those whose name is another
    but looks the same at a glance (``alike``)."""
    zh, en = enterprise.name_zh, enterprise.name_en
    same = Q(name_zh=zh) & ~Q(name_zh="")
    same |= Q(name_en__iexact=en) & ~Q(name_en="")
    alike = Q(look_zh=enterprise.look_zh) & ~Q(look_zh="") & ~Q(name_zh=zh)
    alike |= Q(look_en=enterprise.look_en) & ~Q(look_en="") & ~Q(name_en__iexact=en)
    others = Organisation.objects.filter(same | alike, kind=Kind.ENTERPRISE)
    return others.exclude(pk=enterprise.pk).aggregate(
        same=Count("pk", filter=same), alike=Count("pk", filter=alike)
    )


def other_applications(application: Application):
    """Return what else the enterprise has open with this body."""
    rows = Application.objects.filter(enterprise=application.enterprise, body=application.body)
    return rows.exclude(pk=application.pk).exclude(status__in=_OVER)


def known_certificates(application: Application):
    """Return the published certificates of the enterprise, of whichever body: public facts."""
    rows = Certificate.objects.published().filter(enterprise=application.enterprise)
    return rows.select_related("scheme", "body")


def current_calculation(application: Application):
    """Return the calculation made last, or None."""
    return application.calculations.order_by("-created_at").first()


def current_offer(application: Application):
    """Return the newest version of the offer, or None."""
    return application.offers.select_related("file", "calculation").order_by("-version").first()


def offers_for(application: Application, actor):
    """Return the versions of the offer this actor may see, the newest first."""
    return Offer.objects.visible_to(actor).filter(application=application)
