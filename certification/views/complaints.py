"""Complaints and appeals with an account: the page of one, the acts, the file, a new appeal."""

from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from certification import appeals
from certification.flows.complaints import COMPLAINT_FLOW
from certification.forms.complaints import FORMS, AppealForm
from certification.models import Complaint
from certification.queries import complaint_pages as pages
from certification.queries import complaints as queries
from certification.services import complaints as services
from certification.services.complaint_file import pack
from foundation import timeline
from foundation.access import needs
from foundation.models import WorkItem
from foundation.views.transitions import TransitionView
from organisations.enums import Kind
from organisations.rights import ACTS, OWNER


def _complaint(request, pk) -> Complaint:
    return get_object_or_404(queries.complaints_for(request.actor), pk=pk)


@require_safe
@needs(ACTS)
def complaint(request, pk):
    """The page of a complaint or an appeal: for the body, the appellant, the holder, the
    authority; each sees its part."""
    found, actor = _complaint(request, pk), request.actor
    acts = [act for act in COMPLAINT_FLOW.actions_for(found, actor) if not act.blockers]
    awaited = [act for act in acts if act.transition.is_awaited(found)]
    is_holder = actor.kind == Kind.ENTERPRISE and not found.is_appeal
    office = actor.kind in (Kind.BODY, Kind.AUTHORITY)
    context = {
        "complaint": found,
        "thread": pages.thread_of(found, actor),
        "todo": awaited[0] if awaited else None,
        "acts": [act for act in acts if act not in awaited[:1]],
        "item": WorkItem.objects.doable_by(actor).filter(subject_id=found.pk).first(),
        "question": queries.open_question(found) if found.is_appeal else None,
        "missed_on": queries.missed_limit(found),
        "steps": [] if office or is_holder else pages.steps(found),
        "entries": () if is_holder else timeline.of(found, actor),
        "is_holder": is_holder,
        "office": office,
        "knows": pages.knows_complainant(found, actor),
        "nobody": actor.kind == Kind.BODY
        and not found.is_ended
        and queries.nobody_is_independent(found),
    }
    return render(request, "certification/complaint.html", context)


@method_decorator(needs(ACTS), name="dispatch")
class ComplaintTransition(TransitionView):
    """Every act on a complaint or an appeal by somebody with an account."""

    flow = COMPLAINT_FLOW
    forms = FORMS
    template_name = "certification/complaint_do.html"

    def get_object(self):
        return _complaint(self.request, self.kwargs["pk"])

    def get_context(self, obj, transition):
        """Give what is being judged beside the form."""
        return {"thread": pages.thread_of(obj, self.request.actor)}


@require_safe
@needs(ACTS)
def complaint_file(request, pk):
    """The whole file as one archive, for the body and the authority."""
    found = _complaint(request, pk)
    if request.actor.kind not in (Kind.BODY, Kind.AUTHORITY):
        raise Http404
    response = HttpResponse(pack(found, actor=request.actor), content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, f"{found.number}.zip")
    response["Cache-Control"] = "private, no-store"
    return response


@needs(OWNER)
def appeal_new(request, about, pk):
    """Appeal against a decision, a declined application or a finding."""
    matter = appeals.find(about, pk, request.actor)
    if matter is None or not OWNER(request.actor, matter.application or matter.case):
        raise Http404
    present = queries.appeal_against(matter.key)
    if present is not None:
        return redirect(present)
    form = AppealForm(request.POST or None, request.FILES or None)
    form.offer_files(request.actor)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            made = services.file_appeal(
                matter, actor=request.actor, text=facts["text"], uploads=facts["files"]
            )
        except IntegrityError:
            # A colleague, or a second click, was faster.
            made = queries.appeal_against(matter.key)
        return redirect(made)
    context = {"matter": matter, "form": form, "back": matter.url}
    status = 422 if form.errors else 200
    return render(request, "certification/appeal_new.html", context, status=status)
