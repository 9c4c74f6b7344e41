"""What the page of a person in a body shows."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils import timezone

from foundation.models import Attachment
from foundation.models.base import subject_type
from organisations.models import Membership, Organisation
from schemes.enums import EntryKind
from schemes.models import Declaration, Entry, Interest
from schemes.models.entries import people_of
from schemes.models.interests import reads_interests
from schemes.queries import matrix
from schemes.queries.cautions import Hours, cautions, hours_of
from schemes.queries.interests import bars_until
from schemes.queries.rules import rule_book_for
from schemes.queries.standing import Standing, standing


@dataclass(frozen=True)
class Line:
    """An entry with its files and, where it ends, how it stands."""

    row: Entry
    files: list
    standing: Standing | None


@dataclass(frozen=True)
class Tie:
    """A declared interest and its last day as a bar; None while it goes on."""

    row: Interest
    until: date | None
    bars: bool


@dataclass(frozen=True)
class Profile:
    """A person in a body as an actor reads it; ``ties`` is None for who may not read them."""

    user: Any
    roles: str
    competences: list
    sections: list[tuple[EntryKind, list[Line]]]
    cautions: list
    hours: Hours
    ties: list[Tie] | None
    declaration: Declaration | None


def person_seen(actor, body: Organisation, user_pk):
    """Return a person of a body whose profile the actor reads. Raises Http404."""
    rows = Membership.objects.current().filter(organisation=body, user=user_pk)
    if not actor.is_operator:
        rows = rows.filter(people_of(actor))
    return get_object_or_404(get_user_model(), pk__in=rows.values("user"))


def profile_of(actor, body: Organisation, user) -> Profile:
    """Return everything the page of a person shows, in a fixed number of queries."""
    today = timezone.localdate()
    rules = rule_book_for(str(body.country), today)
    roles = Membership.objects.current().filter(organisation=body, user=user)
    held = matrix.competences_of(actor, body).filter(user=user)
    return Profile(
        user=user,
        roles=" · ".join(str(row.get_role_display()) for row in roles.order_by("created_at")),
        competences=[matrix.line(row, today) for row in held],
        sections=_sections(actor, body, user, today),
        cautions=cautions(body=body, users=[user.pk], on=today, rules=rules).get(user.pk, []),
        hours=hours_of([user.pk], today.year, rules)[user.pk],
        ties=_ties(actor, user, today, rules),
        declaration=Declaration.objects.visible_to(actor).filter(user=user).first(),
    )


def _sections(actor, body, user, today: date) -> list:
    rows = Entry.objects.visible_to(actor).standing().filter(user=user)
    rows = rows.filter(Q(body=None) | Q(body=body))
    rows = list(rows.select_related("scheme").prefetch_related("areas"))
    proofs = defaultdict(list)
    kept = Attachment.objects.filter(
        subject_type=subject_type(Entry), subject_id__in=[row.pk for row in rows]
    )
    for attachment in kept.select_related("file"):
        proofs[attachment.subject_id].append(attachment.file)
    found = defaultdict(list)
    for row in rows:
        found[row.kind].append(Line(row, proofs[row.pk], _standing(row, today)))
    return [(kind, found[kind]) for kind in EntryKind]


def _standing(row: Entry, today: date) -> Standing | None:
    if row.kind in (EntryKind.REGISTRATION, EntryKind.EMPLOYMENT):
        return standing(row.first_day, row.last_day, today)
    return None


def _ties(actor, user, today: date, rules) -> list[Tie] | None:
    if not reads_interests(actor, user):
        return None
    rows = Interest.objects.visible_to(actor).filter(user=user)
    ends = [(row, bars_until(row, rules)) for row in rows]
    return [Tie(row, until, until is None or until >= today) for row, until in ends]
