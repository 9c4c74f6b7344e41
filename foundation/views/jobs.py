from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from foundation import jobs
from foundation.access import SIGNED_IN, needs
from foundation.models import Job
from foundation.models.jobs import JobState
from foundation.tables import Column

PER_PAGE = 50
COLUMNS = (
    Column(gettext_lazy("Job"), template="foundation/cells/job.html", main=True),
    Column(gettext_lazy("State"), template="foundation/cells/job_state.html"),
    Column(gettext_lazy("Asked for"), template="foundation/cells/created.html"),
    Column(gettext_lazy("By"), field="user"),
    Column(gettext_lazy("What went wrong"), field="error"),
)


@require_safe
@needs(SIGNED_IN)
def job_list(request):
    """List the jobs the actor may see, the failed ones first by filter."""
    rows = Job.objects.visible_to(request.actor).select_related("user")
    state = request.GET.get("state", "")
    if state in JobState.values:
        rows = rows.filter(state=state)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    for job in page:
        job.title = jobs.title_of(job)
    context = {
        "page": page,
        "states": JobState.choices,
        "state": state,
        "columns": COLUMNS,
        "caption": _("Jobs"),
    }
    return render(request, "foundation/jobs.html", context)


@require_safe
@needs(SIGNED_IN)
def job_status(request, pk):
    """Show one job: the region a page refreshes while the job runs, or a page of its own."""
    job = get_object_or_404(Job.objects.visible_to(request.actor), pk=pk)
    job.title = jobs.title_of(job)
    job.message = job.error
    fragment = request.htmx or request.headers.get("X-Poll")
    template = "foundation/partials/job.html" if fragment else "foundation/job.html"
    return render(request, template, {"job": job})


@require_POST
@needs(SIGNED_IN)
def job_retry(request, pk):
    """Queue a failed job again."""
    job = get_object_or_404(Job.objects.visible_to(request.actor), pk=pk)
    if not jobs.retry(job):
        raise PermissionDenied(_("This job is not failed; there is nothing to try again."))
    messages.success(request, _("The job is queued again."))
    return redirect("foundation:job", pk=job.pk)
