"""Keep what people are competent in: recorded by the body, or proposed by the person."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from foundation import journal
from foundation.actor import Actor
from foundation.workflow import perform
from organisations.models import Membership, Organisation
from schemes.enums import CompetenceStatus
from schemes.flows import COMPETENCE_FLOW, proposed, tell_person
from schemes.models import Competence, Entry, Scheme, TechnicalArea
from schemes.rights import OWN_COMPETENCE, RECORD_COMPETENCE
from schemes.services.approvals import allow, store
from schemes.services.interests import declaration_of

PROPOSED = ("scheme", "role", "registration_number", "languages", "valid_from", "valid_until",
            "grounds")  # fmt: skip


@transaction.atomic
def competence_record(
    *,
    actor: Actor,
    user,
    body: Organisation,
    scheme: Scheme,
    areas: Iterable[TechnicalArea],
    role: str,
    valid_from: date,
    valid_until: date,
    registration_number: str = "",
    languages: Iterable[str] = ("zh",),
) -> Competence:
    """Record what a member of a body is competent for. Raises NotAllowed, ValidationError."""
    competence = Competence(
        user=user,
        body=body,
        scheme=scheme,
        role=role,
        registration_number=registration_number,
        languages=list(languages),
        valid_from=valid_from,
        valid_until=valid_until,
    )
    allow(RECORD_COMPETENCE(actor, competence))
    _belongs(user, body)
    store(competence, areas, "competence_recorded", actor)
    declaration_of(user)
    tell_person("schemes.competence_recorded", competence, actor)
    return competence


@transaction.atomic
def competence_end(*, actor: Actor, competence: Competence, last_day: date) -> Competence:
    """End a competence early. Raises NotAllowed; ValidationError for a day it does not cover."""
    allow(RECORD_COMPETENCE(actor, competence))
    if not competence.valid_from <= last_day <= competence.valid_until:
        raise ValidationError(_("The last day must lie within the validity."))
    before = competence.valid_until
    competence.valid_until = last_day
    competence.save(update_fields=["valid_until", "changed_at"])
    days = {"from": before.isoformat(), "to": last_day.isoformat()}
    journal.record(competence, "competence_ended", actor, days)
    tell_person("schemes.competence_ended", competence, actor)
    return competence


@transaction.atomic
def competence_propose(
    *,
    actor: Actor,
    body: Organisation,
    areas: Iterable[TechnicalArea],
    support: Iterable[Entry] = (),
    **facts,
) -> Competence:
    """Propose the actor's own competence to the body; ``facts`` are the columns of PROPOSED.

    ``support`` are the entries of the profile that prove it. Raises NotAllowed, ValidationError.
    """
    competence = Competence(
        user=actor.user, body=body, status=CompetenceStatus.PROPOSED, **_chosen(facts)
    )
    allow(OWN_COMPETENCE(actor, competence))
    _belongs(actor.user, body)
    store(competence, areas, "competence_proposed", actor)
    competence.support.set(_own(support, actor))
    declaration_of(actor.user)
    proposed(competence, actor)
    return competence


@transaction.atomic
def competence_repropose(
    *,
    actor: Actor,
    competence: Competence,
    areas: Iterable[TechnicalArea],
    support: Iterable[Entry] = (),
    **facts,
) -> Competence:
    """Change a returned proposal and make it again. Raises as the flow, ValidationError."""
    # The flow goes first: it locks the row and refuses whoever may not.
    done = perform(COMPETENCE_FLOW, competence, "propose", actor)
    for name, value in _chosen(facts).items():
        setattr(done, name, value)
    store(done, areas, "competence_changed", actor)
    done.support.set(_own(support, actor))
    return done


def _chosen(facts: dict) -> dict:
    if unknown := facts.keys() - set(PROPOSED):
        raise TypeError(f"unknown facts: {sorted(unknown)}")
    return facts | {"languages": list(facts.get("languages", ("zh",)))}


def _own(support: Iterable[Entry], actor: Actor) -> list[Entry]:
    """Return the entries when each is one the actor may lean on. Raises ValidationError."""
    found = list(support)
    known = set(
        Entry.objects.visible_to(actor)
        .standing()
        .filter(user=actor.user)
        .values_list("pk", flat=True)
    )
    if not {row.pk for row in found} <= known:
        raise ValidationError(_("Choose entries of your own profile."))
    return found


def _belongs(user, body: Organisation) -> None:
    if not Membership.objects.current().filter(user=user, organisation=body).exists():
        raise ValidationError(_("This person does not belong to the body."))
