"""The questions of an application: on which page each stands, and what it is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certification.enums import ApplicationKind


@dataclass(frozen=True)
class Step:
    """One page of the application: a group of questions that belong together."""

    slug: str
    title: Any
    fields: tuple[str, ...]
    hint: Any = ""


STEPS = (
    Step("certification", _("Certification wanted"), ("kind", "schemes", "areas", "body")),
    Step(
        "organisation",
        _("Your organisation"),
        (
            "name",
            "identifier",
            "address",
            "region",
            "legal_representative",
            "licence",
            "licence_valid_until",
            "listing",
        ),
        _("Taken from what your organisation has registered."),
    ),
    Step("sites", _("Sites and people"), ("sites",)),
    Step(
        "scope",
        _("Scope and processes"),
        ("scope_zh", "scope_en", "exclusions", "processes", "outsourced", "legal_obligations"),
    ),
    Step(
        "system",
        _("Management system"),
        (
            "system_since",
            "internal_audit_on",
            "management_review_on",
            "integration",
            "consultancy_used",
            "consultancy_by",
            "consultancy_until",
            "languages",
            "remote_possible",
            "safety_conditions",
            "wished_month",
        ),
    ),
    Step(
        "history",
        _("Earlier certificate"),
        (
            "had_certificate",
            "previous_number",
            "previous_body",
            "previous_expires_on",
            "previous_accredited",
            "previous_status",
            "previous_open_majors",
            "previous_own_fault",
            "withdrawn_on",
            "previous_body_lost_on",
        ),
    ),
    Step("documents", _("Documents"), ("documents",)),
    Step("contact", _("Contact"), ("contact_name", "contact_phone", "contact_email")),
)

LABELS: dict[str, str | Promise] = {
    "kind": _("Kind of application"),
    "schemes": _("Standards"),
    "areas": _("Technical areas"),
    "body": _("Certification body"),
    "name": _("Legal name"),
    "identifier": _("Identifier"),
    "address": _("Registered address"),
    "region": _("Region code"),
    "legal_representative": _("Legal representative"),
    "licence": _("Business licence"),
    "licence_valid_until": _("Licence valid until"),
    "listing": _("Dishonesty list"),
    "sites": _("Sites"),
    "scope_zh": _("Scope in Chinese"),
    "scope_en": _("Scope in English"),
    "exclusions": _("Requirements that do not apply, and why"),
    "processes": _("Main processes"),
    "outsourced": _("Outsourced processes"),
    "legal_obligations": _("Laws and permits that apply"),
    "system_since": _("Management system in operation since"),
    "internal_audit_on": _("Last internal audit"),
    "management_review_on": _("Last management review"),
    "integration": _("Integration of the systems"),
    "consultancy_used": _("Consultancy used"),
    "consultancy_by": _("Consultancy by"),
    "consultancy_until": _("Consultancy ended"),
    "languages": _("Languages of the audit"),
    "remote_possible": _("Remote audit possible"),
    "safety_conditions": _("Safety conditions on site"),
    "wished_month": _("Wished month of the audit"),
    "had_certificate": _("Certificate before"),
    "previous_number": _("Certificate number"),
    "previous_body": _("Issued by"),
    "previous_expires_on": _("Expires on"),
    "previous_accredited": _("Accredited"),
    "previous_status": _("Its status"),
    "previous_open_majors": _("Major nonconformities open"),
    "previous_own_fault": _("Suspended or withdrawn for your own fault"),
    "withdrawn_on": _("Suspended or withdrawn on"),
    "previous_body_lost_on": _("Its body lost the approval on"),
    "documents": _("Documents"),
    "contact_name": _("Contact person"),
    "contact_phone": _("Telephone"),
    "contact_email": _("E-mail address"),
}

DECLARATION = _(
    "I declare for my organisation that these answers are true and complete, and that we will "
    "give the body access to what it needs for the audit."
)

_STEP_OF = {field: step for step in STEPS for field in step.fields}
_BY_SLUG = {step.slug: step for step in STEPS}

# Facts of the organisation and files are no columns of the application.
ELSEWHERE = frozenset({*_BY_SLUG["organisation"].fields, "schemes", "areas", "sites", "documents"})
ANSWERS = tuple(field for field in LABELS if field not in ELSEWHERE)

# Those who apply for these kinds hold a certificate, by the nature of the kind.
HOLDERS = (
    ApplicationKind.TRANSFER,
    ApplicationKind.RECERTIFICATION,
    ApplicationKind.EXTENSION,
    ApplicationKind.CHANGE,
)


def holds_certificate(facts: Mapping) -> bool:
    """Tell whether the applicant holds or held a certificate for what it applies for."""
    return facts["kind"] in HOLDERS or facts["had_certificate"] is True


def is_asked(field: str, facts: Mapping) -> bool:
    """Tell whether a question arises, given the other answers."""
    if field == "integration":
        return len(facts["schemes"]) > 1
    if field == "had_certificate":
        return facts["kind"] not in HOLDERS
    if field in {"consultancy_by", "consultancy_until"}:
        return facts["consultancy_used"] is True
    if field == "withdrawn_on":
        return holds_certificate(facts) and facts["previous_own_fault"] is True
    if field.startswith("previous_"):
        return holds_certificate(facts)
    return True


def step_named(slug: str) -> Step:
    """Return a step by its slug. Raises KeyError."""
    return _BY_SLUG[slug]


def step_of(field: str) -> Step:
    """Return the step on which a question stands. Raises KeyError."""
    return _STEP_OF[field]


def step_after(step: Step) -> Step | None:
    """Return the step that follows, or None after the last."""
    position = STEPS.index(step) + 1
    return STEPS[position] if position < len(STEPS) else None


def address(application, field: str, back: str = "") -> str:
    """Return the address of the place where a question is answered.

    ``back`` names the page to return to: ``check`` or ``list``.
    """
    page = reverse("certification:application_step", args=[application.pk, step_of(field).slug])
    query = f"?back={back}" if back else ""
    return f"{page}{query}#div_id_{field}"


def field_choices() -> list[tuple[Any, list[tuple[str, Any]]]]:
    """Return all questions as choices, grouped by step: what a reviewer can ask about."""
    return [(step.title, [(field, LABELS[field]) for field in step.fields]) for step in STEPS]
