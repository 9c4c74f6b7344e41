"""What waits for people besides the transitions of a flow."""

from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from audits.queries.programme import waiting_items
from foundation.models import Job
from foundation.models.jobs import JobState
from organisations.enums import Role
from portal.desk import Item

LIMIT = 50
# What begins later is no task yet; the list of the programme has it.
HORIZON = timedelta(days=120)


def waiting_for(actor) -> list[Item]:
    """Return audits to plan, ratings asked for, and jobs that failed, as far as they concern."""
    items = []
    if Role.PLANNER in actor.roles:
        items += _to_plan(waiting_items(actor))
    if actor.is_operator or Role.MANAGER in actor.roles:
        items += _failures(actor)
    return items


def of_case(case, actor) -> list[Item]:
    """Return the audits of one case that wait to be planned."""
    return _to_plan(waiting_items(actor).filter(case=case)) if Role.PLANNER in actor.roles else []


def _to_plan(rows):
    near = Q(window_from=None) | Q(window_from__lte=timezone.localdate() + HORIZON)
    return [
        Item(
            title=_("Plan an audit"),
            name=f"{row.get_kind_display()} · {row.case.enterprise.name}",
            url=reverse("audits:programme"),
            since=row.created_at,
            due=row.window_to,
            state=_("To be planned"),
        )
        for row in rows.filter(near)[:LIMIT]
    ]


def _failures(actor):
    rows = Job.objects.visible_to(actor).filter(state=JobState.FAILED)
    return [
        Item(
            title=_("Try a failed job again"),
            name=str(row),
            url=reverse("foundation:job", args=[row.pk]),
            since=row.created_at,
            tag="problem",
            state=row.get_state_display(),
        )
        for row in rows[:LIMIT]
    ]
