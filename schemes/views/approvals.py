"""What a body is approved for: everybody of the body reads it, operators record and end it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from foundation import timeline
from foundation.access import SIGNED_IN, needs
from schemes.forms.records import ApprovalForm
from schemes.queries.approval_list import approvals_of, lasting, line
from schemes.rights import RECORD_APPROVAL
from schemes.services.approvals import approval_end, approval_record
from schemes.views.common import body_of, end_form, lasts, refused_or_new


def _approval(request, body, pk):
    return get_object_or_404(approvals_of(request.actor, body), pk=pk)


@require_safe
@needs(SIGNED_IN)
def approval(request, pk, approval_pk):
    """The page of one approval: facts, areas by name, history."""
    body = body_of(request, pk)
    found = _approval(request, body, approval_pk)
    context = {
        "body": body,
        "approval": found,
        "line": line(found, timezone.localdate()),
        "entries": timeline.of(found, request.actor),
        "may_record": bool(RECORD_APPROVAL(request.actor, found)),
        "lasts": lasts(found.valid_to),
    }
    return render(request, "schemes/approval.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RECORD_APPROVAL)
def approval_new(request, pk, approval_pk=None):
    """Record what a body is approved for, from nothing or from an earlier approval."""
    body = body_of(request, pk)
    like = _approval(request, body, approval_pk) if approval_pk else None
    form = ApprovalForm(request.POST or None, present=approvals_of(request.actor, body), like=like)
    if form.is_bound and form.is_valid():
        try:
            done = approval_record(actor=request.actor, body=body, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The approval is recorded; the managers were told."))
            return redirect(done)
    context = {"body": body, "form": form, "like": like}
    return refused_or_new(request, "schemes/approval_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RECORD_APPROVAL)
def approval_over(request, pk, approval_pk):
    """Set the last day of an approval that still holds."""
    body = body_of(request, pk)
    rows = approvals_of(request.actor, body).filter(lasting(timezone.localdate()))
    found = get_object_or_404(rows, pk=approval_pk)
    form = end_form(request, found.valid_from, found.valid_to)
    if form.is_bound and form.is_valid():
        approval_end(actor=request.actor, approval=found, **form.cleaned_data)
        messages.success(request, _("The last day is set; the managers were told."))
        return redirect(found)
    context = {
        "body": body,
        "approval": found,
        "form": form,
        "cancel_url": found.get_absolute_url(),
    }
    return refused_or_new(request, "schemes/approval_end.html", context)
