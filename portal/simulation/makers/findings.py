"""Findings: answered, late or never; judged, closed or rejected."""

from datetime import timedelta

from django.utils import timezone

from audits.enums import WITH_CLIENT, Grade
from audits.flows.extensions import open_request
from audits.queries.judges import is_disputed, possible_judges
from audits.services import limits
from audits.services.findings import save_answer
from foundation.workflow import REASON
from portal.demo import acts
from portal.simulation.registry import NotNowError, maker, spoiler
from schemes.queries import book_of

# Of what has to be answered, how much the enterprise leaves lying for good.
_NEVER = 0.03
_EAGER = 0.3


def _get_to(world, finding) -> None:
    """Raise NotNowError for what is disputed, and for minors that are left until they are major."""
    if is_disputed(finding) and world.chance.happens(0.9):
        raise NotNowError
    if finding.grade != Grade.MINOR or finding.status not in WITH_CLIENT:
        return
    is_new = ("finding", finding.status, "escalate") not in world.taken
    share = _EAGER if is_new else _NEVER
    key = (finding.pk, finding.status)
    if world.once(key, lambda: world.chance.happens(share)) and not world.chance.happens(0.01):
        raise NotNowError


@maker("finding", "answer")
def answer(world, finding, actor):
    """Answer with cause and actions; now and then evidence comes along."""
    _get_to(world, finding)
    days = world.chance.randint(7, 40)
    parts = acts.ANSWER | {"done_by": timezone.localdate() + timedelta(days=days)}
    if world.chance.happens(0.15):
        parts["evidence_note"] = acts.EVIDENCE
    save_answer(finding=finding, actor=actor, **parts)
    return {}


@maker("finding", "submit_evidence")
def submit_evidence(world, finding, actor):
    _get_to(world, finding)
    save_answer(finding=finding, actor=actor, evidence_note=acts.EVIDENCE)
    return {}


@maker("finding", "accept_plan", "verify")
def accept(world, finding, actor):
    _get_to(world, finding)
    return {"note": "Convincing."}


@maker("finding", "reject_plan", "reject_evidence", weight=0.15)
def reject(world, finding, actor):
    return {REASON: "The cause is not the cause."}


@maker("finding", "ask_extension", weight=0.1)
def ask_extension(world, finding, actor):
    latest = limits.latest_extension(finding, book_of(finding.audit.case.rule_set))
    if latest is None or latest <= finding.due_on:
        raise NotNowError
    return {"proposed_on": latest, REASON: "The part comes late."}


@spoiler("finding", "ask_extension")
def for_ever(world, finding, actor, data):
    return data | {"proposed_on": data["proposed_on"] + timedelta(days=1)}


@maker("finding", "grant_extension")
def grant_extension(world, finding, actor):
    request = open_request(finding)
    if request is None:
        raise NotNowError
    return {"granted_on": request.proposed_on}


@maker("finding", "refuse_extension", weight=0.3)
def refuse_extension(world, finding, actor):
    return {REASON: "There was time enough."}


@maker("finding", "name_judge", weight=0.01)
def name_judge(world, finding, actor):
    judges = possible_judges(finding)
    if not judges:
        raise NotNowError
    return {"judge": world.chance.choice(sorted(judges, key=lambda user: user.pk))}


@spoiler("finding", "name_judge")
def a_stranger(world, finding, actor, data):
    return {"judge": world.client_of(finding.enterprise_id).owner}


@spoiler("finding", "reject_plan", "reject_evidence")
def without_reason(world, finding, actor, data):
    return {REASON: ""}
