"""Ratings, the admission of bodies, and people who come and go."""

from certification.queries.evaluations import dimensions_of
from foundation.workflow import REASON
from organisations.enums import BodyStatus
from organisations.models import BodyProfile
from portal.simulation.parties import spare_body
from portal.simulation.registry import NotNowError, maker, pastime, spoiler

_BODIES_A_YEAR = 3 / 250
# How often the suspension of a body with clients is meant, and on how many days it ends.
_AT_WORK, _BACK = 0.05, 0.3


@pastime
def found_a_body(world):
    """Now and then a body registers; the operator decides on its admission."""
    if world.chance.happens(_BODIES_A_YEAR):
        world.bodies += 1
        spare_body(world.bodies)


@maker("evaluation", "give", "revise")
def rate(world, evaluation, actor):
    ratings = {row.value: world.chance.randint(1, 5) for row in dimensions_of(evaluation.moment)}
    return {"ratings": ratings, "comment": ""}


@spoiler("evaluation", "give", "revise")
def six_of_five(world, evaluation, actor, data):
    return {"ratings": dict.fromkeys(data["ratings"], 6), "comment": ""}


@maker("evaluation", "reply", weight=0.5)
def reply(world, evaluation, actor):
    return {"reply": "Thank you; we look into it."}


@maker("body", "approve", "reinstate")
def admit(world, profile, actor):
    return {}


@maker("body", "refuse", weight=0.3)
def refuse(world, profile, actor):
    return {REASON: "The approval cannot be verified."}


@maker("body", "suspend", weight=0.3)
def suspend(world, profile, actor):
    """Mostly one without clients: while a body is suspended, its desks stand still."""
    if _is_at_work(world, profile) and not world.chance.happens(_AT_WORK):
        raise NotNowError
    return {REASON: "The authority asked for it."}


def _is_at_work(world, profile) -> bool:
    return any(desk.organisation.pk == profile.organisation_id for desk in world.desks)


@pastime
def reinstate_a_body(world):
    """A suspended body with clients comes back within some days."""
    desks = [desk.organisation.pk for desk in world.desks]
    rows = BodyProfile.objects.filter(organisation__in=desks, status=BodyStatus.SUSPENDED)
    for profile in rows.order_by("pk"):
        if world.chance.happens(_BACK):
            world.insist(profile, "reinstate")
