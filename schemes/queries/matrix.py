"""A body's people and what they are competent for: who, in which scheme, until when."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from organisations.enums import DESK_ROLES, Kind, Role
from organisations.models import Membership, Organisation
from schemes.enums import COMPETENCE_TAGS, LIVE, CompetenceRole, CompetenceStatus
from schemes.models import Competence, Scheme, TechnicalArea
from schemes.queries.approvals import approvals_in_force
from schemes.queries.cautions import cautions
from schemes.queries.competence import competences_in_force
from schemes.queries.rules import rule_book_for
from schemes.queries.standing import NOTICE, Line, Standing, area_ranges, standing

AUDITING = (CompetenceRole.LEAD_AUDITOR, CompetenceRole.AUDITOR)
# Whose work in a body needs a recorded competence.
_WORKING = (Role.AUDITOR, Role.REVIEWER, Role.CERTIFIER)


_APPROVED = Q(status=CompetenceStatus.APPROVED)
_PROPOSED = Q(status__in=(CompetenceStatus.PROPOSED, CompetenceStatus.RETURNED))


def _present() -> Q:
    """What holds, will or is to; what ended lately stays until somebody sees to it."""
    today = timezone.localdate()
    lately = Q(valid_until__gte=today - NOTICE, renewed=False)
    present = Q(valid_until__gte=today) | lately
    return (present & Q(status__in=LIVE)) | _PROPOSED


def _ending() -> Q:
    today = timezone.localdate()
    return _APPROVED & Q(valid_until__gte=today, valid_until__lte=today + NOTICE, renewed=False)


def _lapsed() -> Q:
    return _APPROVED & Q(valid_until__lt=timezone.localdate(), renewed=False)


def _ended() -> Q:
    return Q(valid_until__lt=timezone.localdate()) | Q(status=CompetenceStatus.WITHDRAWN)


VIEWS = {
    "": (gettext_lazy("Everybody"), _present),
    "ending": (gettext_lazy("Ending in 90 days"), _ending),
    "proposed": (gettext_lazy("Proposed"), lambda: _PROPOSED),
    "lapsed": (gettext_lazy("Ended, not renewed"), _lapsed),
    "ended": (gettext_lazy("All that ended"), _ended),
}
HOT = ("ending", "proposed", "lapsed")


@dataclass(frozen=True)
class Wanted:
    """Whom the matrix is asked for: by name, and whether only those with matching rows."""

    narrow: bool = False
    words: str = ""

    def named(self):
        """Return the people in whose name every word is found."""
        rows = get_user_model().objects.order_by("name", "pk")
        for word in self.words.split():
            rows = rows.filter(Q(name__icontains=word) | Q(name_latin__icontains=word))
        return rows


@dataclass(frozen=True)
class Person:
    """One line of the matrix: who, the roles in the body, and a cell for each scheme shown."""

    user: Any
    roles: str
    cells: list[tuple[Scheme, list[Line]]]
    cautions: tuple = ()

    @property
    def empty(self) -> bool:
        return not any(lines for _scheme, lines in self.cells)


@dataclass(frozen=True)
class Cover:
    """Whether a body can audit and decide in all it is approved for in a scheme."""

    scheme: Scheme
    gaps: list[str]


def sees_team(actor) -> bool:
    """Tell whether the actor reads the competence of others, not only the own one."""
    return actor.kind != Kind.BODY or bool(actor.roles & DESK_ROLES)


def competences_of(actor, body: Organisation):
    """Return the rows of a body's present people that this actor may read.

    ``renewed`` says that another row of the same person, scheme and role lasts longer.
    """
    members = Membership.objects.current().filter(organisation=body).values("user")
    same = {name: OuterRef(name) for name in ("user", "body", "scheme", "role")}
    longer = Competence.objects.approved().filter(valid_until__gt=OuterRef("valid_until"), **same)
    rows = Competence.objects.visible_to(actor).filter(body=body, user__in=members)
    return (
        rows.annotate(renewed=Exists(longer))
        .select_related("user", "scheme")
        .prefetch_related("areas")
    )


def people_listed(actor, body: Organisation, rows, wanted: Wanted):
    """Return whom the matrix shows, by name: the working team, or those with matching rows."""
    listed = Q(pk__in=rows.values("user"))
    if sees_team(actor) and not wanted.narrow:
        team = Membership.objects.visible_to(actor).current()
        team = team.filter(organisation=body, role__in=_WORKING)
        listed |= Q(pk__in=team.values("user"))
    return wanted.named().filter(listed)


def matrix(
    actor, body: Organisation, people: Iterable, rows, schemes: Sequence[Scheme]
) -> list[Person]:
    """Return one line for each person: the roles in the body, and a cell for each scheme."""
    today = timezone.localdate()
    users = list(people)
    cells: dict = defaultdict(list)
    for row in rows.filter(user__in=users):
        cells[row.user_id, row.scheme_id].append(line(row, today))
    roles: dict = defaultdict(list)
    # The actor may see the body, and of its people those who are listed.
    team = Membership.objects.current()
    for member in team.filter(organisation=body, user__in=users):
        roles[member.user_id].append(str(member.get_role_display()))
    warned = cautions(body=body, users=[user.pk for user in users], on=today)
    return [
        Person(
            user,
            " · ".join(roles[user.pk]),
            [(scheme, cells[user.pk, scheme.pk]) for scheme in schemes],
            tuple(warned.get(user.pk, ())),
        )
        for user in users
    ]


def line(row: Competence, today: date) -> Line:
    """Return a competence with its areas and its state in words."""
    state = standing(row.valid_from, row.valid_until, today)
    if row.status != CompetenceStatus.APPROVED:
        kind = COMPETENCE_TAGS[CompetenceStatus(row.status)]
        warns = row.status in (CompetenceStatus.PROPOSED, CompetenceStatus.RETURNED)
        state = Standing(kind, row.get_status_display(), warns=warns)
    return Line(row, area_ranges(row.areas.all()), state)


def coverage(body: Organisation, on: date) -> list[Cover]:
    """Return, for each scheme a body is approved in, what its people do not cover on a day.

    The least number of auditors in each area is the rule ``area_auditors_min`` of its country.
    """
    approved: dict[Scheme, dict] = defaultdict(dict)
    rows = approvals_in_force(on).filter(body=body)
    for row in rows.select_related("scheme").prefetch_related("areas"):
        approved[row.scheme] |= {area.pk: area for area in row.areas.all()}
    if not approved:
        return []
    least = int(rule_book_for(body.country, on).number("area_auditors_min"))
    held = competences_in_force(body=body, on=on).prefetch_related(None).order_by()
    leads = set(held.filter(role=CompetenceRole.LEAD_AUDITOR).values_list("scheme", flat=True))
    auditors = _people(held.filter(role__in=AUDITING))
    certifiers = _people(held.filter(role=CompetenceRole.CERTIFIER))
    found = []
    for scheme, areas in sorted(approved.items(), key=lambda item: item[0].position):
        few = [area for key, area in areas.items() if auditors.get((scheme.pk, key), 0) < least]
        none = [area for key, area in areas.items() if (scheme.pk, key) not in certifiers]
        gaps = [] if scheme.pk in leads else [gettext("No lead auditor.")]
        found.append(Cover(scheme, gaps + _missing(few, none, least)))
    return found


def _people(rows) -> dict:
    """Count the people by scheme and area."""
    found = rows.values_list("scheme", "areas").annotate(people=Count("user", distinct=True))
    return {(scheme, area): people for scheme, area, people in found}


def _missing(few: list[TechnicalArea], none: list[TechnicalArea], least: int) -> list[str]:
    words = []
    if few and least > 1:
        text = gettext("Areas with fewer than %(least)s auditors: %(areas)s.")
        words.append(text % {"least": least, "areas": area_ranges(few)})
    elif few:
        words.append(gettext("Areas without an auditor: %(areas)s.") % {"areas": area_ranges(few)})
    if none:
        words.append(
            gettext("Areas without a certifier: %(areas)s.") % {"areas": area_ranges(none)}
        )
    return words
