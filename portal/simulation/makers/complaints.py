"""Complaints and appeals: filed now and then, handled by people who took no part."""

from certification.enums import About, Conclusion
from certification.models import Certificate
from certification.queries.complaints import independent_people
from certification.services.complaints import Filing, file_complaint
from portal.simulation.registry import NotNowError, maker, pastime, spoiler

_A_DAY = 1 / 120


@pastime
def complain(world):
    """Now and then somebody complains about a holder."""
    if not world.chance.happens(_A_DAY):
        return
    rows = list(Certificate.objects.published().order_by("number").select_related("body"))
    if rows:
        certificate = world.chance.choice(rows)
        filing = Filing(
            about=About.HOLDER,
            body=certificate.body,
            certificate=certificate,
            text="The goods did not conform.",
        )
        file_complaint(filing, language="en")


@maker("complaint", "acknowledge")
def acknowledge(world, complaint, actor):
    return {}


@maker("complaint", "withdraw", "escalate", "forget", weight=0.02)
def of_oneself(world, complaint, actor):
    return {}


@maker("complaint", "report", "close", "answer_as_client", "answer", "note", "settle")
def say(world, complaint, actor):
    return {"text": "This is what we found."}


@maker("complaint", "dismiss", "ask", "progress", "pass_on", "send_back", "add", weight=0.1)
def say_besides(world, complaint, actor):
    return {"text": "This is what we think."}


@spoiler("complaint", "report", "close", "dismiss", "ask")
def nothing(world, complaint, actor, data):
    return {"text": ""}


def _independent(world, complaint):
    people = sorted(independent_people(complaint), key=lambda user: user.pk)
    if not people:
        raise NotNowError
    return world.chance.choice(people)


@maker("complaint", "admit")
def admit(world, complaint, actor):
    return {"handler": _independent(world, complaint)}


@maker("complaint", "name_handler", weight=0.02)
def name_handler(world, complaint, actor):
    return {"handler": _independent(world, complaint)}


@maker("complaint", "name_decider", weight=0.02)
def name_decider(world, complaint, actor):
    return {"decider": _independent(world, complaint)}


@maker("complaint", "decide")
def decide(world, complaint, actor):
    conclusion = world.chance.choice(list(Conclusion))
    return {"conclusion": conclusion, "text": "This is what we decided."}


@spoiler("complaint", "decide")
def in_another_word(world, complaint, actor, data):
    return data | {"conclusion": "perhaps"}
