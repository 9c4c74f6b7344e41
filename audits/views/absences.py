"""Absences: entered by the person, or by a planner for anybody of the body."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audits.forms.absences import AbsenceForm, WithdrawForm
from audits.models import Absence, Audit
from audits.rights import ABSENCES
from audits.services import absences as services
from foundation.access import needs
from foundation.formatting import listed
from organisations.rights import PLANNER

_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(_METHODS)
@needs(ABSENCES)
def absence_new(request):
    """Enter days on which somebody is not available; say which audits they hit."""
    actor = request.actor
    form = AbsenceForm(
        request.POST or None,
        people=services.people_for(actor),
        person=None if PLANNER(actor) else actor.user,
        initial={name: request.GET.get(name, "") for name in ("user", "starts_on")},
    )
    if form.is_bound and form.is_valid():
        try:
            absence, hit = services.absence_enter(actor=actor, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            _say(request, hit)
            return redirect(absence)
    return render(
        request, "audits/absence_form.html", {"form": form}, status=422 if form.is_bound else 200
    )


def _say(request, hit) -> None:
    """Say that it is kept, and which audits that this person may see it hits."""
    messages.success(request, _("The absence is entered."))
    seen = Audit.objects.visible_to(request.actor).filter(pk__in=[audit.pk for audit in hit])
    if numbers := [audit.number for audit in seen]:
        messages.warning(
            request,
            _("It falls on these audits, whose planners were told: %(numbers)s.")
            % {"numbers": listed(numbers)},
        )


@require_http_methods(_METHODS)
@needs(ABSENCES)
def absence_withdraw(request, pk):
    """Ask, then take an absence back."""
    found = get_object_or_404(
        Absence.objects.visible_to(request.actor).select_related("user", "body"), pk=pk
    )
    if request.method == "POST":
        services.absence_withdraw(actor=request.actor, absence=found)
        messages.success(request, _("The absence is withdrawn; the days are free again."))
        return redirect("audits:absences")
    return render(
        request, "audits/absence_withdraw.html", {"absence": found, "form": WithdrawForm()}
    )
