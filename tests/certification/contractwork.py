"""Applications on their way to a contract, made through the same services as people use."""

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from certification.enums import Criterion, DocumentKind, Verdict
from certification.flows.applications import APPLICATION_FLOW
from certification.models import Application
from certification.queries.review import current_offer
from certification.services import review as services
from certification.services.applications import application_answer, application_start
from certification.services.audit_time import starting_inputs
from certification.services.offers import FeeLine
from foundation import files, jobs
from foundation.models import StoredFile
from foundation.workflow import perform
from organisations.queries import LICENCE
from schemes.models import Scheme, TechnicalArea

PASSWORD = "portal-demo"
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
NOTE = "CANARY-NOTE-7431"
JUSTIFICATION = "CANARY-WHY-9152"


def _file(name: str, organisation) -> StoredFile:
    """Keep a stand-in for an uploaded PDF."""
    return files._keep(
        [PDF + name.encode()],
        name=name,
        content_type=files.PDF,
        organisation_id=organisation.pk,
        generated=False,
    )


def draft(cast, *, schemes=("QMS",), owner="owner", body=None, **answers) -> Application:
    """Return a draft in which nothing is missing."""
    actor = cast.actor(owner)
    enterprise = actor.organisation
    editions = [Scheme.objects.get(code=code).editions.first() for code in schemes]
    application = application_start(
        actor=actor, kind="initial", schemes=editions, body=body or cast.body
    )
    today = timezone.localdate()
    usual = {
        "areas": list(TechnicalArea.objects.filter(code="18")),
        "scope_zh": "精密齿轮箱的设计与生产",
        "scope_en": "Design and manufacture of precision gearboxes",
        "processes": "Design, machining, assembly, test",
        "outsourced": "None",
        "legal_obligations": "Product quality law",
        "languages": ["zh"],
        "safety_conditions": "Safety shoes",
        "system_since": today - dt.timedelta(days=400),
        "internal_audit_on": today - dt.timedelta(days=60),
        "management_review_on": today - dt.timedelta(days=30),
        "consultancy_used": False,
        "remote_possible": True,
        "wished_month": today.replace(day=1) + dt.timedelta(days=62),
        "had_certificate": False,
        "contact_name": "贺景行",
        "contact_phone": "0574-00000000",
        "contact_email": "office@demo.example",
    }
    application_answer(application=application, actor=actor, answers=usual | answers)
    files.attach(_file("licence.pdf", enterprise), enterprise, LICENCE)
    for kind in (DocumentKind.MANUAL, DocumentKind.CHART):
        files.attach(_file(f"{kind}.pdf", enterprise), application, kind)
    return fresh(application)


def fresh(application) -> Application:
    """Fetch the application anew."""
    return Application.objects.get(pk=application.pk)


def act(application, action, actor, **data) -> Application:
    """Take an action of the flow and return the application as it is then."""
    return perform(APPLICATION_FLOW, fresh(application), action, actor, **data)


def submitted(cast, **facts) -> Application:
    application = draft(cast, **facts)
    return act(application, "submit", cast.actor(facts.get("owner", "owner")), declared=True)


def in_review(cast, **facts) -> Application:
    """Return an application whose review the reviewer has begun."""
    application = submitted(cast, **facts)
    return act(application, "start_review", cast.actor("reviewer"), no_conflict=True)


def judge_all(cast, application, *, verdict=Verdict.MET, note=NOTE) -> None:
    """Judge every point alike."""
    for criterion in Criterion:
        services.judge(
            application=application,
            criterion=criterion,
            verdict=verdict,
            note=note,
            actor=cast.actor("reviewer"),
        )


def set_time(cast, application, **changes) -> Application:
    """Use the audit time as the inputs give it."""
    inputs = starting_inputs(application) | changes
    return act(application, "set_time", cast.actor("reviewer"), inputs=inputs)


def reviewed(cast, **facts) -> Application:
    """Return an application that only waits to be accepted."""
    application = in_review(cast, **facts)
    judge_all(cast, application)
    return set_time(cast, application)


def accepted(cast, **facts) -> Application:
    application = reviewed(cast, **facts)
    return act(application, "accept", cast.actor("reviewer"), justification=JUSTIFICATION)


LINES = (
    FeeLine("申请受理与评审", "Application and review", Decimal(1), Decimal("2000.00")),
    FeeLine("审核（人日）", "Audit (days)", Decimal("5.5"), Decimal("3000.00")),
)


def offer_facts(**changes) -> dict:
    """Return what a manager sends with an offer."""
    usual = {
        "lines": list(LINES),
        "currency": "CNY",
        "terms": "Half on signature.",
        "valid_until": timezone.localdate() + dt.timedelta(days=30),
    }
    return usual | changes


def offered(cast, *, ready=True, **facts) -> Application:
    """Return an application with an offer, its document made unless told otherwise."""
    application = accepted(cast, **facts)
    application = act(application, "offer", cast.actor("manager"), **offer_facts())
    if ready:
        jobs.run_due()
    return fresh(application)


def signing(cast, application, **changes) -> dict:
    """Return what an owner sends with a signature under the current offer."""
    file = current_offer(application).file
    usual = {"name": cast.owner.name, "sha256": file.sha256 if file else "", "address": "10.0.0.1"}
    return usual | changes


def signed(cast, **facts) -> Application:
    application = offered(cast, **facts)
    return act(application, "sign", cast.actor("owner"), **signing(cast, application))
