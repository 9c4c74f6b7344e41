"""Complaints and appeals: filed now and then, handled by people who took no part."""

from datetime import timedelta

from django.utils import timezone

from audits.enums import NONCONFORMITIES, UNDER_WAY, Grade
from audits.models import Finding
from certification import appeals
from certification.enums import (
    About,
    ApplicationStatus,
    CaseStatus,
    ComplaintStatus,
    Conclusion,
    DecisionKind,
)
from certification.models import Application, Certificate, Complaint, Decision
from certification.queries.complaints import independent_people
from certification.services.complaints import Filing, file_appeal, file_complaint
from organisations.actors import actor_in
from portal.simulation.registry import NotNowError, maker, pastime, spoiler

# How many come on a working day: so many at least, and one for so many enterprises.
_LEAST, _EACH = 1 / 20, 1 / 1500
_NAMED = 0.7
# What is left lying until its limit is missed, and for how many days.
_LEFT, _DAYS = 0.08, (30, 150)
# What somebody would find on appeal about a nonconformity, and what it does to it.
_FOUND = {Conclusion.UPHELD: "annul", Conclusion.PARTLY: "lower"}
_RECONSIDERED = ("case", CaseStatus.REFUSED, "reconsider")
_S = ComplaintStatus


@pastime
def complain(world):
    """Now and then somebody complains about a holder or a body, or an enterprise appeals."""
    if not world.chance.happens(max(_LEAST, _EACH * len(world.clients))):
        return
    if world.chance.happens(0.6) and _appeal(world):
        return
    rows = list(Certificate.objects.published().order_by("number").select_related("body"))
    if not rows:
        return
    certificate = world.chance.choice(rows)
    about = world.chance.weighed([About.HOLDER, About.BODY, About.AUDITOR], [4, 2, 1])
    known = world.chance.happens(_NAMED)
    filing = Filing(
        about=about,
        body=certificate.body,
        certificate=certificate if about == About.HOLDER else None,
        text="The goods did not conform.",
        name="Somebody" if known else "",
        email="somebody@example.org" if known else "",
    )
    file_complaint(filing, language="en")


def _appeal(world) -> bool:
    """File an appeal against a nonconformity or a decision, where there is one of late."""
    against = [_findings(world), _decisions(), _declined()]
    weights = [3.0 * bool(against[0]), 1.0 * bool(against[1]), 1.0 * bool(against[2])]
    if not any(weights):
        return False
    if refusals := _refusals(world):
        against, weights = [refusals], [1.0]
    about, key, enterprise = world.chance.choice(world.chance.weighed(against, weights))
    actor = actor_in(world.client_of(enterprise).owner, world.client_of(enterprise).organisation)
    matter = appeals.find(about, key, actor)
    if matter is None or Complaint.objects.filter(matter_id=key).exists():
        return False
    file_appeal(matter, actor=actor, text="We do not agree.")
    return True


def _findings(world) -> list:
    """Return what can be disputed; those in a state in which no appeal was upheld yet first."""
    rows = Finding.objects.filter(
        status__in=UNDER_WAY, grade__in=NONCONFORMITIES, shown_at__isnull=False
    ).order_by("-created_at", "pk")
    found = list(rows.values_list("status", "grade", "pk", "audit__enterprise")[:200])
    new = [row for row in found if any(_is_new(world, row[0], row[1], action) for action in _FOUND)]
    return [(About.FINDING, pk, enterprise) for _s, _g, pk, enterprise in new or found]


def _is_new(world, status, grade, conclusion) -> bool:
    action = _FOUND[conclusion]
    possible = action == "annul" or grade == Grade.MAJOR
    return possible and ("finding", status, action) not in world.taken


def _refusals(world) -> list:
    """Return the refusals that can be disputed, until one was taken up again."""
    return [] if _RECONSIDERED in world.taken else _decisions((DecisionKind.REFUSE,))


def _decisions(kinds=appeals.AGAINST) -> list:
    rows = Decision.objects.filter(kind__in=kinds, decided_on__gte=_lately())
    return [
        (About.DECISION, pk, enterprise)
        for pk, enterprise in rows.order_by("created_at").values_list("pk", "case__enterprise")
    ]


def _declined() -> list:
    rows = Application.objects.filter(
        status=ApplicationStatus.DECLINED, changed_at__date__gte=_lately()
    )
    return [
        (About.APPLICATION, pk, enterprise)
        for pk, enterprise in rows.order_by("created_at").values_list("pk", "enterprise")
    ]


def _lately():
    return timezone.localdate() - timedelta(days=60)


def _get_to(world, complaint) -> None:
    """Raise NotNowError for what is left lying: now and then until its limit is missed."""
    today = timezone.localdate()

    def until():
        left = world.chance.happens(_LEFT)
        return today + timedelta(days=world.chance.randint(*_DAYS)) if left else today

    if world.once((complaint.pk, complaint.status), until) > today:
        raise NotNowError


@maker("complaint", "acknowledge")
def acknowledge(world, complaint, actor):
    _get_to(world, complaint)
    return {}


@maker("complaint", "withdraw", "escalate", "forget", weight=0.02)
def of_oneself(world, complaint, actor):
    return {}


@maker("complaint", "report", "close", "answer_as_client", "answer", "note", "settle")
def say(world, complaint, actor):
    if complaint.status in (_S.INVESTIGATING, _S.DECIDED):
        _get_to(world, complaint)
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
    _get_to(world, complaint)
    facts = {}
    if complaint.about == About.AUDITOR and complaint.subject_id is None:
        others = [user for user in complaint.body.people("auditor") if user != actor.user]
        facts["person"] = world.chance.choice(sorted(others, key=lambda user: user.pk))
    handler = _independent(world, complaint)
    if handler == facts.get("person"):
        raise NotNowError
    return {"handler": handler, **facts}


@spoiler("complaint", "admit", "name_handler")
def somebody_of_the_client(world, complaint, actor, data):
    return data | {"handler": world.clients[0].owner}


@maker("complaint", "name_handler", weight=0.02)
def name_handler(world, complaint, actor):
    return {"handler": _independent(world, complaint)}


@maker("complaint", "name_decider", weight=0.02)
def name_decider(world, complaint, actor):
    return {"decider": _independent(world, complaint)}


@maker("complaint", "decide")
def decide(world, complaint, actor):
    """Find what was found of none in that state yet; anything otherwise."""
    _get_to(world, complaint)
    conclusion = world.chance.choice(list(Conclusion))
    if complaint.about == About.FINDING:
        finding = Finding._base_manager.get(pk=complaint.matter_id)
        new = [row for row in _FOUND if _is_new(world, finding.status, finding.grade, row)]
        if new:
            conclusion = world.chance.choice(new)
    if complaint.matter_kind == DecisionKind.REFUSE and _RECONSIDERED not in world.taken:
        conclusion = Conclusion.UPHELD
    return {"conclusion": conclusion, "text": "This is what we decided."}


@spoiler("complaint", "decide")
def in_another_word(world, complaint, actor, data):
    return data | {"conclusion": "perhaps"}
