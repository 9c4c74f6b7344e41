"""Changing a body's approval: the order is recorded, its reach looked at, then it takes effect."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from certification.flows.approvals import APPROVAL_FLOW
from certification.forms.approvals import ApprovalChangeForm
from certification.lists.approvals import CONSEQUENCES, body_seen, change_seen
from certification.queries.approvals import affected
from certification.services.approvals import change_prepare
from foundation.access import IS_OPERATOR, needs
from foundation.views.transitions import TransitionView


@require_http_methods(["GET", "HEAD", "POST"])
@needs(IS_OPERATOR)
def approval_change_new(request, pk):
    """Record an order; nothing happens before its reach was looked at."""
    body = body_seen(request.actor, pk)
    form = ApprovalChangeForm(request.POST or None, body=body)
    if form.is_bound and form.is_valid():
        try:
            change = change_prepare(actor=request.actor, body=body, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.info(request, _("Nothing is changed yet: this is what it would reach."))
            return redirect(change)
    status = 422 if form.is_bound else 200
    context = {"body": body, "form": form}
    return render(request, "certification/approval_change_new.html", context, status=status)


@method_decorator(needs(IS_OPERATOR), name="dispatch")
class ApprovalChangeTransition(TransitionView):
    """Order a prepared change, or drop it."""

    flow = APPROVAL_FLOW
    template_name = "certification/approval_change_do.html"

    def get_object(self):
        return change_seen(self.request.actor, self.kwargs["pk"])

    def get_context(self, obj, transition):
        return {"reached": affected(obj).count(), "consequence": CONSEQUENCES[obj.kind]}
