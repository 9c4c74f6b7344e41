"""Ratings, the admission of bodies, and people who come and go."""

from certification.queries.evaluations import dimensions_of
from foundation.workflow import REASON
from portal.simulation.parties import spare_body
from portal.simulation.registry import maker, pastime, spoiler

_BODIES_A_YEAR = 3 / 250


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
    return {REASON: "The authority asked for it."}
