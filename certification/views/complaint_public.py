"""Complaining without an account, and the private page that comes of it."""

from functools import wraps

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from certification.complaint_links import Complainant, read, token_of
from certification.documents.complaint import receipt
from certification.enums import About
from certification.flows.complaints import COMPLAINT_FLOW
from certification.forms.complaints import FORMS, ComplaintForm
from certification.queries import complaint_pages as pages
from certification.queries import complaints as queries
from certification.services.complaints import file_complaint
from foundation import throttle, timeline
from foundation.access import public
from foundation.views.transitions import TransitionView

AN_HOUR = 3600
COMPLAINTS, GUESSES, RECEIPTS, ACTS = 10, 20, 30, 60


def _too_many(request, text) -> HttpResponse:
    context = {"text": text}
    answer = render(request, "certification/complaint_wait.html", context, status=429)
    answer["Retry-After"] = str(AN_HOUR)
    return answer


def private(view):
    """Keep a page behind a private link out of caches and indexes.

    Other sites never get its address as a referrer (SECURE_REFERRER_POLICY is same-origin).
    """

    @wraps(view)
    def wrapper(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return wrapper


def _tracked(request, token):
    """Return the complaint of a link, acting as who holds it; or None when guessing goes on."""
    found = read(token)
    if found is not None:
        request.actor = Complainant(complaint_id=found.pk)
        return found
    if throttle.allow(request, "complaint_link", amount=GUESSES, seconds=AN_HOUR):
        raise Http404
    return None


@public
def complaint_new(request):
    """The public form; a certificate or a body can come with the address."""
    if request.method != "POST":
        return render(request, "certification/complaint_new.html", {"form": _begun(request)})
    if not throttle.allow(request, "complaint", amount=COMPLAINTS, seconds=AN_HOUR):
        return _too_many(
            request, _("Too many complaints came from your network. Wait an hour and try again.")
        )
    form = ComplaintForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            made = file_complaint(form.filing(), language=get_language() or "en")
        except ValidationError as refusal:
            form.add_error("files", refusal)
        else:
            return redirect("certification:track", token_of(made))
    return render(request, "certification/complaint_new.html", {"form": form}, status=422)


def _begun(request) -> ComplaintForm:
    initial = {}
    if code := request.GET.get("certificate", "")[:120]:
        initial = {"certificate": code, "about": About.HOLDER}
    elif body := request.GET.get("body", ""):
        initial = {"body": body, "about": About.BODY}
    return ComplaintForm(initial=initial)


@require_safe
@public
@private
def track(request, token):
    """The private page of a complaint: number, how it stands, what comes, what can be done."""
    found = _tracked(request, token)
    if found is None:
        return _too_many(request, _("Too many wrong addresses. Wait an hour and try again."))
    acts = [act for act in COMPLAINT_FLOW.actions_for(found, request.actor) if not act.blockers]
    context = {
        "complaint": found,
        "token": token,
        "address": request.build_absolute_uri(),
        "thread": pages.thread_of(found, request.actor),
        "question": queries.open_question(found),
        "acts": [act for act in acts if act.transition.action not in ("answer", "escalate")],
        "may_escalate": any(act.transition.action == "escalate" for act in acts),
        "missed_on": queries.missed_limit(found),
        "steps": pages.steps(found),
        # Who acted for the body or the organisation is theirs to say.
        "entries": [line | {"who": ""} for line in timeline.of(found, request.actor)],
    }
    return render(request, "certification/complaint_track.html", context)


@require_safe
@public
@private
def track_receipt(request, token):
    """The receipt as PDF."""
    found = _tracked(request, token)
    if found is None or not throttle.allow(
        request, "complaint_receipt", amount=RECEIPTS, seconds=AN_HOUR
    ):
        return _too_many(request, _("Too many documents in an hour. Wait and try again."))
    data = receipt(found, language=get_language() or "en")
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(True, f"{found.number}.pdf")
    return response


@method_decorator((public, private), name="dispatch")
class TrackTransition(TransitionView):
    """Add, answer, withdraw, turn to the authority, or delete one's name, by the private link."""

    flow = COMPLAINT_FLOW
    forms = FORMS
    template_name = "certification/complaint_track_do.html"

    def dispatch(self, request, *args, **kwargs):
        self.found = _tracked(request, kwargs["token"])
        often = request.method == "POST" and not throttle.allow(
            request, "complaint_act", amount=ACTS, seconds=AN_HOUR
        )
        if self.found is None or often:
            return _too_many(request, _("Too many requests. Wait an hour and try again."))
        return super().dispatch(request, *args, **kwargs)

    def get_object(self):
        return self.found

    def success_url(self, obj):
        return self.request.path.partition("/do/")[0] + "/"

    def get_context(self, obj, transition):
        """Show the question while it is answered."""
        return {"question": queries.open_question(obj)}
