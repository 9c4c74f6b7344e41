"""What a body hands in each month: the list, the page of one report, its files and acts."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from certification import layouts
from certification.forms.reports import HandInForm, MakeForm
from certification.models import MonthlyReport, MonthlyReportVersion
from certification.services import reports as services
from foundation import files
from foundation.access import needs
from foundation.models import Job
from organisations.rights import MANAGER

SHOWN = 24
# So many gaps are shown at once; curing them brings the next ones.
GAPS = 50


@require_safe
@needs(MANAGER)
def reports(request):
    """Show the months a body reports on, the newest first."""
    rows = MonthlyReport.objects.visible_to(request.actor).select_related("handed_in")
    context = {"reports": rows[:SHOWN], "today": timezone.localdate()}
    return render(request, "certification/reports.html", context)


def _report(request, pk) -> MonthlyReport:
    rows = MonthlyReport.objects.visible_to(request.actor).select_related("handed_in", "body")
    return get_object_or_404(rows.select_related("handed_in_by"), pk=pk)


@require_safe
@needs(MANAGER)
def report(request, pk):
    """Show one report: when it is due, what is missing in it, its versions."""
    return _show(request, _report(request, pk))


def _show(request, found, *, make=None, hand_in=None, status=200):
    versions = list(found.versions.select_related("made_by", "csv", "xlsx"))
    last = versions[0] if versions else None
    layout = layouts.all_layouts()[last.layout] if last else found.layout
    is_made = last is not None and last.content is not None
    context = {
        "report": found,
        "layout": layout,
        "versions": versions,
        "last": last,
        "job": _job(request.actor, last) if last and not is_made else None,
        "gaps": _gaps(last, layout)[:GAPS] if is_made else [],
        "gap_count": len(last.content["gaps"]) if is_made else 0,
        "row_count": len(last.content["rows"]) if is_made else 0,
        "unrecorded": [column for column in layout.columns if not column.is_recorded],
        "make": make or MakeForm(report=found),
        "hand_in": hand_in or HandInForm(report=found),
        "may_hand_in": is_made and found.handed_in_id != last.pk,
        "is_over": found.month < timezone.localdate().replace(day=1),
    }
    return render(request, "certification/report.html", context, status=status)


def _job(actor, version) -> Job | None:
    rows = Job.objects.visible_to(actor).filter(kind=services.MAKE, subject_id=version.pk)
    return rows.order_by("-created_at").first()


def _gaps(version, layout) -> list[dict]:
    titles = {column.name: column.title for column in layout.columns}
    return [gap | {"title": titles[gap["column"]]} for gap in version.content["gaps"]]


@require_POST
@needs(MANAGER)
def report_make(request, pk):
    """Ask for a new version."""
    found = _report(request, pk)
    form = MakeForm(request.POST, report=found)
    if form.is_valid():
        try:
            services.version_ask(report=found, actor=request.actor, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("A new version is being made."))
            return redirect(found)
    return _show(request, found, make=form, status=422)


@require_POST
@needs(MANAGER)
def report_hand_in(request, pk):
    """Note that the last version was handed in."""
    found = _report(request, pk)
    form = HandInForm(request.POST, report=found)
    last = found.versions.first()
    if last is None:
        raise Http404
    if form.is_valid():
        on = form.cleaned_data["on"]
        try:
            services.report_hand_in(report=found, actor=request.actor, version=last, on=on)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("It is noted as handed in."))
            return redirect(found)
    return _show(request, found, hand_in=form, status=422)


@require_safe
@needs(MANAGER)
def report_file(request, pk, number, extension):
    """Download a version as it was frozen."""
    rows = MonthlyReportVersion.objects.visible_to(request.actor).select_related("csv", "xlsx")
    version = get_object_or_404(rows, report=pk, number=number)
    file = {"csv": version.csv, "xlsx": version.xlsx}.get(extension)
    if file is None:
        raise Http404
    response = HttpResponse(files.read(file), content_type=file.content_type)
    response["Content-Disposition"] = content_disposition_header(True, file.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
