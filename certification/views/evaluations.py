"""Service evaluations: the page of one, and the acts on it."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from certification.flows.evaluations import EVALUATION_FLOW
from certification.forms.evaluations import FORMS
from certification.lists.evaluations import PARTIES
from certification.queries.evaluations import dimensions_of, evaluations_for, revisable_until
from foundation.access import needs
from foundation.views.transitions import TransitionView

WORDS = {
    5: pgettext_lazy("rating", "Very good"),
    4: pgettext_lazy("rating", "Good"),
    3: pgettext_lazy("rating", "Fair"),
    2: pgettext_lazy("rating", "Poor"),
    1: pgettext_lazy("rating", "Very poor"),
}


@require_safe
@needs(PARTIES)
def evaluation(request, pk):
    """The page of one rating: what was asked, said and replied."""
    found = get_object_or_404(evaluations_for(request.actor), pk=pk)
    acts = EVALUATION_FLOW.actions_for(found, request.actor)
    until = revisable_until(found) if found.given_at else None
    context = {
        "evaluation": found,
        "ratings": [
            {"label": dimension.label, "value": WORDS[found.ratings[dimension.value]],
             "sub": f"{found.ratings[dimension.value]} / 5"}
            for dimension in dimensions_of(found.moment)
            if dimension.value in found.ratings
        ],
        "acts": [act for act in acts if not act.blockers],
        "until": until if until and until > timezone.now() else None,
    }  # fmt: skip
    return render(request, "certification/evaluation.html", context)


@method_decorator(needs(PARTIES), name="dispatch")
class EvaluationTransition(TransitionView):
    """Rate, change the rating, or reply to it."""

    flow = EVALUATION_FLOW
    forms = FORMS
    template_name = "certification/evaluation_form.html"

    def get_object(self):
        return get_object_or_404(evaluations_for(self.request.actor), pk=self.kwargs["pk"])

    def get_context(self, obj, transition):
        return {"until": revisable_until(obj) if obj.given_at else None}
