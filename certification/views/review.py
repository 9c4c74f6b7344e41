"""The application review: claims and evidence side by side, verdicts, one request, the acts."""

from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from certification.enums import Verdict
from certification.flows.applications import APPLICATION_FLOW
from certification.forms.review import AcceptForm, IndependentForm, ReturnForm
from certification.models import Application
from certification.questions import LABELS
from certification.services import review as services
from certification.views.review_page import ReviewPage, ask_form, page_url, verdict_form
from foundation.access import needs
from foundation.views.transitions import TransitionView
from organisations.rights import BODY_DESK, REVIEWER
from schemes.queries.interests import ties_of

ACTIONS = ("start_review", "take_over", "return", "accept", "decline")


def fetch(request, pk) -> Application:
    """Return the application if this actor may see it, with both parties."""
    rows = Application.objects.visible_to(request.actor).annotate(names_it=ties_of(request.actor))
    return get_object_or_404(rows.select_related("enterprise", "body", "reviewer"), pk=pk)


@require_safe
@needs(BODY_DESK)
def review(request, pk):
    """Show the whole review; its reviewer may judge and ask while it is in hand.

    ``?ask=`` opens the question about one field.
    """
    application = fetch(request, pk)
    page = ReviewPage(application, request.actor)
    field = request.GET.get("ask", "")
    ask = ask_form(application, field) if page.in_hand and field in LABELS else None
    if request.htmx and ask is not None:
        return render(request, "certification/review_ask.html", page.context(ask=ask))
    return render(request, "certification/review.html", page.context(ask=ask))


@require_POST
@needs(REVIEWER)
def review_verdict(request, pk, criterion):
    """Keep the verdict on one point: by autosave as JSON, else back to its place."""
    application = fetch(request, pk)
    points = {point.value: point for point in services.criteria_of(application)}
    if criterion not in points:
        raise Http404
    form = verdict_form(application, points[criterion], {}, request.POST)
    is_autosave = request.headers.get("X-Autosave") == "1"
    if form.is_valid() or is_autosave:
        facts = {"verdict": Verdict.OPEN.value, "note": ""} | form.cleaned_data
        services.judge(application=application, criterion=criterion, actor=request.actor, **facts)
    if is_autosave:
        return JsonResponse({"saved_at": timezone.now().isoformat(), "errors": form.errors})
    if form.is_valid():
        return redirect(page_url(application, criterion))
    page = ReviewPage(application, request.actor)
    context = page.context(bound={criterion: form}) | {"form": form}
    return render(request, "certification/review.html", context, status=422)


@require_POST
@needs(REVIEWER)
def review_ask(request, pk):
    """Add a question to the request that goes out with the return."""
    application = fetch(request, pk)
    form = ask_form(application, data=request.POST)
    if form.is_valid():
        services.ask(application=application, actor=request.actor, **form.cleaned_data)
        return redirect(page_url(application, "ask"))
    page = ReviewPage(application, request.actor)
    context = page.context(ask=form) | {"form": form}
    return render(request, "certification/review.html", context, status=422)


@require_POST
@needs(REVIEWER)
def review_ask_remove(request, pk, question):
    """Take a question back that has not gone out yet."""
    application = fetch(request, pk)
    row = get_object_or_404(services.unsent(application), pk=question)
    services.take_back(application=application, question=row, actor=request.actor)
    return redirect(page_url(application, "ask"))


@method_decorator(needs(REVIEWER), name="dispatch")
class ReviewActionView(TransitionView):
    """The acts of a reviewer, each on a page that says what it means."""

    flow = APPLICATION_FLOW
    forms = {
        "start_review": IndependentForm,
        "take_over": IndependentForm,
        "return": ReturnForm,
        "accept": AcceptForm,
    }
    templates = {
        "return": "certification/review_return.html",
        "decline": "certification/review_decline.html",
    }

    def success_url(self, obj):
        """Back to the review while it goes on, else to the application."""
        if obj.status == "in_review":
            return page_url(obj)
        return obj.get_absolute_url()

    def get_context(self, obj, transition):
        page = ReviewPage(obj, self.request.actor)
        questions = [{"row": row, "label": LABELS.get(row.field, row.field)} for row in page.unsent]
        return {
            "application": obj,
            "questions": questions,
            "record": page.record,
            "cancel_url": page_url(obj),
        }
