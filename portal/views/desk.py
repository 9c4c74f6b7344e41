from django.shortcuts import render
from django.views.decorators.http import require_safe

from certification.models import Case, Certificate
from foundation.access import SIGNED_IN, needs
from foundation.formatting import listed
from foundation.models import WorkItem
from foundation.views.lists import list_view
from organisations.enums import BodyStatus, Kind
from portal import chores, lights
from portal.lists.work import WORK

SHOWN = 40
OWN = 6
queue = list_view(WORK)


@require_safe
@needs(SIGNED_IN)
def desk(request):
    """Where a signed-in person lands: the queue of a body, or what waits for me and what I own."""
    actor = request.actor
    if actor.oversees and actor.organisation.body_profile.status == BodyStatus.APPROVED:
        return queue(request)
    rows = WorkItem.objects.open().waiting_for(actor)
    items, count = list(rows[: SHOWN + 1]), rows.count()
    context = {
        "first": items[0] if items else None,
        "items": items[1:],
        "left_out": count - len(items),
        "count": count,
        "failed_jobs": chores.failed_jobs(actor).count(),
        "stranger": not actor.is_operator and actor.organisation_id is None,
    }
    if actor.is_operator:
        context["troubles"] = lights.troubles()
        context["trouble_names"] = listed(light.title for light in context["troubles"])
    if actor.kind == Kind.BODY:
        context["admission"] = actor.organisation.body_profile
    if actor.kind == Kind.ENTERPRISE:
        context["certificates"] = (
            Certificate.objects.visible_to(actor)
            .published()
            .select_related("edition", "scheme", "body")[:OWN]
        )
        context["cases"] = Case.objects.visible_to(actor).select_related("body", "enterprise")[:OWN]
    return render(request, "portal/desk.html", context)
