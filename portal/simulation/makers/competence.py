"""What people say they are competent in, and what their body makes of it."""

from datetime import timedelta

from django.utils import timezone

from foundation.workflow import REASON
from organisations.actors import actor_in
from portal.simulation.registry import NotNowError, maker, pastime
from schemes.enums import CompetenceRole, CompetenceStatus
from schemes.models import Competence, Scheme, TechnicalArea
from schemes.services.competence import competence_propose

# Of the bodies, those where somebody proposes a competence on a working day.
_PROPOSALS = 1 / 60
_VALID_DAYS = 2 * 365


@pastime
def propose_a_competence(world):
    """Now and then an auditor wants to go along as a technical expert of another standard."""
    today = timezone.localdate()
    for desk in world.desks:
        if not world.chance.happens(_PROPOSALS):
            continue
        user, body = world.chance.choice(desk.auditors), desk.organisation
        scheme = world.chance.choice(list(Scheme.objects.order_by("position")))
        role = CompetenceRole.TECHNICAL_EXPERT
        held = Competence.objects.filter(user=user, body=body, scheme=scheme, role=role)
        areas = list(TechnicalArea.objects.order_by("position")[:3])
        if not areas or held.exclude(status=CompetenceStatus.WITHDRAWN).exists():
            continue
        competence_propose(
            actor=actor_in(user, body),
            body=body,
            areas=areas,
            scheme=scheme,
            role=role,
            languages=["zh"],
            valid_from=today,
            valid_until=today + timedelta(days=_VALID_DAYS),
            grounds="Ten years at work in this field.",
        )


@maker("competence", "approve", "propose")
def nothing_more(world, competence, actor):
    return {}


@maker("competence", "return", weight=0.3)
def send_back(world, competence, actor):
    return {REASON: "A proof is missing."}


@maker("competence", "take_back", weight=0.05)
def take_back(world, competence, actor):
    return {}


@maker("competence", "suspend", "withdraw", weight=0.05)
def no_more(world, competence, actor):
    """Experts alone: without its auditors a body has nobody to send."""
    if competence.role != CompetenceRole.TECHNICAL_EXPERT:
        raise NotNowError
    return {REASON: "No longer at work in this field."}


@maker("competence", "reinstate")
def reinstate(world, competence, actor):
    return {REASON: "At work in this field again."}
