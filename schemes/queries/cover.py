"""Scheme by technical area: how many people of a body cover each pair on a day."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organisations.models import Membership, Organisation
from schemes.enums import CompetenceRole
from schemes.models import BodyApproval, Competence, Scheme, TechnicalArea
from schemes.queries.cautions import AUDITING
from schemes.queries.competence import competences_in_force
from schemes.queries.rules import rule_book_for
from schemes.queries.standing import NOTICE, Standing

_LINK = BodyApproval.areas.through

# Conditions over the columns of ``cover_rows``.
FEW = Q(auditors__lt=F("least"))
NO_LEAD = Q(leads=0)
NO_CERTIFIER = Q(certifiers=0)
GAPS = FEW | NO_LEAD | NO_CERTIFIER
SOON = ~GAPS & (Q(auditors_later__lt=F("least")) | Q(leads_later=0) | Q(certifiers_later=0))


@dataclass(frozen=True)
class Pair:
    """One scheme in one area: who covers it in each role, what is missing, what will be."""

    body_id: UUID
    scheme: Scheme
    area: TechnicalArea
    least: int
    auditors: list[str]
    leads: list[str]
    certifiers: list[str]
    gaps: list[str]
    soon: list[str]

    @property
    def standing(self) -> Standing:
        """Say how the pair stands, in a word."""
        if self.gaps:
            return Standing("problem", _("Not covered"), warns=True)
        if self.soon:
            return Standing("waiting", _("Gap within 90 days"), warns=True)
        return Standing("valid", _("Covered"))


def cover_rows(body: Organisation, on: date):
    """Return a row for each pair that a body is approved for today or on the day, each once.

    ``auditors``, ``leads`` (in the scheme) and ``certifiers`` count people on the day, the same
    names with ``_later`` those 90 days after it; ``least`` is the rule ``area_auditors_min``.
    """
    held = Q(pk__in=BodyApproval.objects.in_force(on).filter(body=body).values("pk"))
    today = timezone.localdate()
    held |= Q(pk__in=BodyApproval.objects.in_force(today).filter(body=body).values("pk"))
    approvals = BodyApproval.objects.filter(held)
    twin = _LINK.objects.filter(
        bodyapproval__in=approvals,
        bodyapproval__scheme=OuterRef("bodyapproval__scheme"),
        technicalarea=OuterRef("technicalarea"),
        pk__lt=OuterRef("pk"),
    )
    rows = _LINK.objects.filter(bodyapproval__in=approvals).exclude(Exists(twin))
    least = int(rule_book_for(str(body.country), on).number("area_auditors_min"))
    later = on + NOTICE
    return rows.annotate(
        on=Value(on),
        least=Value(least),
        auditors=_people(body, on, AUDITING),
        auditors_later=_people(body, later, AUDITING),
        leads=_people(body, on, [CompetenceRole.LEAD_AUDITOR], areas=False),
        leads_later=_people(body, later, [CompetenceRole.LEAD_AUDITOR], areas=False),
        certifiers=_people(body, on, [CompetenceRole.CERTIFIER]),
        certifiers_later=_people(body, later, [CompetenceRole.CERTIFIER]),
    )


def _people(body, on: date, roles, *, areas: bool = True):
    """Return the number of people in these roles for the scheme, and the area, of the row."""
    members = Membership.objects.current().filter(organisation=body).values("user")
    rows = Competence.objects.in_force(on).filter(
        body=body, user__in=members, role__in=roles, scheme=OuterRef("bodyapproval__scheme")
    )
    if areas:
        rows = rows.filter(areas=OuterRef("technicalarea"))
    people = rows.order_by().values("body").annotate(n=Count("user", distinct=True)).values("n")
    return Coalesce(Subquery(people, output_field=IntegerField()), 0)


def named(rows, words: str):
    """Return the rows that somebody covers in whose name the words are found."""
    people = Competence.objects.approved().filter(
        body=OuterRef("bodyapproval__body"),
        scheme=OuterRef("bodyapproval__scheme"),
        areas=OuterRef("technicalarea"),
        valid_from__lte=OuterRef("on"),
        valid_until__gte=OuterRef("on"),
    )
    found = people.filter(Q(user__name__icontains=words) | Q(user__name_latin__icontains=words))
    return rows.filter(Exists(found))


def pairs(rows) -> list[Pair]:
    """Return what the cells of rows of ``cover_rows`` show; one query for all people."""
    rows = list(rows)
    if not rows:
        return []
    names = _names(rows[0].bodyapproval.body, rows[0].on)
    return [_pair(row, names) for row in rows]


def _names(body, on: date) -> dict:
    found: dict = defaultdict(dict)
    for held in competences_in_force(body=body, on=on):
        for area in held.areas.all():
            found[held.scheme_id, area.pk, held.role][held.user_id] = held.user.name
    return found


def _pair(row, names) -> Pair:
    scheme, area = row.bodyapproval.scheme, row.technicalarea

    def of(*roles) -> list[str]:
        people: dict = {}
        for role in roles:
            people |= names.get((scheme.pk, area.pk, role), {})
        return sorted(people.values())

    return Pair(
        body_id=row.bodyapproval.body_id,
        scheme=scheme,
        area=area,
        least=row.least,
        auditors=of(*AUDITING),
        leads=of(CompetenceRole.LEAD_AUDITOR),
        certifiers=of(CompetenceRole.CERTIFIER),
        gaps=_missing(row.auditors, row.leads, row.certifiers, row.least),
        soon=_missing(row.auditors_later, row.leads_later, row.certifiers_later, row.least),
    )


def _missing(auditors: int, leads: int, certifiers: int, least: int) -> list[str]:
    words = []
    if auditors < least:
        text = ngettext(
            "%(count)s of at least %(least)s auditor",
            "%(count)s of at least %(least)s auditors",
            least,
        )
        words.append(text % {"count": auditors, "least": least})
    if not leads:
        words.append(_("no lead auditor for the scheme"))
    if not certifiers:
        words.append(_("no certifier"))
    return words
