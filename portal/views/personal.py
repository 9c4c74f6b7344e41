from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.access import IS_OPERATOR, SIGNED_IN, needs
from foundation.forms import CleanCharField, PortalForm
from foundation.models import DataRequest
from foundation.models.privacy import Wish
from foundation.views.files import serve
from portal.personal import copies, erasure, retention


class DeclineForm(PortalForm, forms.Form):
    """Why an erasure is not possible; its person reads it."""

    reason = CleanCharField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The person reads it."),
    )
    submit_label = pgettext_lazy("erasure", "Decline")

    def get_layout(self):
        return ["reason"]


@require_safe
@never_cache
@needs(SIGNED_IN)
def personal_data(request):
    """Show a person what may be copied or erased of the own data, and what was asked."""
    own = DataRequest.objects.filter(user=request.user)
    asked = own.filter(wish=Wish.ERASURE).first()
    context = {
        "copies": own.copies().select_related("file"),
        "making": own.filter(wish=Wish.COPY, done_at=None).exists(),
        "erasure": asked,
        "answer_by": asked and retention.answer_by(asked.created_at),
        "plan": erasure.plan(request.user),
        "rules": retention.table()[1],
    }
    return render(request, "portal/personal/data.html", context)


@require_POST
@needs(SIGNED_IN)
def copy_ask(request):
    """Ask for a copy of the own data."""
    copies.ask(actor=request.actor)
    messages.success(request, _("The copy is being made. A notice tells when it is ready."))
    return redirect("personal_data")


@require_safe
@never_cache
@needs(SIGNED_IN)
def copy_fetch(request, pk):
    """Answer with a copy, to its own person alone and while its time lasts."""
    rows = DataRequest.objects.filter(user=request.user).copies().select_related("file")
    found = get_object_or_404(rows, pk=pk)
    if found.file is None:
        raise Http404
    return serve(found.file)


@require_POST
@needs(SIGNED_IN)
def erasure_ask(request):
    """Ask to be erased, or take it back."""
    if "withdraw" in request.POST:
        for found in DataRequest.objects.filter(user=request.user).open_erasures():
            erasure.withdraw(actor=request.actor, request=found)
        messages.success(request, _("You keep your account."))
    elif request.POST.get("sure"):
        erasure.ask(actor=request.actor)
        messages.success(request, _("The operators have your wish."))
    else:
        messages.error(request, _("Tick that you know what goes, then ask."))
    return redirect("personal_data")


@require_safe
@needs(IS_OPERATOR)
def erasures(request):
    """List the wishes that wait for a decision."""
    rows = DataRequest.objects.visible_to(request.actor).open_erasures().select_related("user")
    for row in rows:
        row.answer_by = retention.answer_by(row.created_at)
    return render(request, "portal/personal/erasures.html", {"requests": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(IS_OPERATOR)
def erasure_decide(request, pk):
    """Show what would go and what must stay; erase, or decline with a reason."""
    rows = DataRequest.objects.visible_to(request.actor).filter(wish=Wish.ERASURE)
    found = get_object_or_404(rows.select_related("user"), pk=pk)
    form = DeclineForm(request.POST if "reason" in request.POST else None)
    blockers = []
    if request.method == "POST":
        if "reason" not in request.POST:
            try:
                done = erasure.erase(actor=request.actor, request=found)
            except ValidationError as error:
                blockers = error.messages
            else:
                return _decided(request, done, _("The account is closed and erased."))
        elif form.is_valid():
            reason = form.cleaned_data["reason"]
            done = erasure.decline(actor=request.actor, request=found, reason=reason)
            return _decided(request, done, _("The wish is declined."))
    context = {"found": found, "plan": erasure.plan(found.user), "form": form}
    status = 422 if blockers or form.errors else 200
    return render(request, "portal/personal/erasure.html", context, status=status)


def _decided(request, done, words):
    if not done:
        raise PermissionDenied(_("This wish was decided on already."))
    messages.success(request, words)
    return redirect("erasures")
