"""Applications for tests, made through the services as people make them."""

import datetime as dt
import io

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from certification.enums import ApplicationKind, DocumentKind, IntegrationLevel, PreviousStatus
from certification.flows.applications import APPLICATION_FLOW
from certification.services.applications import (
    application_answer,
    application_attach,
    application_start,
)
from foundation.calendar import add_months
from foundation.files import attachments_of
from foundation.workflow import perform
from organisations.queries import LICENCE
from organisations.services.organisations import store_file
from schemes.models import StandardEdition, TechnicalArea


def pdf(name="manual.pdf", text="") -> SimpleUploadedFile:
    """Return a small PDF; other text makes another file."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.docinfo["/Title"] = text or name
        document.save(out)
    return SimpleUploadedFile(name, out.getvalue(), "application/pdf")


def edition(key="iso-9001-2015") -> StandardEdition:
    return StandardEdition.objects.get(key=key)


def area(code="18") -> TechnicalArea:
    return TechnicalArea.objects.get(code=code)


def licensed(cast, enterprise=None, who="owner") -> None:
    """Attach the licence, unless the organisation has one."""
    enterprise = enterprise or cast.enterprise
    if not attachments_of(enterprise, LICENCE).exists():
        upload = pdf("licence.pdf")
        store_file(actor=cast.actor(who), organisation=enterprise, upload=upload, label=LICENCE)


def answers(**changed) -> dict:
    """Return answers that leave nothing open for an initial certification."""
    today = timezone.localdate()
    return {
        "areas": [area("18")],
        "scope_zh": "精密齿轮箱的设计与生产",
        "scope_en": "Design and manufacture of precision gearboxes",
        "processes": "Order\nDesign\nMachining\nAssembly",
        "outsourced": "Heat treatment",
        "legal_obligations": "Product quality law",
        "system_since": add_months(today, -12),
        "consultancy_used": False,
        "languages": ["zh"],
        "remote_possible": False,
        "safety_conditions": "Safety shoes in the workshop",
        "had_certificate": False,
        "contact_name": "贺景行",
        "contact_phone": "0574-00000001",
        "contact_email": "member@demo.example",
    } | changed


def transfer_answers(**changed) -> dict:
    """Return answers that leave nothing open for a transfer."""
    facts = {
        "kind": ApplicationKind.TRANSFER,
        "previous_number": "099 25 Q 00001 R0 M",
        "previous_body": "Yuanshan Certification Ltd.",
        "previous_expires_on": timezone.localdate() + dt.timedelta(days=400),
        "previous_status": PreviousStatus.VALID,
        "previous_accredited": True,
        "previous_open_majors": False,
        "previous_own_fault": False,
    }
    return answers(**facts | changed)


def empty_draft(cast, *, schemes=("iso-9001-2015",), who="owner", body="body"):
    """Begin a draft in which nothing but kind, standards and body is chosen."""
    return application_start(
        actor=cast.actor(who),
        kind=ApplicationKind.INITIAL,
        schemes=[edition(key) for key in schemes],
        body=getattr(cast, body) if body else None,
    )


def complete_draft(cast, *, schemes=("iso-9001-2015",), who="owner", **changed):
    """Make a draft that can be sent."""
    actor = cast.actor(who)
    licensed(cast, actor.organisation, who)
    application = empty_draft(cast, schemes=schemes, who=who)
    given = answers(**changed)
    if len(schemes) > 1:
        given["integration"] = IntegrationLevel.FULL
    application_answer(application=application, actor=actor, answers=given)
    attach(cast, application, who=who)
    return application


def attach(cast, application, *, kind=DocumentKind.MANUAL, name="manual.pdf", who="owner"):
    return application_attach(
        application=application, actor=cast.actor(who), kind=kind, given=pdf(name)
    )


def send(cast, application, who="owner"):
    """Send a draft with the declaration ticked and return it."""
    return perform(APPLICATION_FLOW, application, "submit", cast.actor(who), declared=True)


def sent_application(cast, *, who="owner", **facts):
    """Make an application that a body has received."""
    return send(cast, complete_draft(cast, who=who, **facts), who)


def step_url(application, slug):
    return reverse("certification:application_step", args=[application.pk, slug])


def errors_of(response) -> dict:
    """Return the errors of the form that an answer shows."""
    return {name: list(found) for name, found in response.context["form"].errors.items()}


def scope(**given) -> dict:
    """Return what the page of the scope posts, empty but for what is given."""
    fields = ("scope_zh", "scope_en", "processes", "outsourced", "legal_obligations", "exclusions")
    return dict.fromkeys(fields, "") | given
