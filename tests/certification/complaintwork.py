"""Complaints and appeals with as little as their steps need."""

from certification import appeals
from certification.complaint_links import Complainant
from certification.enums import About
from certification.flows.complaints import COMPLAINT_FLOW
from certification.models import Complaint
from certification.services.complaints import Filing, file_appeal, file_complaint
from foundation.workflow import perform

TEXT = "On 3 March the auditor left after one hour."


def filed(cast, about=About.BODY, *, language="en", **facts) -> Complaint:
    """Return a complaint that has just come, with a name and an address."""
    given = {"name": "Ma Xiaoming", "email": "ma@example.org", "text": TEXT} | facts
    body = given.pop("body", cast.body)
    return file_complaint(Filing(about=about, body=body, **given), language=language)


def holder_of(complaint) -> Complainant:
    """Return whoever has the private link."""
    return Complainant(complaint_id=complaint.pk)


def act(cast, complaint, action, who="manager", **facts) -> Complaint:
    """Take one step as a person of the cast, or as who complained."""
    actor = holder_of(complaint) if who == "complainant" else cast.actor(who)
    row = Complaint._base_manager.get(pk=complaint.pk)
    return perform(COMPLAINT_FLOW, row, action, actor, **facts)


def acknowledged(cast, about=About.BODY, **facts) -> Complaint:
    return act(cast, filed(cast, about, **facts), "acknowledge")


def investigated(cast, about=About.BODY, handler="planner", **facts) -> Complaint:
    """Return one that the planner handles."""
    found = acknowledged(cast, about, **facts)
    return act(cast, found, "admit", handler=getattr(cast, handler))


def reported(cast, about=About.BODY, **facts) -> Complaint:
    return act(cast, investigated(cast, about, **facts), "report", "planner", text="True.")


def decided(cast, conclusion="upheld", about=About.BODY, **facts) -> Complaint:
    found = reported(cast, about, **facts)
    return act(cast, found, "decide", conclusion=conclusion, text="You are right.")


def closed(cast, **facts) -> Complaint:
    return act(cast, decided(cast, **facts), "close", text="The auditor was trained.")


def appealed(cast, about, key, **facts) -> Complaint:
    """Return an appeal of the owner against something."""
    actor = cast.actor("owner")
    matter = appeals.find(about, key, actor)
    return file_appeal(matter, actor=actor, text="This is not so.", **facts)


def decide_appeal(cast, appeal, conclusion, handler="manager") -> Complaint:
    """Take an appeal to its decision; the manager alone took no part in the matter."""
    found = act(cast, appeal, "acknowledge")
    found = act(cast, found, "admit", handler=getattr(cast, handler))
    found = act(cast, found, "report", handler, text="Looked into.")
    return act(cast, found, "decide", conclusion=conclusion, text="So it is.")
