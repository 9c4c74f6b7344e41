"""Service evaluations: the list, the page of one, and the acts on it."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from certification.enums import Dimension, EvaluationStatus
from certification.flows.evaluations import EVALUATION_FLOW
from certification.forms.evaluations import FORMS
from certification.models import Evaluation
from certification.queries.evaluations import (
    dimensions_of,
    published_mean,
    revisable_until,
    threshold,
)
from foundation.access import needs
from foundation.tables import Column
from foundation.views.transitions import TransitionView
from organisations.enums import Kind
from organisations.rights import BODY_DESK, ENTERPRISE

PARTIES = ENTERPRISE | BODY_DESK
PER_PAGE = 50
WORDS = {
    5: pgettext_lazy("rating", "Very good"),
    4: pgettext_lazy("rating", "Good"),
    3: pgettext_lazy("rating", "Fair"),
    2: pgettext_lazy("rating", "Poor"),
    1: pgettext_lazy("rating", "Very poor"),
}
COLUMNS = (
    Column(_("Rating"), template="certification/cells/evaluation.html", main=True),
    Column(_("About"), template="certification/cells/evaluation_about.html"),
    Column(_("Mean"), template="certification/cells/evaluation_mean.html", number=True),
    Column(_("Status"), template="certification/cells/evaluation_status.html"),
)


def _rows(request):
    """Return what an actor may read: a body only what was given to it."""
    rows = Evaluation.objects.visible_to(request.actor).select_related(
        "case__enterprise", "case__body", "case__rule_set", "given_by", "replied_by"
    )
    if request.actor.kind == Kind.BODY:
        rows = rows.exclude(status=EvaluationStatus.ASKED)
    return rows


@require_safe
@needs(PARTIES)
def evaluation_list(request):
    """List the ratings of a body or of an enterprise, with what is published of a body's."""
    status = request.GET.get("status", "")
    rows = _rows(request)
    if status in EvaluationStatus:
        rows = rows.filter(status=status)
    is_body = request.actor.kind == Kind.BODY
    published = published_mean(request.actor.organisation) if is_body else None
    context = {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "columns": COLUMNS,
        "is_body": is_body,
        "published": published,
        "dimensions": _labelled(published.dimensions) if published else [],
        "threshold": threshold(request.actor.organisation),
        "statuses": [
            choice
            for choice in EvaluationStatus.choices
            if not is_body or choice[0] != EvaluationStatus.ASKED
        ],
        "status": status,
    }
    return render(request, "certification/evaluation_list.html", context)


def _labelled(values: dict) -> list[dict]:
    return [
        {"label": dimension.label, "value": values[dimension.value]}
        for dimension in Dimension
        if dimension.value in values
    ]


@require_safe
@needs(PARTIES)
def evaluation(request, pk):
    """The page of one rating: what was asked, said and replied."""
    found = get_object_or_404(_rows(request), pk=pk)
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
        return get_object_or_404(_rows(self.request), pk=self.kwargs["pk"])

    def get_context(self, obj, transition):
        return {"until": revisable_until(obj) if obj.given_at else None}
