from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audits.checks.timetable import (
    auditors_of,
    clauses_of,
    coverage,
    planned_days,
    remote_percent,
    timetable_blockers,
)
from audits.forms.planning import TimetableForm, lines_formset
from audits.queries import pages
from audits.queries.checklists import carried
from audits.queries.coverage import by_site
from audits.rights import PLANS
from audits.services import timetable as services
from foundation import editing
from foundation.access import needs
from schemes.queries import book_of

BLANK = 3
MORE = 8
_FIELDS = ("day", "starts_at", "ends_at", "activity", "department", "clauses", "remote")


def _writable(request, pk):
    """Return the audit, or say why this person may not write its timetable now."""
    found = get_object_or_404(pages.audit_rows(request.actor), pk=pk)
    access = PLANS(request.actor, found)
    if not access:
        raise PermissionDenied(access.reason)
    if found.status not in services.WRITABLE:
        raise PermissionDenied(
            _("The timetable is fixed while the audit is “%(state)s”.")
            % {"state": found.get_status_display()}
        )
    if found.starts_on is None:
        raise PermissionDenied(_("Set the dates first."))
    return found


@needs(PLANS)
def timetable(request, pk):
    """Write the timetable: day, time, department, clauses, auditor; and see what it covers."""
    found = _writable(request, pk)
    items = list(found.plan.select_related("member", "site"))
    auditors = [member.user for member in auditors_of(found)]
    facts = {"audit": found, "auditors": auditors, "clauses": clauses_of(found)}
    if request.method == "POST":
        lines = lines_formset(0)(request.POST, form_kwargs=facts, prefix="line")
        form = TimetableForm(request.POST, instance=found)
        if lines.is_valid() and form.is_valid():
            services.save_timetable(
                audit=found, actor=request.actor, lines=lines.lines(), **form.cleaned_data
            )
            messages.success(request, _("Saved."))
            editing.tell(request)
            more = "?more" if "more" in request.POST else ""
            return redirect(reverse("audits:timetable", args=[pk]) + more)
    else:
        formset = lines_formset(MORE if "more" in request.GET else BLANK)
        lines = formset(initial=[_row(item) for item in items], form_kwargs=facts, prefix="line")
        form = TimetableForm(instance=found)
    hours = int(book_of(found.case.rule_set).value("audit_hours_per_day"))
    context = {
        "audit": found,
        "lines": lines,
        "form": form,
        "empty": not items,
        "coverage": coverage(found, items),
        "days": planned_days(found, items, hours),
        "remote": remote_percent(items),
        "blockers": list(timetable_blockers(found)),
        "carried": list(carried(found)),
        "sites": by_site(found, ()),
    }
    wrong = request.method == "POST"
    return render(request, "audits/timetable.html", context, status=422 if wrong else 200)


def _row(item) -> dict:
    row = {name: getattr(item, name) for name in _FIELDS}
    return row | {"day": item.day.isoformat(), "member": item.member_id, "site": item.site_id}


@require_POST
@needs(PLANS)
def suggestion(request, pk):
    """Fill an empty timetable with a suggestion."""
    found = _writable(request, pk)
    if found.plan.exists():
        messages.info(request, _("There is a timetable already."))
    else:
        services.save_timetable(audit=found, actor=request.actor, lines=services.suggest(found))
    return redirect("audits:timetable", pk=pk)
