from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from certification.enums import CaseStatus
from certification.models import Case
from foundation import timeline
from foundation.access import needs
from foundation.exports import csv_response
from foundation.tables import Column
from organisations.rights import ACTS, BODY_DESK
from portal import tracking

PER_PAGE = 50
RECENT = 8
COLUMNS = (
    Column(_("Case"), template="portal/cells/case.html", main=True),
    Column(_("Certification body"), field="body.name"),
    Column(_("Status"), template="portal/cells/case_status.html"),
    Column(_("Opened"), template="foundation/cells/created.html", sort="created_at"),
)


def _filtered(request):
    """Return (rows, status, words) of the list as the address asks for it."""
    rows = Case.objects.visible_to(request.actor).select_related("enterprise", "body")
    status = request.GET.get("status", "")
    if status in CaseStatus.values:
        rows = rows.filter(status=status)
    words = request.GET.get("q", "").strip()
    if words:
        rows = rows.filter(
            Q(number__icontains=words)
            | Q(enterprise__name_zh__icontains=words)
            | Q(enterprise__name_en__icontains=words)
        )
    order = request.GET.get("sort", "")
    order = order if order.removeprefix("-") == "created_at" else "-created_at"
    return rows.order_by(order), status, words


@require_safe
@needs(ACTS)
def case_list(request):
    """List the cases the actor may see, with search and status in the address."""
    rows, status, words = _filtered(request)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "columns": COLUMNS,
        "statuses": CaseStatus.choices,
        "status": status,
        "q": words,
    }
    return render(request, "portal/cases.html", context)


@require_safe
@needs(ACTS)
def case_export(request):
    """Export exactly what the list shows, all pages of it."""
    rows, _status, _words = _filtered(request)
    header = (_("Case"), _("Enterprise"), _("Certification body"), _("Status"), _("Opened"))
    lines = (
        (
            row.number,
            row.enterprise.name,
            row.body.name,
            row.get_status_display(),
            timezone.localdate(row.created_at).isoformat(),
        )
        for row in rows.iterator()
    )
    return csv_response("cases", header, lines)


@require_safe
@needs(ACTS)
def case(request, pk):
    """The page of a case, the same for all its parties: status, what to do, what comes next."""
    rows = Case.objects.visible_to(request.actor).select_related("enterprise", "body", "rule_set")
    found = get_object_or_404(rows, pk=pk)
    story = tracking.story_of(found, request.actor)
    entries = tracking.history(found, request.actor)
    steps = tracking.steps(story, entries, request.actor)
    whole = "history" in request.GET
    context = {
        "case": found,
        "story": story,
        "steps": steps,
        "step": next((n for n, s in enumerate(steps, 1) if s["state"] == tracking.NOW), len(steps)),
        "next_steps": tracking.what_next(story, request.actor),
        "entries": timeline.lines(entries if whole else entries[:RECENT]),
        "hidden": 0 if whole else max(len(entries) - RECENT, 0),
        "appointment": tracking.next_appointment(story),
        "contacts": tracking.contacts(story),
        "documents": tracking.documents(story, request.actor),
        "evaluation": tracking.evaluation_asked(story, request.actor),
        "actions": tracking.case_actions(found, request.actor),
        "on_desk": BODY_DESK(request.actor, found),
    }
    return render(request, "portal/case.html", context)
