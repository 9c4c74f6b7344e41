from contextlib import suppress

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from foundation import jobs
from foundation.access import SIGNED_IN, needs
from foundation.models import Job


@require_safe
@needs(SIGNED_IN)
def job_status(request, pk):
    """Show one job: the region a page refreshes while the job runs, or a page of its own."""
    job = get_object_or_404(Job.objects.visible_to(request.actor), pk=pk)
    fragment = request.htmx or request.headers.get("X-Poll")
    template = "foundation/partials/job.html" if fragment else "foundation/job.html"
    return render(request, template, {"job": job, "subject_url": _subject_url(request, job)})


def _subject_url(request, job) -> str:
    """Return where operators find the record a job is about."""
    if not (request.actor.is_operator and job.subject_type and job.subject_id):
        return ""
    with suppress(NoReverseMatch):
        name = job.subject_type.replace(".", "_")
        return reverse(f"admin:{name}_change", args=[job.subject_id])
    return ""


@require_POST
@needs(SIGNED_IN)
def job_retry(request, pk):
    """Queue a failed job again."""
    job = get_object_or_404(Job.objects.visible_to(request.actor), pk=pk)
    if not jobs.retry(job):
        raise PermissionDenied(_("This job is not failed; there is nothing to try again."))
    messages.success(request, _("The job is queued again."))
    return redirect("foundation:job", pk=job.pk)
