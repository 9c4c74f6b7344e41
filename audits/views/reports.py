from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audits.checks.report import contents_of, report_blockers
from audits.checks.timetable import remote_percent
from audits.enums import AuditStatus, Grade
from audits.flows.audits import AUDIT_FLOW
from audits.forms.reports import ReportForm
from audits.queries import pages
from audits.queries.checklists import items_of, tally
from audits.queries.coverage import audited_of, gaps
from audits.queries.versions import differences
from audits.rights import LEAD
from audits.services import reports as services
from foundation.access import needs
from organisations.enums import Kind
from organisations.rights import ACTS


@needs(LEAD)
def report(request, pk):
    """Write the report: what was entered elsewhere is there already, the rest is asked."""
    rows = pages.audit_rows(request.actor).prefetch_related("plan", "attendance")
    found = get_object_or_404(rows, pk=pk)
    access = LEAD(request.actor, found)
    if not access:
        raise PermissionDenied(access.reason)
    if found.status not in services.WRITABLE:
        raise PermissionDenied(
            _("The report cannot be changed while the audit is “%(state)s”.")
            % {"state": found.get_status_display()}
        )
    existing = getattr(found, "report", None)
    items = items_of(found)
    covered = audited_of(found, items)
    facts = {"unseen": gaps(covered), "known": _known(items), "audit": found, "report": existing}
    form = ReportForm(request.POST or None, **facts)
    if request.headers.get("X-Autosave"):
        return _autosave(request, found, form)
    if request.method == "POST" and form.is_valid():
        services.save_report(audit=found, actor=request.actor, **form.cleaned_data)
        if found.status == AuditStatus.REPORTING:
            return redirect("audits:audit_do", pk=pk, action="submit_report")
        return redirect("audits:audit", pk=pk)
    findings = pages.findings_of(found, request.actor)
    context = {
        "audit": found,
        "form": form,
        "team": pages.team_of(found),
        "meetings": pages.meetings_of(found),
        "counts": [(grade.label, sum(f.grade == grade for f in findings)) for grade in Grade],
        "findings": findings,
        "remote": remote_percent(found.plan.all()) if found.is_remote else 0,
        "blockers": list(report_blockers(found, covered=covered)),
        "contents": contents_of(found, items, covered),
        "coverage": covered,
        "tally": tally(items),
        "items": items,
        "earlier": [item for item in items if item.earlier],
        "versions": existing.version if existing else 0,
        "returned": existing.review_note if existing and existing.review_note else "",
        "submit": AUDIT_FLOW.transition("submit_report"),
    }
    return render(request, "audits/report.html", context, status=422 if form.errors else 200)


def _known(items) -> dict[str, str]:
    """Return the parts of a report that follow from the checklist."""
    lines = [
        f"{item.earlier.audit.number} {item.earlier.number} {item.earlier.title}: "
        f"{item.verdict_label}. {item.last.note if item.last else ''}".strip()
        for item in items
        if item.earlier is not None and item.verdict
    ]
    return {"previous_findings": "\n".join(lines)}


def _autosave(request, audit, form):
    """Keep the parts that changed and are in order; say which are not."""
    form.is_valid()
    changed = [name for name in request.POST.getlist("_changed") if name in form.cleaned_data]
    facts = {name: form.cleaned_data[name] for name in changed}
    saved = services.save_report(audit=audit, actor=request.actor, **facts)
    return JsonResponse({"saved_at": saved.changed_at.isoformat(), "errors": form.errors})


@require_safe
@needs(ACTS)
def versions(request, pk):
    """Show every version of a report as it was submitted, and what changed between them."""
    found = get_object_or_404(pages.audit_rows(request.actor), pk=pk)
    if request.actor.kind == Kind.ENTERPRISE:
        raise PermissionDenied(_("You read the report that was accepted; it is with the audit."))
    existing = getattr(found, "report", None)
    rows = existing.versions.select_related("submitted_by", "file") if existing else ()
    shown, before = [], None
    for row in rows:
        changes = differences(before.snapshot, row.snapshot) if before else None
        shown.append({"version": row, "changes": changes})
        before = row
    context = {"audit": found, "shown": shown[::-1]}
    return render(request, "audits/report_versions.html", context)
