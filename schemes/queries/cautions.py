"""What of a person's competence and profile ends soon, has ended or is missing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, Sum
from django.utils.translation import gettext as _

from foundation.formatting import day
from organisations.enums import Kind, Role
from organisations.models import Membership, Organisation
from schemes.audit_time.result import plain
from schemes.enums import CompetenceRole, EntryKind
from schemes.models import Competence, Declaration, Entry
from schemes.queries.rules import rule_book_for
from schemes.queries.standing import NOTICE, area_ranges
from schemes.rulebook import RuleBook

AUDITING = (CompetenceRole.LEAD_AUDITOR, CompetenceRole.AUDITOR)
# Entries that end, and what makes a later one take the place of an earlier one.
ENDING = {
    EntryKind.REGISTRATION: ("user", "kind", "scheme", "issuer"),
    EntryKind.EMPLOYMENT: ("user", "kind", "body"),
    EntryKind.EVALUATION: ("user", "kind", "body"),
}


@dataclass(frozen=True)
class Caution:
    """Something to see to: in words, with the day it ends where there is one."""

    message: Any
    on: date | None = None

    def __str__(self):
        return str(self.message)


@dataclass(frozen=True)
class Hours:
    """Hours of continuing professional development in a year, and how many the rules ask for."""

    year: int
    held: Decimal
    wanted: Decimal

    @property
    def enough(self) -> bool:
        return self.held >= self.wanted


def lasting_entries(*kinds: str):
    """Return the entries of these kinds that no later one of the same person replaces."""
    last = Q(pk__in=[])
    for kind in kinds:
        same = {name: OuterRef(name) for name in ENDING[EntryKind(kind)]}
        later = Entry.objects.standing().filter(
            Q(last_day=None) | Q(last_day__gt=OuterRef("last_day")), **same
        )
        last |= Q(~Exists(later.exclude(pk=OuterRef("pk"))), kind=kind)
    return Entry.objects.standing().filter(last)


def not_renewed():
    """Return the approved competences that no longer one of the same kind replaces."""
    same = {name: OuterRef(name) for name in ("user", "body", "scheme", "role")}
    longer = Competence.objects.approved().filter(valid_until__gt=OuterRef("valid_until"), **same)
    return Competence.objects.approved().exclude(Exists(longer))


def cautions(
    *,
    body: Organisation,
    users: Iterable,
    on: date,
    until: date | None = None,
    rules: RuleBook | None = None,
) -> dict[object, list[Caution]]:
    """Return what to see to for each of these people of a body, by the person's key.

    What ended before ``on`` or ends within 90 days of ``until`` (or of ``on``). A fixed number of
    queries, however many people.
    """
    people = list(users)
    found: dict = defaultdict(list)
    last = (until or on) + NOTICE
    auditing = set()
    rows = not_renewed().filter(body=body, user__in=people, valid_from__lte=on)
    for row in rows.select_related("scheme").prefetch_related("areas"):
        if row.role in AUDITING and row.valid_until >= on:
            auditing.add(row.user_id)
        if row.valid_until <= last:
            found[row.user_id].append(ending(row, on))
    _entries(found, body, people, auditing, on=on, last=last)
    rules = rules or rule_book_for(str(body.country), on)
    _hours(found, people, on, auditing, rules)
    _declarations(found, people, on)
    _bodies(found, body, people, auditing, rules)
    return found


def ending(row: Competence, on: date) -> Caution:
    """Say when a competence ends, or that on this day it has ended."""
    words = {
        "scheme": row.scheme.code,
        "role": row.get_role_display(),
        "areas": area_ranges(row.areas.all()),
        "date": day(row.valid_until),
    }
    text = _("%(scheme)s, %(role)s, areas %(areas)s: ended on %(date)s")
    if row.valid_until >= on:
        text = _("%(scheme)s, %(role)s, areas %(areas)s: ends on %(date)s")
    return Caution(text % words, row.valid_until)


def _entries(found, body, people, auditing, *, on: date, last: date) -> None:
    texts = {
        EntryKind.REGISTRATION: (
            _("Registration %(title)s ended on %(date)s"),
            _("Registration %(title)s ends on %(date)s"),
        ),
        EntryKind.EMPLOYMENT: (
            _("Employment ended on %(date)s"),
            _("Employment ends on %(date)s"),
        ),
        EntryKind.EVALUATION: (
            _("Evaluation at work overdue since %(date)s"),
            _("Evaluation at work due by %(date)s"),
        ),
    }
    here = Q(body=None) | Q(body=body)
    evaluated = set()
    for row in lasting_entries(*ENDING).filter(here, user__in=people).order_by("last_day"):
        if row.kind == EntryKind.EVALUATION:
            evaluated.add(row.user_id)
        if row.last_day is not None and row.last_day <= last:
            over, soon = texts[EntryKind(row.kind)]
            words = {"title": row.title, "date": day(row.last_day)}
            text = over if row.last_day < on else soon
            found[row.user_id].append(Caution(text % words, row.last_day))
    for user in auditing - evaluated:
        found[user].append(Caution(_("No evaluation at work is recorded")))


def hours_of(users: Iterable, year: int, rules: RuleBook) -> dict[object, Hours]:
    """Return the hours of a calendar year for each of these people, by the person's key."""
    rows = Entry.objects.standing().filter(
        kind=EntryKind.TRAINING, user__in=users, first_day__year=year
    )
    held = dict(rows.order_by().values_list("user").annotate(Sum("hours")))
    wanted = rules.number("cpd_hours_per_year")
    return {user: Hours(year, held.get(user) or Decimal(0), wanted) for user in _keys(users)}


def _keys(users) -> list:
    return [getattr(user, "pk", user) for user in users]


def _hours(found, people, on: date, auditing, rules) -> None:
    """Say what is missing when the year is nearly over."""
    if date(on.year, 12, 31) - on > NOTICE:
        return
    for user, hours in hours_of(people, on.year, rules).items():
        if user in auditing and not hours.enough:
            text = _("%(held)s of %(wanted)s hours of professional development in %(year)s")
            words = {"held": plain(hours.held), "wanted": plain(hours.wanted), "year": hours.year}
            found[user].append(Caution(text % words))


def _declarations(found, people, on: date) -> None:
    for row in Declaration.objects.filter(user__in=people, due_on__lte=on):
        text = _("Interests not confirmed since %(date)s") % {"date": day(row.due_on)}
        found[row.user_id].append(Caution(text))


def _bodies(found, body, people, auditing, rules: RuleBook) -> None:
    """Where a registered auditor practises in one body only, say so, not for which other one."""
    if not rules.value("one_body_only"):
        return
    rows = Membership.objects.current().filter(
        user__in=people, role=Role.AUDITOR, organisation__kind=Kind.BODY
    )
    for user in rows.exclude(organisation=body).values_list("user", flat=True).distinct():
        if user in auditing:
            text = _("Audits for another body too; the rules let an auditor work for one")
            found[user].append(Caution(text))
