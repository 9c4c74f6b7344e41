"""Drafts of a whole period: ask for one, look at it, lock, compute anew, accept."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits.forms.schedules import PeriodForm
from audits.lists.planning import Period, period
from audits.models import Schedule
from audits.queries.schedules import rows_of
from audits.services import schedules as services
from foundation.access import needs
from foundation.models.jobs import JobState
from organisations.rights import PLANNER


def _schedule(request, pk) -> Schedule:
    rows = Schedule.objects.visible_to(request.actor).select_related("body")
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(PLANNER)
def schedule_new(request):
    """Choose the period; the next quarter is offered."""
    first, last = period(Period.NEXT_QUARTER, timezone.localdate())
    form = PeriodForm(request.POST or None, initial={"first": first, "last": last})
    if form.is_bound and form.is_valid():
        try:
            found = services.schedule_start(actor=request.actor, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect(found)
    status = 422 if form.is_bound else 200
    return render(request, "audits/schedule_new.html", {"form": form}, status=status)


@require_safe
@needs(PLANNER)
def schedule(request, pk):
    """Show a draft: how far it is, its figures, what could be placed and what not."""
    found = _schedule(request, pk)
    job = services.job_of(found)
    rows = rows_of(found)
    context = {
        "schedule": found,
        "job": job,
        "running": job.state in (JobState.QUEUED, JobState.RUNNING),
        "failed": job.state == JobState.FAILED,
        "placed": [row for row in rows if row.starts_on and not row.audit_id],
        "accepted": [row for row in rows if row.audit_id],
        "missing": [row for row in rows if not row.starts_on],
    }
    return render(request, "audits/schedule.html", context)


@require_POST
@needs(PLANNER)
def again(request, pk):
    """Compute it anew beside what is locked."""
    return redirect(services.schedule_again(actor=request.actor, schedule=_schedule(request, pk)))


@require_POST
@needs(PLANNER)
def stop(request, pk):
    """End the computation with the best plan so far."""
    found = _schedule(request, pk)
    services.schedule_stop(actor=request.actor, schedule=found)
    messages.info(request, _("It ends with the best plan so far."))
    return redirect(found)


@require_POST
@needs(PLANNER)
def rows(request, pk):
    """Lock, let go or accept the rows that were ticked."""
    found = _schedule(request, pk)
    act = request.POST.get("act", "")
    chosen = [row for row in found.rows.all() if str(row.pk) in request.POST.getlist("row")]
    if not chosen:
        messages.error(request, _("Tick the audits first."))
    elif act in ("lock", "unlock"):
        services.rows_lock(actor=request.actor, schedule=found, rows=chosen, locked=act == "lock")
    elif act == "accept":
        _say(request, services.rows_accept(actor=request.actor, schedule=found, rows=chosen))
    return redirect(found)


def _say(request, done) -> None:
    if done.done:
        words = ngettext(
            "%(count)s audit is in planning; its team was asked to declare interests.",
            "%(count)s audits are in planning; their teams were asked to declare interests.",
            done.done,
        )
        messages.success(request, words % {"count": done.done})
    if done.refused:
        words = ngettext(
            "%(count)s audit does not hold any more; the reason stands beside it.",
            "%(count)s audits do not hold any more; the reasons stand beside them.",
            done.refused,
        )
        messages.warning(request, words % {"count": done.refused})
