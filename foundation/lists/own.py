"""The lists of foundation itself: the jobs people and the portal asked for."""

from datetime import timedelta
from operator import itemgetter

import django_filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from foundation import jobs
from foundation.access import SIGNED_IN
from foundation.lists.declared import Empty, ListPage, View, register
from foundation.lists.filters import Filters
from foundation.models import Job
from foundation.models.jobs import JobState
from foundation.tables import Column

_OPEN = (JobState.QUEUED, JobState.RUNNING)
LATE = timedelta(minutes=2)


def _kinds():
    return sorted(
        ((name, str(handler.title)) for name, handler in jobs.HANDLERS.items()), key=itemgetter(1)
    )


def _is_late(actor):
    """Say which jobs should have been done by now: waiting ones, and those left lying."""
    now = timezone.now()
    waits = Q(state=JobState.QUEUED, run_at__lte=now - LATE)
    return waits | Q(state=JobState.RUNNING, leased_until__lt=now)


class JobFilters(Filters):
    hint = _("Kind, person or error")
    words = ("kind", "user__name", "error", "request_id")

    state = django_filters.ChoiceFilter(
        label=_("State"), choices=JobState.choices, empty_label=_("Every state")
    )
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=_kinds, empty_label=_("Every kind"))


class JobList(ListPage):
    name = "jobs"
    url_name = "foundation:jobs"
    title = _("Jobs")
    counted = ngettext_lazy("%(n)s job", "%(n)s jobs", "n")
    right = SIGNED_IN
    filters = JobFilters
    template = "foundation/jobs.html"
    columns = (
        Column(_("Job"), template="foundation/cells/job.html", main=True),
        Column(_("State"), template="foundation/cells/job_state.html"),
        Column(_("Asked for"), template="foundation/cells/created.html", sort="asked"),
        Column(_("By"), field="user"),
        Column(_("What went wrong"), field="error"),
    )
    views = (
        View("", _("All jobs")),
        View("failed", _("Failed"), Q(state=JobState.FAILED), hot=True),
        View("open", _("Waiting or running"), Q(state__in=_OPEN)),
        View("late", _("Late"), _is_late, hot=True),
        View("retried", _("Tried again"), Q(state=JobState.QUEUED, attempts__gt=0), hot=True),
        View("unfinished", _("Not done"), ~Q(state=JobState.DONE)),
    )
    sorts = {"asked": ("created_at",)}
    order = "-asked"
    empty = Empty(_("No jobs here"), icon="refresh")

    def rows(self, actor):
        return Job.objects.visible_to(actor).select_related("user")

    def export_columns(self, actor):
        return (
            (_("Job"), jobs.title_of),
            (_("State"), lambda row: row.get_state_display()),
            (_("Asked for"), lambda row: row.created_at),
            (_("By"), lambda row: row.user),
            (_("What went wrong"), lambda row: row.error),
        )


JOBS = register(JobList())
