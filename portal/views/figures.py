"""A body's own figures: the page, its exports, and counting them again."""

import tempfile

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from certification.models import BodyFigures
from foundation import exports
from foundation.access import needs
from organisations.rights import MANAGER
from portal import figures
from portal.figure_tables import tables_of


def _year(request) -> int:
    """Return the year asked for, or this one. Raises Http404 for one that is not offered."""
    text = request.GET.get("year", "")
    if not text:
        return timezone.localdate().year
    if text not in {str(year) for year in _years()}:
        raise Http404
    return int(text)


def _years() -> list[int]:
    this = timezone.localdate().year
    return [this - back for back in range(figures.YEARS)]


def _kept(request, year: int) -> BodyFigures | None:
    return BodyFigures.objects.visible_to(request.actor).filter(year=year).first()


@require_safe
@needs(MANAGER)
def own_figures(request):
    """Show the figures of a year as they were counted last."""
    year = _year(request)
    kept = _kept(request, year)
    context = {
        "year": year,
        "years": _years(),
        "kept": kept,
        "tables": tables_of(kept.content) if kept else [],
    }
    return render(request, "portal/figures.html", context)


@require_POST
@needs(MANAGER)
def figures_renew(request):
    """Count a year again now."""
    text = request.POST.get("year", "")
    if text not in {str(year) for year in _years()}:
        raise Http404
    figures.renew(request.actor.organisation, int(text), timezone.localdate())
    messages.success(request, _("The figures were counted again."))
    return redirect(f"{reverse('figures')}?year={text}")


@require_safe
@needs(MANAGER)
def figures_file(request, name, extension):
    """Download one figure as CSV or XLSX."""
    kept = _kept(request, _year(request))
    tables = tables_of(kept.content) if kept else []
    table = next((row for row in tables if row.name == name), None)
    if table is None or extension not in exports.FORMATS:
        raise Http404
    rows = [[cell.value for cell in line] for line in table.rows]
    if extension == "csv":
        return exports.csv_response(f"{name}-{kept.year}", table.header, rows)
    handle = tempfile.TemporaryFile()  # noqa: SIM115 -- the response closes it
    exports.write_xlsx(handle, str(table.title), table.header, rows)
    handle.seek(0)
    return FileResponse(
        handle,
        as_attachment=True,
        filename=exports.file_name(f"{name}-{kept.year}", "xlsx"),
        content_type=exports.FORMATS["xlsx"],
    )
