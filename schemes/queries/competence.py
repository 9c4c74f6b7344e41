"""Who is competent for what, and what a team or a body lacks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from organisations.models import Membership, Organisation
from schemes.enums import ROLE_FILLED_BY, AuditLanguage, CompetenceRole
from schemes.models import Competence, Scheme, TechnicalArea

Required = Mapping[Scheme, Iterable[TechnicalArea]]
_AUDITING = (CompetenceRole.LEAD_AUDITOR, CompetenceRole.AUDITOR)
_TEAM_LACKS = _("Nobody in the team covers %(scheme)s in area %(area)s.")
_CERTIFIERS_LACK = _("The body has no certifier for %(scheme)s in area %(area)s.")


@dataclass(frozen=True)
class Gap:
    """One thing that is missing; ``code`` for programs, ``message`` for people."""

    code: str
    message: Any
    scheme: Scheme | None = None
    area: TechnicalArea | None = None
    user: Any = None

    def __str__(self):
        return str(self.message)


def competences_in_force(
    *, body: Organisation, on: date, until: date | None = None, role: str = ""
):
    """Return a body's competences that hold on a day, or without a break through ``until``.

    Only people who still belong to the body count. ``role`` also admits roles that include it: a
    lead auditor is an auditor.
    """
    members = Membership.objects.current().filter(organisation=body).values("user")
    rows = Competence.objects.in_force(on, until).filter(body=body, user__in=members)
    if role:
        rows = rows.filter(role__in=ROLE_FILLED_BY[CompetenceRole(role)])
    return rows.select_related("user", "scheme").prefetch_related("areas")


def people_competent(
    *,
    body: Organisation,
    scheme: Scheme,
    areas: Iterable[TechnicalArea] = (),
    role: str,
    on: date,
    until: date | None = None,
) -> list:
    """Return the people, by name, who alone cover every one of the areas in this role."""
    wanted = {area.pk for area in areas}
    held: dict = {}
    for row in competences_in_force(body=body, on=on, until=until, role=role).filter(scheme=scheme):
        held.setdefault(row.user, set()).update(area.pk for area in row.areas.all())
    people = [user for user, covered in held.items() if wanted <= covered]
    return sorted(people, key=lambda user: user.name)


def person_gaps(
    *,
    user,
    body: Organisation,
    required: Required,
    role: str,
    on: date,
    until: date | None = None,
) -> list[Gap]:
    """Return what one person lacks to do all of this alone in a role, as a certifier does."""
    rows = list(competences_in_force(body=body, on=on, until=until, role=role).filter(user=user))
    return [
        Gap(
            "person_area",
            _("%(person)s has no valid competence as %(role)s for %(scheme)s in area %(area)s.")
            % {
                "person": user,
                "role": CompetenceRole(role).label,
                "scheme": scheme,
                "area": area,
            },
            scheme,
            area,
            user,
        )
        for scheme, area in _uncovered(rows, required)
    ]


def team_gaps(
    *,
    body: Organisation,
    required: Required,
    team: Sequence[tuple[Any, str]],
    first_day: date,
    last_day: date,
    languages: Iterable[str] = (),
) -> list[Gap]:
    """Return everything a proposed team lacks (ISO/IEC 17021-1:2015 9.2.2).

    ``team`` lists (user, competence role) of those whose competence counts: lead auditor, auditors
    and technical experts, not trainees or observers. Together they must cover every scheme, area
    and language, each competence valid on all days from ``first_day`` through ``last_day``.
    """
    people = [user.pk for user, role in team]
    held = competences_in_force(body=body, on=first_day, until=last_day)
    rows = list(held.filter(user__in=people, scheme__in=list(required)))
    usable = {
        user: [row for row in rows if row.user_id == user.pk and _counts(row, role, required)]
        for user, role in team
    }
    auditing = [row for user, role in team if role in _AUDITING for row in usable[user]]
    everything = [row for found in usable.values() for row in found]
    return [
        *_lead_gaps(team, usable),
        *_member_gaps(team, usable),
        *_scheme_gaps(auditing, required),
        *_area_gaps(everything, required, "area", _TEAM_LACKS),
        *_language_gaps(auditing, languages),
    ]


def body_gaps(
    *, body: Organisation, required: Required, on: date, area_auditors: int = 1
) -> list[Gap]:
    """Return what a body lacks to audit and decide on all of this (ISO/IEC 17021-1:2015 9.1.2).

    ``area_auditors`` is the least number of auditors competent in each area (a rule:
    ``area_auditors_min``).
    """
    rows = list(competences_in_force(body=body, on=on))
    auditors = [row for row in rows if row.role in _AUDITING]
    leads = {row.scheme_id for row in rows if row.role == CompetenceRole.LEAD_AUDITOR}
    gaps = [
        Gap("no_lead", _("The body has no lead auditor for %(scheme)s.") % {"scheme": s}, s)
        for s in required
        if s.pk not in leads
    ]
    for scheme, area in _pairs(required):
        people = {row.user_id for row in auditors if _covers(row, scheme, area)}
        if len(people) < area_auditors:
            message = _(
                "The body has %(count)d of at least %(least)d auditors for %(scheme)s in area "
                "%(area)s."
            )
            words = {
                "count": len(people),
                "least": area_auditors,
                "scheme": scheme,
                "area": area,
            }
            gaps.append(Gap("few_auditors", message % words, scheme, area))
    certifiers = [row for row in rows if row.role == CompetenceRole.CERTIFIER]
    return gaps + _area_gaps(certifiers, required, "no_certifier", _CERTIFIERS_LACK)


def _lead_gaps(team, usable: dict) -> list[Gap]:
    leads = [user for user, role in team if role == CompetenceRole.LEAD_AUDITOR]
    if len(leads) != 1:
        return [Gap("one_lead", _("A team has exactly one lead auditor."))]
    lead = leads[0]
    if usable[lead] and not any(row.role == CompetenceRole.LEAD_AUDITOR for row in usable[lead]):
        message = _("%(person)s has no valid competence as lead auditor on these days.")
        return [Gap("lead_competence", message % {"person": lead}, user=lead)]
    return []


def _member_gaps(team, usable: dict) -> list[Gap]:
    message = _("%(person)s has no valid competence as %(role)s on these days.")
    return [
        Gap(
            "member_competence",
            message % {"person": user, "role": CompetenceRole(role).label},
            user=user,
        )
        for user, role in team
        if not usable[user]
    ]


def _scheme_gaps(auditing, required: Required) -> list[Gap]:
    audited = {row.scheme_id for row in auditing}
    message = _("Nobody in the team may audit %(scheme)s.")
    return [
        Gap("scheme_auditor", message % {"scheme": scheme}, scheme)
        for scheme in required
        if scheme.pk not in audited
    ]


def _language_gaps(auditing, languages: Iterable[str]) -> list[Gap]:
    spoken = {language for row in auditing for language in row.languages}
    message = _("No auditor of the team works in %(language)s.")
    return [
        Gap("language", message % {"language": AuditLanguage(language).label})
        for language in languages
        if language not in spoken
    ]


def _counts(row: Competence, role: str, required: Required) -> bool:
    """Tell whether a competence serves a member in this role; who leads may also audit."""
    wanted = CompetenceRole.AUDITOR if role == CompetenceRole.LEAD_AUDITOR else CompetenceRole(role)
    return row.role in ROLE_FILLED_BY[wanted] and row.scheme in required


def _area_gaps(rows, required: Required, code: str, message) -> list[Gap]:
    return [
        Gap(code, message % {"scheme": scheme, "area": area}, scheme, area)
        for scheme, area in _uncovered(rows, required)
    ]


def _uncovered(rows, required: Required) -> list[tuple[Scheme, TechnicalArea]]:
    return [
        (scheme, area)
        for scheme, area in _pairs(required)
        if not any(_covers(row, scheme, area) for row in rows)
    ]


def _pairs(required: Required) -> Iterable[tuple[Scheme, TechnicalArea]]:
    return ((scheme, area) for scheme, areas in required.items() for area in areas)


def _covers(row: Competence, scheme: Scheme, area: TechnicalArea) -> bool:
    return row.scheme_id == scheme.pk and any(held.pk == area.pk for held in row.areas.all())
