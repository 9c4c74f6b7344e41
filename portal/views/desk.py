from django.shortcuts import render
from django.views.decorators.http import require_safe

from certification.models import Case, Certificate
from foundation.access import SIGNED_IN, needs
from organisations.enums import Kind
from portal import chores
from portal import desk as desks

SHOWN = 40
OWN = 6


@require_safe
@needs(SIGNED_IN)
def desk(request):
    """Where a signed-in person lands: what waits for me, then what I own."""
    actor = request.actor
    items = sorted(
        desks.waiting_for(actor) + chores.waiting_for(actor), key=lambda item: item.urgency
    )
    context = {
        "first": items[0] if items else None,
        "items": items[1 : SHOWN + 1],
        "left_out": max(len(items) - SHOWN - 1, 0),
        "count": len(items),
        "stranger": not actor.is_operator and actor.organisation_id is None,
    }
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
