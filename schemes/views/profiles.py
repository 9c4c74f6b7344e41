"""The profile of a person in a body: entries, interests, and what the person proposes."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation import files, timeline
from foundation.access import SIGNED_IN, needs
from foundation.views.transitions import TransitionView
from schemes.enums import OF_THE_BODY, CompetenceStatus, EntryKind
from schemes.flows import COMPETENCE_FLOW
from schemes.forms.profiles import (
    EntryForm,
    InterestEndForm,
    InterestForm,
    ProposalForm,
    StrikeForm,
)
from schemes.models import Competence, Entry, Interest
from schemes.queries.interests import bars_until
from schemes.queries.profiles import person_seen, profile_of
from schemes.queries.rules import rule_book_for
from schemes.rights import DECLARES, KEEPS_ENTRIES, OWN_COMPETENCE
from schemes.services import competence as competences
from schemes.services import entries as services
from schemes.services.interests import interest_declare, interest_end, interests_confirm
from schemes.views.common import body_of, refused_or_new, require

FORM = "schemes/profile_form.html"


def profile_url(body, user_pk, anchor: str = "") -> str:
    """Return the address of a person's profile in a body."""
    address = reverse("schemes:profile", args=[body.pk, user_pk])
    return f"{address}#{anchor}" if anchor else address


def _entry(user, body, kind) -> Entry:
    """Return an entry that is not kept, for the question who may record one."""
    return Entry(user=user, kind=kind, body=body if kind in OF_THE_BODY else None)


def _addable(actor, user, body) -> set[str]:
    """Return the kinds that the actor may add; those of one side stand or fall together."""
    kinds = (set(EntryKind) - set(OF_THE_BODY), OF_THE_BODY)
    return {
        kind.value
        for side in kinds
        if KEEPS_ENTRIES(actor, _entry(user, body, next(iter(side))))
        for kind in side
    }


@require_safe
@needs(SIGNED_IN)
def profile(request, pk, user_pk):
    """The page of a person in a body."""
    body = body_of(request, pk)
    user = person_seen(request.actor, body, user_pk)
    may_add = _addable(request.actor, user, body)
    context = {
        "body": body,
        "profile": profile_of(request.actor, body, user),
        "own": user == request.actor.user,
        "may_add": may_add,
        "may_declare": bool(DECLARES(request.actor, Interest(user=user))),
        "may_propose": bool(OWN_COMPETENCE(request.actor, Competence(user=user, body=body))),
    }
    return render(request, "schemes/profile.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(KEEPS_ENTRIES)
def entry_new(request, pk, user_pk, kind):
    """Record an entry of one kind."""
    if kind not in EntryKind.values:
        raise Http404
    body = body_of(request, pk)
    user = person_seen(request.actor, body, user_pk)
    require(KEEPS_ENTRIES(request.actor, _entry(user, body, kind)))
    form = EntryForm(
        request.POST or None, request.FILES or None, kind=EntryKind(kind), actor=request.actor
    )
    if form.is_bound and form.is_valid():
        facts = form.facts()
        proof = [files.store(given, actor=request.actor) for given in facts.pop("proof")]
        try:
            services.entry_record(
                actor=request.actor, user=user, body=body, kind=kind, proof=proof, **facts
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Recorded."))
            return redirect(profile_url(body, user.pk, kind))
    title = EntryKind(kind).label
    return _form(request, body, user, form, title)


def _form(request, body, user, form, title, **more):
    context = {"body": body, "person": user, "form": form, "title": title, **more}
    return refused_or_new(request, FORM, context)


def _shown(request, rows, pk):
    """Return a row that the actor may see, with the body under which its person is shown."""
    found = get_object_or_404(rows.select_related("user"), pk=pk)
    body = request.actor.organisation
    return found, body


@require_safe
@needs(SIGNED_IN)
def entry(request, pk):
    """The page of one entry: facts, proof, history."""
    found, body = _shown(request, Entry.objects.visible_to(request.actor), pk)
    context = {
        "entry": found,
        "body": body,
        "files": files.attachments_of(found, services.PROOF),
        "entries": timeline.of(found, request.actor),
        "may_strike": found.struck_at is None and bool(KEEPS_ENTRIES(request.actor, found)),
    }
    return render(request, "schemes/entry.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(KEEPS_ENTRIES)
def entry_strike(request, pk):
    """Strike an entry off."""
    rows = Entry.objects.visible_to(request.actor).standing()
    found, body = _shown(request, rows, pk)
    require(KEEPS_ENTRIES(request.actor, found))
    form = StrikeForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            services.entry_strike(actor=request.actor, entry=found, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The entry is struck off."))
            return redirect(found)
    return _form(request, body, found.user, form, _("Strike off"), about=found)


# Competence that the person proposes


def _entries_of(actor):
    own = Entry.objects.visible_to(actor).standing().filter(user=actor.user)
    return own.exclude(kind=EntryKind.EMPLOYMENT)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(OWN_COMPETENCE)
def competence_propose(request, pk):
    """Propose one's own competence to the body."""
    body = body_of(request, pk)
    require(OWN_COMPETENCE(request.actor, Competence(user=request.actor.user, body=body)))
    form = ProposalForm(request.POST or None, entries=_entries_of(request.actor))
    if form.is_bound and form.is_valid():
        try:
            done = competences.competence_propose(
                actor=request.actor, body=body, **form.cleaned_data
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Proposed; a colleague judges it."))
            return redirect(done)
    return _form(request, body, request.actor.user, form, _("Propose a competence"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(OWN_COMPETENCE)
def competence_change(request, pk):
    """Change a proposal that was returned, and make it again."""
    rows = Competence.objects.visible_to(request.actor).filter(status=CompetenceStatus.RETURNED)
    found = get_object_or_404(rows.select_related("user", "body", "scheme"), pk=pk)
    require(OWN_COMPETENCE(request.actor, found))
    form = ProposalForm(request.POST or None, entries=_entries_of(request.actor), like=found)
    if form.is_bound and form.is_valid():
        try:
            done = competences.competence_repropose(
                actor=request.actor, competence=found, **form.cleaned_data
            )
        except ValidationError as error:
            found.refresh_from_db()
            form.add_error(None, error)
        else:
            messages.success(request, _("Proposed; a colleague judges it."))
            return redirect(done)
    title = _("Propose again")
    return _form(request, found.body, found.user, form, title, answer=found.answer)


@method_decorator(needs(SIGNED_IN), name="dispatch")
class CompetenceDo(TransitionView):
    """The acts on a competence: approve, return, suspend, reinstate, withdraw."""

    flow = COMPETENCE_FLOW
    template_name = "schemes/competence_do.html"

    def get_object(self):
        rows = Competence.objects.visible_to(self.request.actor)
        return get_object_or_404(
            rows.select_related("user", "body", "scheme"), pk=self.kwargs["pk"]
        )

    def get_context(self, obj, transition):
        return {"support": Entry.objects.visible_to(self.request.actor).filter(supports=obj)}


# Interests


@require_http_methods(["GET", "HEAD", "POST"])
@needs(DECLARES)
def interest_new(request, pk, user_pk):
    """Declare an interest of one's own, or of a person of the body."""
    body = body_of(request, pk)
    user = person_seen(request.actor, body, user_pk)
    require(DECLARES(request.actor, Interest(user=user)))
    own = user == request.actor.user
    form = InterestForm(request.POST or None, own=own)
    if form.is_bound and form.is_valid():
        try:
            interest_declare(actor=request.actor, user=user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Declared. Whoever it concerns in the body is told."))
            return redirect(profile_url(body, user.pk, "interests"))
    return _form(request, body, user, form, _("Declare an interest"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(SIGNED_IN)
def interest(request, pk):
    """The page of one interest; its last day is set here."""
    rows = Interest.objects.visible_to(request.actor)
    found, body = _shown(request, rows, pk)
    may_end = found.ended_on is None and bool(DECLARES(request.actor, found))
    if request.method == "POST" and not may_end:
        raise PermissionDenied(_("This interest has its last day already."))
    form = InterestEndForm(request.POST or None) if may_end else None
    if form is not None and form.is_bound and form.is_valid():
        try:
            interest_end(actor=request.actor, interest=found, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The last day is set."))
            return redirect(found)
    country = str(body.country) if body else ""
    context = {
        "interest": found,
        "body": body,
        "form": form,
        "until": bars_until(found, rule_book_for(country, timezone.localdate())),
        "entries": timeline.of(found, request.actor),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "schemes/interest.html", context, status=status)


@require_POST
@needs(DECLARES)
def confirm_interests(request, pk):
    """Keep the actor's word that the declared interests are complete."""
    body = body_of(request, pk)
    person_seen(request.actor, body, request.actor.user.pk)
    interests_confirm(actor=request.actor)
    messages.success(request, _("Confirmed."))
    return redirect(profile_url(body, request.actor.user.pk, "interests"))
