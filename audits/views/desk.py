"""From a row of the planning desk to dates and a team in one step."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audits.forms.schedules import SpanForm
from audits.queries.programme import waiting
from audits.services import planning as services
from audits.services.placing import with_facts
from audits.services.proposing import proposals_for
from certification.models import ProgrammeItem
from foundation.access import needs
from foundation.workflow import StaleState
from organisations.rights import PLANNER


@require_http_methods(["GET", "HEAD", "POST"])
@needs(PLANNER)
def propose(request, pk):
    """Show the best dates and teams for an audit, and begin to plan it with one of them."""
    rows = waiting(ProgrammeItem.objects.visible_to(request.actor))
    item = get_object_or_404(with_facts(rows), pk=pk)
    asked = SpanForm(request.GET or None)
    span = asked.cleaned_data if asked.is_valid() else {}
    found = proposals_for(item, first=span.get("first"), last=span.get("last"))
    if request.method == "POST":
        chosen = next((row for row in found.found if row.key == request.POST.get("choice")), None)
        if chosen is None:
            messages.error(
                request, _("This proposal does not hold any more. Choose one of those below.")
            )
        elif done := _take(request, item, chosen):
            return done
    context = {"item": item, "proposals": found, "span": span}
    return render(request, "audits/propose.html", context)


def _take(request, item, chosen):
    try:
        audit = services.plan_placed(
            item=item,
            actor=request.actor,
            starts_on=chosen.first,
            ends_on=chosen.last,
            team=chosen.team,
        )
    except (ValidationError, StaleState) as error:
        words = error.messages if isinstance(error, ValidationError) else [str(error)]
        messages.error(request, " ".join(words))
        return None
    messages.success(request, _("Dates and team are set. The team was asked to declare interests."))
    return redirect("audits:planning", pk=audit.pk)
