"""What the people of a body are competent for: a matrix, its rows, and how they are kept."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from foundation import timeline
from foundation.access import SIGNED_IN, needs
from schemes.enums import AuditLanguage, CompetenceStatus
from schemes.flows import COMPETENCE_FLOW
from schemes.forms.records import CompetenceForm
from schemes.lists import TODAY
from schemes.models import Competence, Entry
from schemes.queries import matrix
from schemes.queries.people import members_of
from schemes.rights import READS_TEAM, RECORD_COMPETENCE
from schemes.services import competence as services
from schemes.views.common import body_of, end_form, lasts, refused_or_new, require


def _may_record(request, body):
    """Tell whether the actor keeps the competence of this body's people."""
    return RECORD_COMPETENCE(request.actor, Competence(body=body))


def _competence(request, body, pk) -> Competence:
    rows = Competence.objects.visible_to(request.actor).filter(body=body)
    return get_object_or_404(rows.select_related("user", "scheme"), pk=pk)


@require_safe
@needs(SIGNED_IN)
def competence(request, pk, competence_pk):
    """The page of one competence: facts, areas by name, history."""
    body = body_of(request, pk)
    found = _competence(request, body, competence_pk)
    context = {
        "body": body,
        "competence": found,
        "line": matrix.line(found, timezone.localdate()),
        "languages": " · ".join(str(AuditLanguage(code).label) for code in found.languages),
        "entries": timeline.of(found, request.actor),
        "may_record": bool(RECORD_COMPETENCE(request.actor, found))
        and found.status == CompetenceStatus.APPROVED,
        "lasts": lasts(found.valid_until),
        "support": Entry.objects.visible_to(request.actor).filter(supports=found),
        "available": COMPETENCE_FLOW.actions_for(found, request.actor),
    }
    return render(request, "schemes/competence_item.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RECORD_COMPETENCE)
def competence_new(request, pk, competence_pk=None):
    """Record what a person is competent for, from nothing or from an earlier record."""
    body = body_of(request, pk)
    require(_may_record(request, body))
    like = _competence(request, body, competence_pk) if competence_pk else None
    people = members_of(request.actor, body)
    chosen = {"user": request.GET.get("person", "")}
    form = CompetenceForm(request.POST or None, people=people, like=like, initial=chosen)
    if form.is_bound and form.is_valid():
        try:
            done = services.competence_record(actor=request.actor, body=body, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The competence is recorded."))
            return redirect(done)
    context = {"body": body, "form": form, "like": like}
    return refused_or_new(request, "schemes/competence_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RECORD_COMPETENCE)
def competence_over(request, pk, competence_pk):
    """Set the last day of a competence that still holds."""
    body = body_of(request, pk)
    require(_may_record(request, body))
    rows = (
        Competence.objects.visible_to(request.actor)
        .approved()
        .filter(body=body, valid_until__gte=timezone.localdate())
    )
    found = get_object_or_404(rows.select_related("user", "scheme"), pk=competence_pk)
    form = end_form(request, found.valid_from, found.valid_until)
    if form.is_bound and form.is_valid():
        services.competence_end(actor=request.actor, competence=found, **form.cleaned_data)
        messages.success(request, _("The last day is set; the person was told."))
        return redirect(found)
    context = {
        "body": body,
        "competence": found,
        "form": form,
        "cancel_url": found.get_absolute_url(),
    }
    return refused_or_new(request, "schemes/competence_end.html", context)


@require_safe
@needs(READS_TEAM)
def cover_on(request, pk):
    """Lead to the areas as of the day that was asked for, or of today."""
    body = body_of(request, pk)
    asked = request.GET.get("on", "")
    try:
        as_of = date.fromisoformat(asked).isoformat() if asked else TODAY
    except ValueError:
        messages.error(request, _("Enter a real date, such as 2026-03-16."))
        as_of = TODAY
    return redirect("schemes:cover", pk=body.pk, as_of=as_of)
