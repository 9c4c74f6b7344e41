"""Applications: the list, the page shared by all parties, checking, sending, the receipt."""

from itertools import pairwise

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from certification.enums import ApplicationStatus
from certification.flows.applications import APPLICATION_FLOW
from certification.forms.applications import DeclarationForm
from certification.models import Application
from certification.queries import progress
from certification.queries.complaints import with_appeals
from certification.queries.completeness import tasks_of
from certification.queries.dossiers import copies_of, dossier_of
from certification.queries.punctuality import reviews_kept
from certification.queries.review import current_offer, offers_for
from certification.queries.snapshots import differences, snapshot_of
from certification.questions import LABELS, address
from certification.services.applications import copy_request
from certification.views.application_facts import fact_groups
from certification.views.application_steps import own_application, task_rows
from foundation import journal, timeline
from foundation.access import IS_OPERATOR, needs
from foundation.models.base import in_language
from foundation.views.transitions import TransitionView
from organisations.enums import Role
from organisations.rights import ACTS, BODY_DESK, ENTERPRISE, IN_ENTERPRISE
from schemes.queries import rule_book_for

RECENT = 8
SEES = IS_OPERATOR | ACTS


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
    with_appeals([found], actor, lambda row: row.status == ApplicationStatus.DECLINED)
    context = {
        "application": found,
        "schemes": _schemes(found, versions),
        "is_own": own,
        "client_people": _client_people(found, actor),
        "drafts": drafts,
        "entries": timeline.lines(entries if "history" in request.GET else entries[:RECENT]),
        "hidden": len(entries) > RECENT and "history" not in request.GET,
        "steps": progress.tracker(found, actor, entries) if versions else [],
        "next_steps": progress.next_steps(found, actor, _promise(found)),
        "requests": [_request(found, row, own) for row in requests],
        "offers": offers_for(found, actor),
        "versions": _copies(versions, actor),
        "read": read,
        "groups": fact_groups(read.snapshot) if read else [],
        **changes,
        **_acts(found, actor, requests, changes["changes"], drafts=drafts),
    }
    return render(request, "certification/application.html", context)


def _client_people(found, actor) -> list:
    """Return for the body's desk who is written to at the enterprise."""
    return found.enterprise.people(Role.OWNER, Role.MEMBER) if BODY_DESK(actor, found) else []


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


def _promise(found) -> progress.Promise:
    today, country = timezone.localdate(), str(found.enterprise.country)
    limit = rule_book_for(country, today).limit("review_working_days")
    kept = reviews_kept(found.body_id, country, limit, today) if found.body_id else None
    return progress.Promise(limit.value, kept)


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
    first = next((row for row in available if row.transition.is_awaited(found)), None)
    return {
        "todo": _awaited(found, first) if first else progress.idle(found, actor),
        "others": [row for row in available if row is not first],
    }


def _awaited(found, available) -> progress.Todo:
    transition = available.transition
    url = reverse("certification:application_do", args=[found.pk, transition.action])
    if found.status == ApplicationStatus.IN_REVIEW and transition.action != "approve_time":
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
        "next_steps": progress.next_steps(found, request.actor, _promise(found)),
        "copy": _copies([version], request.actor)[0],
    }
    return render(request, "certification/application_receipt.html", context)


def _copies(versions, actor) -> list[dict]:
    """Return each version with its PDF, or with the job that makes it."""
    copies = copies_of(versions, actor)
    rows = []
    for version in versions:
        copy = copies[version.pk]
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
