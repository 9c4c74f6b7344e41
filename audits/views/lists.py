from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from audits.enums import FindingStatus
from audits.queries.lists import (
    AUDIT_VIEWS,
    FINDING_VIEWS,
    AuditFilter,
    FindingFilter,
    audits_for,
    findings_for,
    saved_views,
)
from audits.queries.programme import waiting_items
from foundation.access import needs
from foundation.exports import csv_response
from foundation.tables import Column
from organisations.enums import Kind
from organisations.rights import ACTS, PLANNER

PER_PAGE = 50
AUDIT_COLUMNS = (
    Column(_("Audit"), template="audits/cells/audit.html", main=True),
    Column(_("Standards"), template="audits/cells/standards.html"),
    Column(_("Dates"), template="audits/cells/dates.html", sort="date"),
    Column(_("Leader of the team"), template="audits/cells/lead.html"),
    Column(_("Status"), template="audits/cells/status.html"),
)
FINDING_COLUMNS = (
    Column(_("Finding"), template="audits/cells/finding.html", main=True),
    Column(_("Grade"), field="get_grade_display"),
    Column(_("Clause"), template="audits/cells/clause.html"),
    Column(_("Answer due"), template="audits/cells/due.html", sort="due"),
    Column(_("Status"), template="audits/cells/status.html"),
)


@require_safe
@needs(ACTS)
def audit_list(request):
    """List the audits the actor may see; views, search and filters stand in the address."""
    rows = audits_for(request.actor)
    found = AuditFilter(request.GET, queryset=rows)
    view = request.GET.get("view", "")
    context = {
        "filter": found,
        "page": Paginator(found.qs, PER_PAGE).get_page(request.GET.get("page")),
        "columns": AUDIT_COLUMNS,
        "views": saved_views(AUDIT_VIEWS, rows, view),
        "view": view,
        "to_plan": _to_plan(request.actor),
        "for_body": request.actor.kind == Kind.BODY,
    }
    return render(request, "audits/audits.html", context)


def _to_plan(actor):
    """Count what waits for a planner, for those who plan."""
    return waiting_items(actor).count() if PLANNER(actor) else None


@require_safe
@needs(ACTS)
def audit_export(request):
    """Write the same list as CSV."""
    rows = AuditFilter(request.GET, queryset=audits_for(request.actor)).qs
    header = [
        _("Audit"),
        _("Client"),
        _("Kind of audit"),
        _("Standards"),
        _("First day"),
        pgettext("of an audit", "Last day"),
        _("Manner"),
        _("Leader of the team"),
        _("Audit days computed"),
        _("Audit days held"),
        _("Status"),
    ]
    return csv_response("audits", header, (_audit_cells(row) for row in rows))


def _audit_cells(row):
    return [
        row.number,
        row.enterprise.name,
        row.get_kind_display(),
        ", ".join(str(edition) for edition in row.editions.all()),
        row.starts_on,
        row.ends_on,
        row.get_mode_display(),
        row.lead,
        row.days,
        row.days_held,
        row.get_status_display(),
    ]


@require_safe
@needs(ACTS)
def finding_list(request):
    """List the findings the actor may see."""
    rows = findings_for(request.actor)
    found = FindingFilter(request.GET, queryset=rows)
    view = request.GET.get("view", "")
    views = FINDING_VIEWS
    if request.actor.kind != Kind.BODY:
        views = [entry for entry in FINDING_VIEWS if entry[0] != "noted"]
    context = {
        "filter": found,
        "page": Paginator(found.qs, PER_PAGE).get_page(request.GET.get("page")),
        "columns": FINDING_COLUMNS,
        "views": saved_views(views, rows, view),
        "view": view,
    }
    return render(request, "audits/findings.html", context)


@require_safe
@needs(ACTS)
def finding_export(request):
    """Write the same list as CSV."""
    rows = FindingFilter(request.GET, queryset=findings_for(request.actor)).qs
    header = [
        _("Audit"),
        _("Client"),
        _("Finding"),
        _("Grade"),
        _("Standard"),
        _("Clause"),
        _("In one line"),
        _("Answer due"),
        _("Status"),
        FindingStatus.CLOSED.label,
    ]
    return csv_response("findings", header, (_finding_cells(row) for row in rows))


def _finding_cells(row):
    return [
        row.audit.number,
        row.audit.enterprise.name,
        row.number,
        row.get_grade_display(),
        row.clause.edition,
        row.clause.number,
        row.title,
        row.due_on,
        row.get_status_display(),
        timezone.localdate(row.closed_at) if row.closed_at else "",
    ]
