"""What an application still needs before it can be submitted: one source for tasks and guard.

ISO/IEC 17021-1:2015 9.1.1 lists what an applicant has to say; periods come from the rule set of
the enterprise's country.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from certification.enums import (
    ApplicationKind,
    ApplicationStatus,
    DocumentKind,
    PreviousStatus,
)
from certification.models import Application
from certification.queries.dossiers import Dossier, dossier_of
from certification.questions import (
    ELSEWHERE,
    LABELS,
    STEPS,
    Step,
    address,
    holds_certificate,
    is_asked,
    step_of,
)
from certification.services.transfers import issued_elsewhere
from foundation.calendar import add_months
from foundation.formatting import day
from foundation.workflow import Blocker
from organisations.enums import BodyStatus
from organisations.identifiers import clean_identifier
from organisations.models import DishonestyListing
from schemes.queries import approvals_in_force

DONE, STARTED, TODO, PROBLEM = "done", "started", "todo", "problem"
_OPEN = (
    ApplicationStatus.SUBMITTED,
    ApplicationStatus.IN_REVIEW,
    ApplicationStatus.RETURNED,
    ApplicationStatus.ACCEPTED,
    ApplicationStatus.OFFERED,
)
_OVER = (PreviousStatus.WITHDRAWN, PreviousStatus.CANCELLED)
# A first answer is already there when a draft begins; it says nothing about progress.
_PRESET = frozenset({"kind", "integration"})


@dataclass(frozen=True)
class Need:
    """One thing that keeps an application from being complete.

    ``wrong`` tells an answer that was given but cannot stand from one that is missing.
    """

    field: str
    message: str
    wrong: bool = False


@dataclass(frozen=True)
class Task:
    """One step with its state: done, started, todo or problem."""

    step: Step
    state: str
    needs: tuple[Need, ...]


def needs_of(application: Application, dossier: Dossier | None = None) -> list[Need]:
    """Return everything that is missing or wrong, in the order of the steps."""
    dossier = dossier or dossier_of(application)
    return [need for step in STEPS for need in _CHECKS[step.slug](dossier)]


def blockers_of(application: Application) -> list[Blocker]:
    """Return the needs with the places that cure them."""
    return [
        Blocker(need.message, address(application, need.field), need.field)
        for need in needs_of(application)
    ]


def tasks_of(application: Application, dossier: Dossier | None = None) -> list[Task]:
    """Return the steps with their states."""
    dossier = dossier or dossier_of(application)
    needs = needs_of(application, dossier)
    tasks = []
    for step in STEPS:
        own = tuple(need for need in needs if step_of(need.field) is step)
        if not own:
            state = DONE
        elif any(need.wrong for need in own):
            state = PROBLEM
        else:
            state = STARTED if _has_begun(step, dossier) else TODO
        tasks.append(Task(step, state, own))
    return tasks


def _has_begun(step: Step, dossier: Dossier) -> bool:
    if step.slug == "organisation":
        return True
    held = {"schemes": dossier.schemes, "sites": dossier.sites, "documents": dossier.documents}
    values = [
        getattr(dossier.application, name) if name not in ELSEWHERE else held.get(name)
        for name in step.fields
        if name not in _PRESET
    ]
    return any(value not in (None, "", []) for value in values)


def _facts(dossier: Dossier) -> dict:
    """Return what decides which questions arise."""
    application = dossier.application
    return {
        "kind": application.kind,
        "schemes": dossier.schemes,
        "had_certificate": application.had_certificate,
        "consultancy_used": application.consultancy_used,
        "previous_own_fault": application.previous_own_fault,
    }


def _missing(field: str) -> Need:
    return Need(field, _("Answer “%(question)s”.") % {"question": LABELS[field]})


def _unanswered(dossier: Dossier, fields) -> Iterator[Need]:
    facts = _facts(dossier)
    for field in fields:
        if is_asked(field, facts) and getattr(dossier.application, field) in (None, "", []):
            yield _missing(field)


def _certification(dossier: Dossier) -> Iterator[Need]:
    if not dossier.schemes:
        yield Need("schemes", _("Choose at least one standard."))
    for row in dossier.schemes:
        if not row.edition.holds_on(dossier.today):
            message = _("%(standard)s is not in force any more. Choose the present edition.")
            yield Need("schemes", message % {"standard": row.edition}, wrong=True)
    if any(not row.areas.all() for row in dossier.schemes):
        yield Need("areas", _("Choose the technical areas you work in."))
    if dossier.body is None:
        yield Need("body", _("Choose a certification body."))
    else:
        yield from _body(dossier)


def _body(dossier: Dossier) -> Iterator[Need]:
    body = dossier.body
    profile = getattr(body, "body_profile", None)
    lasting = profile is not None and profile.approval_lasts(dossier.today)
    if not lasting or profile.status != BodyStatus.APPROVED:
        message = _("%(body)s is not approved at present. Choose another body.")
        yield Need("body", message % {"body": body.name}, wrong=True)
        return
    yield from _approval(dossier)
    for other in _twins(dossier):
        message = _("Your application %(number)s to the same body for the same standard is open.")
        yield Need("body", message % {"number": other.number}, wrong=True)


def _approval(dossier: Dossier) -> Iterator[Need]:
    held = approved_areas(dossier.body, dossier.today)
    for row in dossier.schemes:
        facts = {"body": dossier.body.name, "standard": row.edition}
        if row.scheme_id not in held:
            message = _("%(body)s is not approved for %(standard)s.")
            yield Need("body", message % facts, wrong=True)
            continue
        for area in row.areas.all():
            if area.pk not in held[row.scheme_id]:
                message = _("%(body)s is not approved for %(standard)s in the area “%(area)s”.")
                yield Need("areas", message % {**facts, "area": area}, wrong=True)


def approved_areas(body, on: date) -> dict:
    """Map each scheme a body is approved for on a day to the keys of the areas approved."""
    held: dict = {}
    for row in approvals_in_force(on).filter(body=body).prefetch_related("areas"):
        held.setdefault(row.scheme_id, set()).update(area.pk for area in row.areas.all())
    return held


def _twins(dossier: Dossier):
    """Return open applications of the same kind to the same body that name a same scheme."""
    application = dossier.application
    rows = Application.objects.filter(
        enterprise=dossier.enterprise,
        body=dossier.body,
        kind=application.kind,
        status__in=_OPEN,
        schemes__scheme__in=[row.scheme_id for row in dossier.schemes],
    )
    return rows.exclude(pk=application.pk).distinct()


def _organisation(dossier: Dossier) -> Iterator[Need]:
    enterprise = dossier.enterprise
    if dossier.is_chinese and not enterprise.name_zh:
        yield Need("name", _("The legal name in Chinese is missing."))
    try:
        clean_identifier(str(enterprise.country), enterprise.identifier)
    except ValidationError as error:
        yield Need("identifier", " ".join(error.messages), wrong=True)
    if not (enterprise.address_zh or enterprise.address_en):
        yield Need("address", _("The registered address is missing."))
    if dossier.is_chinese and not enterprise.region:
        yield Need("region", _("The region code is missing."))
    if not enterprise.legal_representative:
        yield Need("legal_representative", _("The legal representative is missing."))
    if not dossier.licences:
        yield Need("licence", _("The business licence is not attached."))
    limit = enterprise.licence_valid_until
    if limit is not None and limit < dossier.today:
        message = _("The business licence ran out on %(date)s.")
        yield Need("licence_valid_until", message % {"date": day(limit)}, wrong=True)
    if _is_listed(enterprise):
        message = _(
            "Your organisation is on a list of seriously dishonest organisations. "
            "An application is possible once it is removed."
        )
        yield Need("listing", message, wrong=True)


def _is_listed(enterprise) -> bool:
    rows = DishonestyListing.objects.filter(identifier=enterprise.identifier, removed_on=None)
    return rows.exists()


def _sites(dossier: Dossier) -> Iterator[Need]:
    if not dossier.sites:
        yield Need("sites", _("Choose at least one site."))
    for site in dossier.sites:
        if not site.active:
            message = _("The site “%(site)s” is not in use any more.")
            yield Need("sites", message % {"site": site.name}, wrong=True)
        elif not site.headcount:
            message = _("State how many people work at “%(site)s”.")
            yield Need("sites", message % {"site": site.name})
        elif not (site.address_zh or site.address_en):
            message = _("State the address of “%(site)s”.")
            yield Need("sites", message % {"site": site.name})
    if len(dossier.sites) > 1 and not any(site.is_central for site in dossier.sites):
        yield Need("sites", _("Of several sites, one must be the central function."))


def _scope(dossier: Dossier) -> Iterator[Need]:
    application = dossier.application
    if dossier.is_chinese and not application.scope_zh:
        yield _missing("scope_zh")
    elif not application.scope:
        yield _missing("scope_en")
    yield from _unanswered(dossier, ("processes", "outsourced", "legal_obligations"))


def _system(dossier: Dossier) -> Iterator[Need]:
    application, today = dossier.application, dossier.today
    yield from _unanswered(
        dossier,
        (
            "system_since",
            "integration",
            "consultancy_used",
            "consultancy_by",
            "languages",
            "remote_possible",
            "safety_conditions",
        ),
    )
    months = _longest(dossier, "system_run_months")
    since = application.system_since
    if since is not None and months and (ready := add_months(since, months)) > today:
        message = _(
            "The management system must have been in operation for %(months)s months. "
            "You can apply from %(date)s."
        )
        facts = {"months": months, "date": day(ready)}
        yield Need("system_since", message % facts, wrong=True)
    wish = application.wished_month
    if wish is not None and (wish.year, wish.month) < (today.year, today.month):
        message = _("The wished month of the audit has passed. Choose a later one.")
        yield Need("wished_month", message, wrong=True)


def _longest(dossier: Dossier, key: str) -> int:
    """Return the longest period in months that the schemes applied for ask for."""
    codes = [row.scheme.code for row in dossier.schemes] or [""]
    return max(dossier.rules.value(key, code) or 0 for code in codes)


def _history(dossier: Dossier) -> Iterator[Need]:
    application = dossier.application
    if not holds_certificate(_facts(dossier)):
        yield from _unanswered(dossier, ("had_certificate",))
        return
    always = ("previous_number", "previous_body", "previous_expires_on", "previous_status")
    yield from _unanswered(dossier, (*always, "previous_own_fault", "withdrawn_on"))
    if application.kind == ApplicationKind.TRANSFER:
        yield from _unanswered(dossier, ("previous_accredited", "previous_open_majors"))
        yield from _transfer(dossier)
    if application.kind == ApplicationKind.RECERTIFICATION:
        yield from _recertification(dossier)
    yield from _waiting(dossier, "withdrawn_on", "own_fault_months")
    yield from _waiting(dossier, "previous_body_lost_on", "body_lost_approval_months")


def _transfer(dossier: Dossier) -> Iterator[Need]:
    """Yield what rules a transfer out (IAF MD 2:2017)."""
    application = dossier.application
    expiry = application.previous_expires_on
    if expiry is not None and expiry < dossier.today:
        message = _("The certificate has expired; an expired one cannot be transferred.")
        yield Need("previous_expires_on", message, wrong=True)
    if application.previous_accredited is False:
        message = _("Only an accredited certificate can be transferred.")
        yield Need("previous_accredited", message, wrong=True)
    if application.previous_status not in ("", PreviousStatus.VALID):
        message = _("Only a valid certificate can be transferred.")
        yield Need("previous_status", message, wrong=True)
    if application.previous_open_majors:
        message = _("Close the major nonconformities with the present body first.")
        yield Need("previous_open_majors", message, wrong=True)


def _recertification(dossier: Dossier) -> Iterator[Need]:
    """Yield why nothing can be renewed and another application is due (9.6.3.2.5, IAF MD 2)."""
    application = dossier.application
    if application.previous_status in _OVER:
        message = _("It cannot be renewed any more: apply for an initial certification.")
        yield Need("previous_status", message, wrong=True)
    expiry = application.previous_expires_on
    if expiry is not None and expiry < dossier.today:
        until = add_months(expiry, _longest(dossier, "restoration_months") or 0)
        if until < dossier.today:
            message = _("It expired on %(date)s: apply for an initial certification.")
            yield Need("previous_expires_on", message % {"date": day(expiry)}, wrong=True)
    if application.body_id is not None and issued_elsewhere(application) is not None:
        message = _("Another body issued this certificate: apply for a transfer.")
        yield Need("previous_number", message, wrong=True)


def _waiting(dossier: Dossier, field: str, key: str) -> Iterator[Need]:
    """Yield the need to wait for some months after the date in a field."""
    application = dossier.application
    since, months = getattr(application, field), _longest(dossier, key)
    if since is None or not is_asked(field, _facts(dossier)) or not months:
        return
    until = add_months(since, months)
    if until > dossier.today:
        message = _("%(months)s months have to pass first. You can apply from %(date)s.")
        yield Need(field, message % {"months": months, "date": day(until)}, wrong=True)


def _documents(dossier: Dossier) -> Iterator[Need]:
    held = {row.label for row in dossier.documents}
    wanted = [DocumentKind.MANUAL]
    if dossier.application.kind == ApplicationKind.TRANSFER:
        wanted += [DocumentKind.CERTIFICATE, DocumentKind.REPORT]
    for kind in wanted:
        if kind not in held:
            yield Need("documents", _("Attach: %(document)s.") % {"document": kind.label})


def _contact(dossier: Dossier) -> Iterator[Need]:
    yield from _unanswered(dossier, ("contact_name", "contact_phone", "contact_email"))


_CHECKS = {
    "certification": _certification,
    "organisation": _organisation,
    "sites": _sites,
    "scope": _scope,
    "system": _system,
    "history": _history,
    "documents": _documents,
    "contact": _contact,
}
