"""What waits for people besides the transitions of a flow."""

from django.urls import reverse
from django.utils.translation import gettext as _

from certification.models import Evaluation
from foundation.models import Job
from foundation.models.jobs import JobState
from organisations.enums import Kind, Role
from portal.desk import Item

LIMIT = 50


def waiting_for(actor) -> list[Item]:
    """Return audits to plan, ratings asked for, and jobs that failed, as far as they concern."""
    items = []
    if actor.kind == Kind.ENTERPRISE and Role.OWNER in actor.roles:
        items += _ratings(actor)
    if actor.is_operator or Role.MANAGER in actor.roles:
        items += _failures(actor)
    return items


def _ratings(actor):
    rows = Evaluation.objects.visible_to(actor).filter(given_at=None).select_related("case__body")
    return [
        Item(
            title=_("Rate the service"),
            name=f"{row.case.body.name} · {row.get_moment_display()}",
            url=reverse("certification:evaluation", args=[row.pk]),
            since=row.created_at,
            tag="info",
            state=_("Your opinion"),
        )
        for row in rows[:LIMIT]
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
