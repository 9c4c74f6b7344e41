"""Mergers of two enterprises: reporting one, its page, and the acts on it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from certification.enums import MergerStatus
from certification.flows.mergers import MERGER_FLOW
from certification.forms.mergers import MergerForm
from certification.queries import mergers as queries
from certification.services import mergers as services
from foundation import files, timeline
from foundation.access import IS_OPERATOR, needs
from foundation.views.transitions import TransitionView
from foundation.workflow import WrongState
from organisations.rights import ACTS, OWNER

SEES = IS_OPERATOR | ACTS


@require_http_methods(["GET", "HEAD", "POST"])
@needs(OWNER)
def merger_new(request):
    """Report that one's enterprise merges with another."""
    form = MergerForm(
        request.POST or None,
        request.FILES or None,
        enterprise=request.actor.organisation,
        initial={"takes_effect_on": timezone.localdate()},
    )
    form.offer_files(request.actor)
    if form.is_bound and form.is_valid():
        try:
            found = services.report(actor=request.actor, **form.facts())
        except WrongState as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The merger is reported; the other enterprise is asked."))
            return redirect(found)
    context = {
        "form": form,
        "title": _("Report a merger"),
        "intro": _(
            "The other enterprise confirms first. Then the certification body of each certificate "
            "of the one that ends decides whether it is carried over to the one that goes on."
        ),
        "back": reverse("certification:mergers"),
    }
    status = 422 if form.is_bound else 200
    return render(request, "foundation/form.html", context, status=status)


@require_safe
@needs(SEES)
def merger(request, pk):
    """The page of a merger, the same for both enterprises and the authority."""
    actor = request.actor
    found = get_object_or_404(queries.mergers(actor), pk=pk)
    available = MERGER_FLOW.actions_for(found, actor)
    is_former = actor.organisation_id == found.absorbed_id
    pending = is_former and found.status == MergerStatus.AGREED
    context = {
        "merger": found,
        "acts": [row for row in available if row.transition.awaited or not row.blockers],
        "next_words": queries.NEXT.get(found.status, ""),
        "progress": queries.progress_of(found),
        "left": services.left_over(found) if pending else [],
        "is_former": is_former,
        "is_holder": actor.organisation_id == found.absorbing_id,
        "evidence": files.attachments_of(found, services.EVIDENCE),
        "entries": timeline.of(found, actor),
    }
    return render(request, "certification/merger.html", context)


@method_decorator(needs(ACTS), name="dispatch")
class MergerTransition(TransitionView):
    """Confirm, refuse, take back, call off."""

    flow = MERGER_FLOW
    template_name = "certification/merger_confirm.html"

    def get_context(self, obj, transition):
        return {"merger": obj}

    def get_object(self):
        rows = queries.mergers(self.request.actor)
        return get_object_or_404(rows, pk=self.kwargs["pk"])
