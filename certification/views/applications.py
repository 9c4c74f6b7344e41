"""Applications: the list, the page shared by all parties, checking, sending, the receipt."""

from itertools import pairwise

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from certification.enums import ApplicationStatus
from certification.flows.applications import APPLICATION_FLOW
from certification.forms.application_list import ApplicationFilter
from certification.forms.applications import DeclarationForm
from certification.models import Application
from certification.queries import progress
from certification.queries.completeness import tasks_of
from certification.queries.dossiers import copies_of, dossier_of
from certification.queries.review import current_offer, offers_for
from certification.queries.snapshots import differences, snapshot_of
from certification.questions import LABELS, address
from certification.services.applications import copy_request
from certification.views.application_facts import fact_groups
from certification.views.application_steps import own_application, task_rows
from foundation import jobs, journal, timeline
from foundation.access import IS_OPERATOR, needs
from foundation.exports import csv_response
from foundation.models.base import in_language
from foundation.tables import Column
from foundation.views.transitions import TransitionView
from organisations.enums import Kind, Role
from organisations.rights import ACTS, ENTERPRISE, IN_ENTERPRISE
from schemes.queries import rule_book_for

PER_PAGE = 50
RECENT = 8
SEES = IS_OPERATOR | ACTS
_CELLS = "certification/application_cells"
_MAIN = Column(
    gettext_lazy("Application"), template=f"{_CELLS}/main.html", main=True, sort="number"
)
_STATUS = Column(gettext_lazy("Status"), template=f"{_CELLS}/status.html")
_NEXT = Column(gettext_lazy("Next step"), field="next_step")
_DUE = Column(gettext_lazy("Due"), template=f"{_CELLS}/due.html", sort="review_due_on")
_CHANGED = Column(gettext_lazy("Changed"), template=f"{_CELLS}/changed.html", sort="changed_at")
ENTERPRISE_COLUMNS = (
    _MAIN,
    Column(gettext_lazy("Certification body"), template=f"{_CELLS}/body.html"),
    _STATUS,
    _NEXT,
    _CHANGED,
)
BODY_COLUMNS = (
    Column(gettext_lazy("Client"), template=f"{_CELLS}/client.html", main=True, sort="number"),
    _STATUS,
    _NEXT,
    _DUE,
    Column(gettext_lazy("Reviewer"), template=f"{_CELLS}/reviewer.html"),
)


def _filtered(request) -> ApplicationFilter:
    rows = (
        Application.objects.visible_to(request.actor)
        .select_related("enterprise", "body", "reviewer")
        .prefetch_related("schemes__edition")
    )
    return ApplicationFilter(request.GET, queryset=rows, actor=request.actor)


def _next_step(application, actor) -> str:
    """Return what is expected next: the reader's own act, or whom it waits for."""
    awaited = [
        row
        for row in APPLICATION_FLOW.transitions
        if row.awaited and application.status in row.sources
    ]
    for row in awaited:
        if row.right(actor, application):
            return row.task or row.title
    if not awaited:
        return ""
    owners = awaited[0].right.roles & {Role.OWNER, Role.MEMBER}
    return _("Waiting for the applicant") if owners else _("Waiting for the body")


@require_safe
@needs(SEES)
def application_list(request):
    """List the applications the actor may see: one's own, or those received."""
    found = _filtered(request)
    page = Paginator(found.rows(), PER_PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    for row in page:
        row.next_step = _next_step(row, request.actor)
        row.standards = [item.edition.local_designation(today) for item in row.schemes.all()]
    counts = found.counts()
    enterprise = request.actor.kind == Kind.ENTERPRISE
    context = {
        "page": page,
        "columns": ENTERPRISE_COLUMNS if enterprise else BODY_COLUMNS,
        "filter": found,
        "is_enterprise": enterprise,
        "is_filtered": any(request.GET.get(name) for name in ("q", "kind", "scheme")),
        "views": [
            {"key": view.key, "label": view.label, "count": counts[view.key],
             "hot": view.hot and counts[view.key], "current": view is found.view}
            for view in found.views
        ],
    }  # fmt: skip
    return render(request, "certification/application_list.html", context)


@require_safe
@needs(SEES)
def application_export(request):
    """Export exactly what the list shows, all pages of it."""
    header = (
        _("Number"),
        _("Kind"),
        _("Standards"),
        _("Enterprise"),
        _("Identifier"),
        _("Certification body"),
        _("Status"),
        _("Next step"),
        _("Sent"),
        _("Due"),
        _("Reviewer"),
    )
    today = timezone.localdate()
    actor = request.actor
    lines = (
        (
            row.number,
            row.get_kind_display(),
            ", ".join(item.edition.designations(today) for item in row.schemes.all()),
            row.enterprise.name,
            row.enterprise.identifier,
            row.body.name if row.body else "",
            row.get_status_display(),
            _next_step(row, actor),
            timezone.localdate(row.submitted_at).isoformat() if row.submitted_at else "",
            row.due_on.isoformat() if row.due_on else "",
            row.reviewer.name if row.reviewer and actor.kind == Kind.BODY else "",
        )
        for row in _filtered(request).rows().iterator(chunk_size=500)
    )
    return csv_response("applications", header, lines)


@require_safe
@needs(SEES)
def application(request, pk):
    """Show one application to every party, each with its own actions and visibility."""
    rows = Application.objects.visible_to(request.actor).select_related(
        "enterprise", "body", "reviewer", "case", "created_by"
    )
    found = get_object_or_404(rows, pk=pk)
    actor = request.actor
    entries = list(journal.history(found.journal_thread, actor))
    versions = list(found.versions.select_related("submitted_by"))
    own = bool(ENTERPRISE(actor, found))
    drafts = own and found.is_editable
    requests = progress.open_requests(found)
    wanted = request.GET.get("version", "")
    shown = next((row for row in versions if str(row.version) == wanted), None)
    changes = _changes(found, versions, shown, drafts=drafts)
    read = shown or (versions[-1] if versions and not drafts else None)
    context = {
        "application": found,
        "schemes": _schemes(found, versions),
        "is_own": own,
        "drafts": drafts,
        "entries": timeline.lines(entries if "history" in request.GET else entries[:RECENT]),
        "hidden": len(entries) > RECENT and "history" not in request.GET,
        "steps": progress.tracker(found, actor, entries) if versions else [],
        "next_steps": progress.next_steps(found, actor, _review_days(found)),
        "requests": [_request(found, row, own) for row in requests],
        "offers": offers_for(found, actor),
        "versions": _copies(versions, actor),
        "read": read,
        "groups": fact_groups(read.snapshot) if read else [],
        **changes,
        **_acts(found, actor, requests, changes["changes"], drafts=drafts),
    }
    return render(request, "certification/application.html", context)


def _schemes(found, versions) -> list[dict]:
    """Return title and standard of each scheme, as sent or as drafted."""
    if versions:
        return [
            {"title": in_language(row["zh"], row["en"]), "standard": row["designation"]}
            for row in versions[-1].snapshot["schemes"]
        ]
    today = timezone.localdate()
    return [
        {"title": row.scheme.title, "standard": row.edition.designations(today)}
        for row in found.schemes.select_related("scheme", "edition")
    ]


def _review_days(found) -> int:
    book = rule_book_for(str(found.enterprise.country), timezone.localdate())
    return book.value("review_working_days")


def _request(found, row, own: bool) -> dict:
    return {
        "label": LABELS.get(row.field, row.field),
        "reason": row.reason,
        "url": address(found, row.field, "list") if own else "",
    }


def _changes(found, versions, shown, *, drafts: bool) -> dict:
    """Return the differences the page shows: of the draft, of the version shown, or the last."""
    if drafts and versions and shown is None:
        last = versions[-1]
        changes = differences(last.snapshot, snapshot_of(found))
        return {"changes": changes, "before": last.version, "after": None}
    pairs = {after.version: (before, after) for before, after in pairwise(versions)}
    latest = versions[-1].version if versions else 0
    pair = pairs.get(shown.version if shown else latest)
    if pair is None:
        return {"changes": None}
    before, after = pair
    return {
        "changes": differences(before.snapshot, after.snapshot),
        "before": before.version,
        "after": after.version,
    }


def _acts(found, actor, requests, changes, *, drafts: bool) -> dict:
    """Return what this actor does now, and the acts besides."""
    available = APPLICATION_FLOW.actions_for(found, actor)
    if drafts:
        changed = {change.field for change in changes or ()}
        unanswered = [row for row in requests if row.field not in changed]
        tasks = tasks_of(found, dossier_of(found))
        return {
            "todo": progress.drafting(found, actor, tasks, unanswered),
            "others": [row for row in available if row.transition.action != "submit"],
            "tasks": task_rows(found, tasks, {row.field for row in unanswered}),
        }
    first = next((row for row in available if row.transition.awaited), None)
    return {
        "todo": _awaited(found, first) if first else progress.idle(found, actor),
        "others": [row for row in available if row is not first],
    }


def _awaited(found, available) -> progress.Todo:
    transition = available.transition
    url = reverse("certification:application_do", args=[found.pk, transition.action])
    if found.status == ApplicationStatus.IN_REVIEW:
        url = reverse("certification:review", args=[found.pk])
        return progress.Todo(
            _("Review the application"),
            _("Judge each point, compute the audit time, then accept, return or decline."),
            url,
            _("Go on with the review"),
            due=found.due_on,
        )
    if transition.action == "sign":
        return progress.Todo(
            _("Read the offer, then sign or reject it"),
            _("The fees and the audit time, line by line, stand in one place."),
            current_offer(found).get_absolute_url(),
            _("Read the offer"),
            due=current_offer(found).valid_until,
        )
    return progress.Todo(
        transition.title, transition.explain, url, transition.title, due=found.due_on
    )


@require_safe
@needs(IN_ENTERPRISE)
def application_check(request, pk):
    """Show all answers once more before they are sent; only an owner gets the button."""
    found = own_application(request, pk)
    if not found.is_editable:
        return redirect(found)
    transition = APPLICATION_FLOW.find(found.status, "submit")
    blockers = transition.blockers(found, request.actor)
    form = None
    if transition.right(request.actor, found):
        form = DeclarationForm(obj=found, actor=request.actor, transition=transition)
    return render(
        request,
        "certification/application_check.html",
        check_context(found, transition) | {"form": form, "blockers": blockers},
    )


def check_context(found, transition) -> dict:
    """Return what the page of all answers shows."""
    return {
        "object": found,
        "application": found,
        "transition": transition,
        "groups": fact_groups(snapshot_of(found), found, "check"),
        "owners": found.enterprise.people(Role.OWNER),
    }


@method_decorator(needs(ACTS), name="dispatch")
class ApplicationTransitionView(TransitionView):
    """The page of each act on an application that has no page of its own."""

    flow = APPLICATION_FLOW
    forms = {"submit": DeclarationForm}
    templates = {"submit": "certification/application_check.html"}

    def get_object(self):
        rows = Application.objects.visible_to(self.request.actor)
        return get_object_or_404(
            rows.select_related("enterprise", "body", "reviewer"), pk=self.kwargs["pk"]
        )

    def success_url(self, obj):
        sent = self.kwargs["action"] == "submit" and obj.status == ApplicationStatus.SUBMITTED
        return (
            reverse("certification:application_receipt", args=[obj.pk])
            if sent
            else (obj.get_absolute_url())
        )

    def get_context(self, obj, transition):
        return check_context(obj, transition) if transition.action == "submit" else {}

    def refuse(self, obj, refusal):
        """Sending twice is sending once: lead to the receipt."""
        obj.refresh_from_db()
        if self.kwargs["action"] == "submit" and obj.status == ApplicationStatus.SUBMITTED:
            return redirect(self.success_url(obj))
        return super().refuse(obj, refusal)


@require_safe
@needs(IN_ENTERPRISE)
def application_receipt(request, pk):
    """Confirm what was sent, under which number, and what happens next."""
    found = own_application(request, pk)
    version = found.versions.order_by("version").last()
    if version is None:
        raise Http404
    context = {
        "application": found,
        "version": version,
        "next_steps": progress.next_steps(found, request.actor, _review_days(found)),
        "copy": _copies([version], request.actor)[0],
    }
    return render(request, "certification/application_receipt.html", context)


def _copies(versions, actor) -> list[dict]:
    """Return each version with its PDF, or with the job that makes it."""
    copies = copies_of(versions, actor)
    rows = []
    for version in versions:
        copy = copies[version.pk]
        if copy.job is not None:
            copy.job.title, copy.job.message = jobs.title_of(copy.job), copy.job.error
        rows.append({"version": version, "file": copy.file, "job": copy.job})
    return rows


@require_POST
@needs(SEES)
def application_copy(request, pk, version):
    """Ask for the PDF of a sent version and lead to the page that shows it."""
    found = get_object_or_404(Application.objects.visible_to(request.actor), pk=pk)
    row = get_object_or_404(found.versions, version=version)
    copy_request(version=row, actor=request.actor)
    own = ENTERPRISE(request.actor, found)
    return redirect("certification:application_receipt", pk=pk) if own else redirect(found)
