"""Reported changes: reporting one, its page, and the acts on it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from certification.enums import OPEN_CHANGES, REPORTED_KINDS
from certification.flows.changes import CHANGE_FLOW
from certification.forms.changes import FORMS, ReportForm
from certification.models import Case
from certification.queries import changes as queries
from certification.queries.mergers import held_already
from certification.services import changes as services
from foundation import files, journal, timeline
from foundation.access import needs
from foundation.views.transitions import TransitionView
from foundation.workflow import WrongState
from organisations.enums import Kind
from organisations.rights import ACTS, ENTERPRISE


@require_http_methods(["GET", "HEAD", "POST"])
@needs(ENTERPRISE)
def change_new(request, pk):
    """Report a change of what is certified."""
    rows = Case.objects.visible_to(request.actor).select_related("enterprise", "body", "rule_set")
    case = get_object_or_404(rows, pk=pk)
    access = ENTERPRISE(request.actor, case)
    if not access:
        raise PermissionDenied(access.reason)
    kind = request.GET.get("kind", "")
    start = {"kind": kind} if kind in REPORTED_KINDS else {}
    form = ReportForm(
        request.POST or None,
        request.FILES or None,
        initial={"takes_effect_on": timezone.localdate(), **start},
    )
    form.offer_files(request.actor)
    if form.is_bound and form.is_valid():
        try:
            found = services.report(case=case, actor=request.actor, **form.cleaned_data)
        except WrongState as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Your report %(number)s is sent.") % {"number": found})
            return redirect(found)
    context = {
        "form": form,
        "title": _("Report a change"),
        "intro": _(
            "Tell %(body)s without delay what changes. It assesses whether anything follows: "
            "nothing, a new revision of your certificates, an audit, or an application."
        )
        % {"body": case.body.name},
        "back": case.get_absolute_url(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "foundation/form.html", context, status=status)


@require_safe
@needs(ACTS)
def change(request, pk):
    """The page of a reported change, the same for all its parties."""
    actor = request.actor
    found = get_object_or_404(queries.page_of(actor), pk=pk)
    available = CHANGE_FLOW.actions_for(found, actor)
    entries = [row for row in journal.history(found.journal_thread, actor)
               if row.subject_id == found.pk]  # fmt: skip
    context = {
        "change": found,
        "acts": [row for row in available if not row.blockers],
        "next_words": queries.NEXT.get(found.status, ""),
        "certificates": list(found.certificates.all()),
        "evidence": files.attachments_of(found, services.EVIDENCE),
        "entries": timeline.lines(entries),
        "for_client": actor.kind == Kind.ENTERPRISE,
        "held_already": held_already(found)
        if found.merger_id and found.status in OPEN_CHANGES
        else [],
    }
    return render(request, "certification/change.html", context)


@method_decorator(needs(ACTS), name="dispatch")
class ChangeTransition(TransitionView):
    """Assess, ask, answer, hand over, decline, take back; or begin the application needed."""

    flow = CHANGE_FLOW
    forms = FORMS
    templates = {"carry_over": "certification/merger_confirm.html"}

    def get_context(self, obj, transition):
        return {"merger": obj.merger}

    def get_object(self):
        return get_object_or_404(queries.page_of(self.request.actor), pk=self.kwargs["pk"])

    def success_url(self, obj):
        if self.kwargs["action"] == "begin_application" and obj.application_id:
            return obj.application.get_absolute_url()
        return obj.get_absolute_url()
