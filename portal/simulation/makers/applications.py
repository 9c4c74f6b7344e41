"""Applications: begun when an enterprise wants something, reviewed, offered, signed."""

from datetime import timedelta

from django.utils import timezone

from certification.enums import ApplicationKind, ApplicationStatus, CaseStatus, CertificateStatus
from certification.flows.applications import APPLICATION_FLOW
from certification.models import Application, Case, Certificate
from certification.queries.review import current_offer, facts_of
from certification.services import review
from certification.services.applications import (
    application_answer,
    application_attach,
    application_start,
)
from foundation.calendar import add_months
from foundation.files import attachments_of
from foundation.workflow import REASON, perform
from organisations.actors import actor_in
from portal.demo import acts
from portal.simulation.registry import NotNowError, maker, pastime, spoiler

_OPEN = (
    ApplicationStatus.DRAFT,
    ApplicationStatus.SUBMITTED,
    ApplicationStatus.IN_REVIEW,
    ApplicationStatus.RETURNED,
    ApplicationStatus.ACCEPTED,
    ApplicationStatus.OFFERED,
)
_LIVE = (CaseStatus.AUDITING, CaseStatus.DECIDING, CaseStatus.CERTIFIED)
_YEAR = 365


@pastime
def apply(world):
    """Enterprises that want something begin an application: the first, another, more."""
    today = timezone.localdate()
    ready = [
        client for client in world.clients if world.applies_on.get(key_of(client), today) <= today
    ]
    for client in ready:
        # Nothing more to be asked of this one for a while, whatever comes of it.
        world.applies_on[key_of(client)] = today + timedelta(days=world.chance.randint(30, 90))
        rows = Application.objects.filter(enterprise=client.organisation)
        if rows.filter(status__in=_OPEN).exists():
            continue
        case = _present_case(client)
        if case is None:
            kind = (
                ApplicationKind.TRANSFER if world.chance.happens(0.15) else ApplicationKind.INITIAL
            )
            _begin(world, client, kind, world.chance.choice(world.desks))
        elif case.status == CaseStatus.CERTIFIED:
            _begin_more(world, client, case, today)


def key_of(client):
    return client.organisation.pk


def _present_case(client):
    rows = Case.objects.filter(enterprise=client.organisation, status__in=_LIVE)
    return rows.select_related("body").order_by("-created_at").first()


def _begin_more(world, client, case, today):
    """A certified enterprise asks for renewal in its last year, now and then for other things."""
    held = list(
        Certificate.objects.filter(case=case, status=CertificateStatus.VALID).order_by("number")
    )
    if not held:
        return
    desk = next(desk for desk in world.desks if desk.organisation.pk == case.body_id)
    last_year = min(row.expires_on for row in held) - today < timedelta(days=240)
    if last_year and world.chance.happens(0.5):
        _begin(world, client, ApplicationKind.RECERTIFICATION, desk, held[0])
    elif not last_year and world.chance.happens(0.06 + world.bonus("case", "deciding", "extend")):
        _begin(world, client, ApplicationKind.EXTENSION, desk, held[0])
    elif not last_year and world.chance.happens(0.04):
        _begin(world, client, ApplicationKind.CHANGE, desk, held[0])


def _begin(world, client, kind, desk, held=None):
    codes = client.works.schemes
    if kind == ApplicationKind.EXTENSION:
        codes = tuple(dict.fromkeys((*codes, world.chance.choice(("EMS", "OHSMS", "QMS")))))
    who = client.member if client.member and world.chance.happens(0.5) else client.owner
    actor = actor_in(who, client.organisation)
    application = application_start(
        actor=actor, kind=kind, schemes=acts.editions_of(codes), body=desk.organisation
    )
    answers = acts.answers_of(client.works, client.owner, several=len(codes) > 1)
    if kind != ApplicationKind.INITIAL:
        answers |= _earlier(world, kind, held)
    application_answer(application=application, actor=actor, answers=answers)


def _earlier(world, kind, held):
    today = timezone.localdate()
    answers = {
        "had_certificate": True,
        "previous_number": held.number if held else f"X {world.chance.randint(10000, 99999)}",
        "previous_body": held.body.name_en if held else "Elsewhere Certification",
        "previous_expires_on": (
            held.expires_on if held else add_months(today, world.chance.randint(8, 30))
        ),
        "previous_status": "valid",
        "previous_own_fault": False,
    }
    if kind == ApplicationKind.TRANSFER:
        answers |= {"previous_accredited": True, "previous_open_majors": False}
    return answers


@maker("application", "submit")
def submit(world, application, actor):
    """Attach what is missing, bring dates up to today, answer what was asked."""
    client = world.client_of(application.enterprise_id)
    if application.status == ApplicationStatus.DRAFT:
        present = acts.answers_of(client.works, client.owner, several=False)
        names = ("system_since", "internal_audit_on", "management_review_on")
        answers = {name: present[name] for name in names}
        if (
            application.kind == ApplicationKind.TRANSFER
            and application.previous_expires_on < timezone.localdate()
        ):
            answers["previous_expires_on"] = add_months(timezone.localdate(), 12)
        application_answer(application=application, actor=actor, answers=answers)
        wanted = ["manual"]
        if application.kind == ApplicationKind.TRANSFER:
            wanted += ["certificate", "report"]
        held = set(attachments_of(application).values_list("label", flat=True))
        for kind in wanted:
            if kind not in held:
                stored = world.manuals[application.enterprise_id][kind]
                application_attach(application=application, actor=actor, kind=kind, given=stored)
    else:
        answers = {"outsourced": "热处理外包给具备资质的协作单位，按外部供方控制。"}
        application_answer(application=application, actor=actor, answers=answers)
    return {"declared": True}


@spoiler("application", "submit")
def undeclared(world, application, actor, data):
    return {"declared": False}


@maker("application", "cancel", weight=0.01)
def cancel(world, application, actor):
    return {}


@maker("application", "start_review")
def start_review(world, application, actor):
    return {"no_conflict": True}


@maker("application", "take_over", weight=0.01)
def take_over(world, application, actor):
    return {"no_conflict": True, REASON: "The colleague is away."}


@spoiler("application", "start_review", "take_over")
def with_conflict(world, application, actor, data):
    return data | {"no_conflict": False}


@maker("application", "set_time", weight=0.05)
def set_time(world, application, actor):
    return {"inputs": acts.time_inputs(application, reduced=world.chance.happens(0.5))}


@maker("application", "accept")
def accept(world, application, actor):
    """Judge every point, compute the audit time of what was sent last."""
    facts = facts_of(application)
    if facts.calculation is not None and facts.calculation.waits:
        raise NotNowError
    if facts.calculation is None or facts.calculation_is_old or not facts.calculation.is_settled:
        inputs = acts.time_inputs(application)
        perform(APPLICATION_FLOW, application, "set_time", actor, inputs=inputs)
    acts.judge_all(application, actor)
    return {"justification": "Complete; competence and time are there, impartiality is kept."}


@spoiler("application", "accept")
def without_words(world, application, actor, data):
    return data | {"justification": ""}


@maker("application", "return", weight=0.15)
def give_back(world, application, actor):
    review.ask(application=application, field="outsourced", reason="Which processes?", actor=actor)
    return {}


@maker("application", "decline", weight=0.02)
def decline(world, application, actor):
    return {REASON: "Outside of what this body does."}


@maker("application", "offer")
def offer(world, application, actor):
    """Offer as usual; a second offer replaces one that expired or was too dear."""
    if application.status == ApplicationStatus.OFFERED:
        present = current_offer(application)
        if present is not None and not present.is_expired and world.chance.happens(0.7):
            raise NotNowError
    return acts.offer_facts(application)


@spoiler("application", "offer")
def offered_for_nothing(world, application, actor, data):
    return data | {"lines": []}


@spoiler("application", "offer")
def offered_until_yesterday(world, application, actor, data):
    return data | {"valid_until": timezone.localdate() - timedelta(days=1)}


@maker("application", "sign")
def sign(world, application, actor):
    """Sign what was read, in one's own name."""
    present = current_offer(application)
    if present.is_expired and world.chance.happens(0.8):
        raise NotNowError
    sha256 = present.file.sha256 if present.file else "0" * 64
    return {"name": actor.user.name, "sha256": sha256, "address": None}


@spoiler("application", "sign")
def another_document(world, application, actor, data):
    return data | {"sha256": "0" * 64}


@spoiler("application", "sign")
def in_another_name(world, application, actor, data):
    return data | {"name": "Somebody Else"}


@maker("application", "reject", weight=0.03)
def reject(world, application, actor):
    return {REASON: "Too dear this year."}
