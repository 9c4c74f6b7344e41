from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from audits.checks.report import report_blockers
from audits.checks.timetable import remote_percent
from audits.enums import AuditStatus, Grade
from audits.flows.audits import AUDIT_FLOW
from audits.forms.reports import ReportForm
from audits.queries import pages
from audits.rights import LEAD
from audits.services import reports as services
from foundation.access import needs


@needs(LEAD)
def report(request, pk):
    """Write the report: what was entered elsewhere is there already, the rest is asked."""
    found = get_object_or_404(pages.audit_rows(request.actor), pk=pk)
    access = LEAD(request.actor, found)
    if not access:
        raise PermissionDenied(access.reason)
    if found.status not in services.WRITABLE:
        raise PermissionDenied(
            _("The report cannot be changed while the audit is “%(state)s”.")
            % {"state": found.get_status_display()}
        )
    existing = getattr(found, "report", None)
    form = ReportForm(request.POST or None, audit=found, report=existing)
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
        "remote": remote_percent(found.plan.all()),
        "blockers": list(report_blockers(found)),
        "returned": existing.review_note if existing and existing.review_note else "",
        "submit": AUDIT_FLOW.transition("submit_report"),
    }
    return render(request, "audits/report.html", context, status=422 if form.errors else 200)


def _autosave(request, audit, form):
    """Keep the parts that changed and are in order; say which are not."""
    form.is_valid()
    changed = [name for name in request.POST.getlist("_changed") if name in form.cleaned_data]
    facts = {name: form.cleaned_data[name] for name in changed}
    saved = services.save_report(audit=audit, actor=request.actor, **facts)
    return JsonResponse({"saved_at": saved.changed_at.isoformat(), "errors": form.errors})
