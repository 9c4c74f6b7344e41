"""Record what bodies are approved for and people competent in."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from foundation import journal
from foundation.actor import Actor
from foundation.formatting import day
from foundation.notices import in_both, notify
from foundation.workflow import NotAllowed
from organisations.enums import Role
from organisations.models import Membership, Organisation
from schemes.enums import CompetenceRole
from schemes.models import BodyApproval, Competence, Scheme, TechnicalArea
from schemes.rights import RECORD_APPROVAL, RECORD_COMPETENCE


@transaction.atomic
def approval_record(
    *,
    actor: Actor,
    body: Organisation,
    scheme: Scheme,
    areas: Iterable[TechnicalArea],
    reference: str,
    valid_from: date,
    valid_to: date | None = None,
    accreditation: str = "",
) -> BodyApproval:
    """Record a body's approval for a scheme. Raises NotAllowed, ValidationError."""
    _allow(RECORD_APPROVAL(actor))
    approval = BodyApproval(
        body=body,
        scheme=scheme,
        reference=reference,
        accreditation=accreditation,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    _store(approval, areas, "approval_recorded", actor)
    _tell_managers("schemes.approval_recorded", approval, valid_from)
    return approval


@transaction.atomic
def approval_end(*, actor: Actor, approval: BodyApproval, last_day: date) -> BodyApproval:
    """End an approval. Raises NotAllowed; ValidationError for a day it does not cover."""
    _allow(RECORD_APPROVAL(actor, approval))
    before = approval.valid_to
    if last_day < approval.valid_from or (before is not None and last_day > before):
        raise ValidationError(_("The last day must lie within the validity."))
    approval.valid_to = last_day
    approval.save(update_fields=["valid_to", "changed_at"])
    days = {"from": before.isoformat() if before else "", "to": last_day.isoformat()}
    journal.record(approval, "approval_ended", actor, days)
    _tell_managers("schemes.approval_ended", approval, last_day)
    return approval


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
    _allow(RECORD_COMPETENCE(actor, competence))
    if not Membership.objects.current().filter(user=user, organisation=body).exists():
        raise ValidationError(_("This person does not belong to the body."))
    _store(competence, areas, "competence_recorded", actor)
    _tell_person("schemes.competence_recorded", competence, actor)
    return competence


@transaction.atomic
def competence_end(*, actor: Actor, competence: Competence, last_day: date) -> Competence:
    """End a competence early. Raises NotAllowed; ValidationError for a day it does not cover."""
    _allow(RECORD_COMPETENCE(actor, competence))
    if not competence.valid_from <= last_day <= competence.valid_until:
        raise ValidationError(_("The last day must lie within the validity."))
    before = competence.valid_until
    competence.valid_until = last_day
    competence.save(update_fields=["valid_until", "changed_at"])
    days = {"from": before.isoformat(), "to": last_day.isoformat()}
    journal.record(competence, "competence_ended", actor, days)
    _tell_person("schemes.competence_ended", competence, actor)
    return competence


def _allow(access) -> None:
    if not access:
        raise NotAllowed(access.reason)


def _store(row, areas: Iterable[TechnicalArea], verb: str, actor: Actor) -> None:
    chosen = list(areas)
    if not chosen:
        raise ValidationError(_("Name at least one technical area."))
    row.full_clean()
    row.save()
    row.areas.set(chosen)
    facts = {"scheme": row.scheme.code, "areas": [area.code for area in chosen]}
    journal.record(row, verb, actor, facts)


def _tell_managers(kind: str, approval: BodyApproval, on: date) -> None:
    notify(
        kind,
        to=approval.body.people(Role.MANAGER),
        obj=approval,
        url=approval.get_absolute_url(),
        reference=approval.reference,
        scheme_zh=approval.scheme.title_zh,
        scheme_en=approval.scheme.title_en,
        **in_both("day", day, on),
    )


def _tell_person(kind: str, competence: Competence, actor: Actor) -> None:
    if competence.user == actor.user:
        return
    notify(
        kind,
        to=[competence.user],
        obj=competence,
        url=competence.get_absolute_url(),
        body_zh=competence.body.name_zh,
        body_en=competence.body.name_en,
        scheme_zh=competence.scheme.title_zh,
        scheme_en=competence.scheme.title_en,
        **in_both("role", str, CompetenceRole(competence.role).label),
        **in_both("until", day, competence.valid_until),
    )
