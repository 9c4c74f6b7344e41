"""What people do with a list besides reading it: saved views, bulk actions, long exports."""

from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation import undo
from foundation.access import SIGNED_IN, needs
from foundation.forms import CleanCharField, PortalForm
from foundation.lists import Listing
from foundation.lists import bulk as bulks
from foundation.lists.declared import find
from foundation.lists.exporting import job_of
from foundation.lists.saving import (
    REMOVED,
    own_views,
    place_of,
    view_change,
    view_raise,
    view_remove,
    view_save,
)
from foundation.models import BulkRun, Export, SavedView
from foundation.models.base import subject_type
from foundation.models.jobs import Job, JobState
from foundation.models.lists import BulkState

PER_PAGE = 50


class ViewForm(PortalForm, forms.Form):
    """The name of a saved view, and whether colleagues see it."""

    submit_label = gettext_lazy("Save this view")

    label = CleanCharField(label=gettext_lazy("Name of the view"), max_length=60)
    shared = forms.BooleanField(label=gettext_lazy("Share it with the team"), required=False)


class _Nothing(PortalForm, forms.Form):
    """The form of a bulk action that asks for nothing but the word to begin."""


def _listing(request, key: str) -> Listing:
    """Return the list a key names, as the address asks for it, if its door opens."""
    try:
        page, place = place_of(key)
    except KeyError:
        raise Http404 from None
    access = page.right(request.actor)
    if not access:
        raise PermissionDenied(access.reason)
    return Listing(page, request.actor, request.GET, place)


# Saved views


@require_http_methods(["GET", "HEAD", "POST"])
@needs(SIGNED_IN)
def save_view(request, key):
    """Keep the present address of a list under a name."""
    listing = _listing(request, key)
    form = ViewForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            view_save(actor=request.actor, listing=listing, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("The view is saved."))
            return redirect(listing.address)
    context = {
        "form": form,
        "title": _("Save this view"),
        "intro": _("List: %(list)s") % {"list": listing.page.heading(listing)},
        "back": listing.address,
    }
    return render(request, "foundation/form.html", context, status=422 if form.is_bound else 200)


@require_safe
@needs(SIGNED_IN)
def manage_views(request, key):
    """Show a person's own views of a list: rename, share, order, remove."""
    listing = _listing(request, key)
    context = {
        "listing": listing,
        "heading": listing.page.heading(listing),
        "views": own_views(request.actor, listing.key),
    }
    return render(request, "foundation/saved_views.html", context)


def _own_view(request, pk) -> SavedView:
    rows = SavedView.objects.visible_to(request.actor).filter(person=request.actor.user)
    return get_object_or_404(rows, pk=pk)


def _to_views(view):
    return redirect("foundation:views", key=view.list_key)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(SIGNED_IN)
def change_view(request, pk):
    """Rename a view, share it or keep it to oneself."""
    view = _own_view(request, pk)
    present = {"label": view.label, "shared": view.shared}
    form = ViewForm(request.POST or None, initial=present)
    form.submit_label = _("Save")
    if form.is_bound and form.is_valid():
        try:
            view_change(actor=request.actor, view=view, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("The view is changed."))
            return _to_views(view)
    back = reverse("foundation:views", args=[view.list_key])
    context = {"form": form, "title": present["label"], "back": back}
    return render(request, "foundation/form.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs(SIGNED_IN)
def raise_view(request, pk):
    """Move a view up by one place."""
    view = _own_view(request, pk)
    view_raise(actor=request.actor, view=view)
    return _to_views(view)


@require_POST
@needs(SIGNED_IN)
@transaction.atomic
def remove_view(request, pk):
    """Remove a view, with a way back for a minute."""
    view = _own_view(request, pk)
    label = view.label
    facts = view_remove(view=view)
    undo.offer(request, REMOVED, _("The view “%(name)s” is removed.") % {"name": label}, **facts)
    return _to_views(view)


# Bulk actions


@require_http_methods(["GET", "HEAD", "POST"])
@needs(SIGNED_IN)
def bulk(request, key):
    """Ask what a bulk action needs, then begin it. The address holds what is selected."""
    listing = _listing(request, key)
    try:
        action = bulks.action_of(listing.page, request.GET.get("action", ""), request.actor)
    except KeyError:
        raise Http404 from None
    keys = bulks.selected(listing, request.GET)
    if not keys:
        messages.error(request, _("Select rows first."))
        return redirect(listing.address)
    too_many = len(keys) > settings.LIST_BULK_LIMIT
    form = _bulk_form(request, action)
    if form.is_bound and form.is_valid() and not too_many:
        facts = form.facts() if hasattr(form, "facts") else form.cleaned_data
        run = bulks.bulk_start(
            actor=request.actor, listing=listing, action=action, keys=keys, facts=facts
        )
        return redirect(run)
    context = {
        "listing": listing,
        "action": action,
        "form": form,
        "count": len(keys),
        "every": bool(request.GET.get(bulks.EVERY)),
        "limit": settings.LIST_BULK_LIMIT if too_many else None,
        "heading": listing.page.heading(listing),
        "sample": listing.full(keys[:5]),
    }
    return render(request, "foundation/bulk_ask.html", context, status=422 if form.errors else 200)


def _bulk_form(request, action):
    data = request.POST if request.method == "POST" else None
    form = action.form(data, actor=request.actor) if action.form else _Nothing(data)
    form.submit_label = action.label
    return form


@require_safe
@needs(SIGNED_IN)
def bulk_run(request, pk):
    """Show how far a bulk action is and what became of each row."""
    run = get_object_or_404(BulkRun.objects.visible_to(request.actor), pk=pk)
    page = find(run.list_name)
    # Some time after it was done the job is gone; the results stay.
    job = Job.objects.filter(subject_type=subject_type(run), subject_id=run.pk).first()
    counts = {state: run.items.filter(state=state).count() for state in BulkState}
    items = run.items.exclude(state=BulkState.WAITING)
    state = request.GET.get("state", "")
    if state in BulkState.values:
        items = items.filter(state=state)
    shown = Paginator(items, PER_PAGE).get_page(request.GET.get("page"))
    shown.object_list = _with_rows(page, run, request.actor, list(shown.object_list))
    working = job is not None and job.state in (JobState.QUEUED, JobState.RUNNING)
    action = next((one for one in page.bulk if one.name == run.action), None)
    context = {
        "run": run,
        "job": job,
        "title": action.label if action else run.action,
        "working": working,
        "counts": counts,
        "handled": run.total - counts[BulkState.WAITING],
        "left": _left(run, counts[BulkState.WAITING]) if working else None,
        "tabs": [
            {"label": one.label, "count": counts[one], "value": one.value, "now": one == state}
            for one in (BulkState.DONE, BulkState.REFUSED, BulkState.FAILED)
            if counts[one]
        ],
        "state": state,
        "page": shown,
        "again": _again(run) if not working else "",
    }
    return render(request, "foundation/bulk_run.html", context)


def _with_rows(page, run, actor, items) -> list:
    """Give each result the row it is about, as far as the actor still sees it."""
    keys = [item.object_id for item in items]
    rows = page.rows(actor, **run.place).filter(pk__in=keys)
    by_key = {str(row.pk): row for row in rows}
    for item in items:
        item.row = by_key.get(item.object_id)
    return items


def _left(run, waiting: int) -> int | None:
    """Return about how many seconds a bulk action still takes."""
    done = run.total - waiting
    if not run.started_at or not done:
        return None
    return round((timezone.now() - run.started_at).total_seconds() / done * waiting)


def _again(run) -> str:
    """Return the address that asks again for the rows that were not done."""
    rows = run.items.exclude(state=BulkState.DONE).values_list("object_id", flat=True)[:PER_PAGE]
    if not rows:
        return ""
    key = ":".join([run.list_name, *run.place.values()])
    pairs = [("action", run.action), *((bulks.PICK, one) for one in rows)]
    return f"{reverse('foundation:bulk', args=[key])}?{urlencode(pairs)}"


# Long exports


@require_safe
@needs(SIGNED_IN)
def export(request, pk):
    """Show how far the file of a long list is, then the file."""
    found = get_object_or_404(Export.objects.visible_to(request.actor), pk=pk)
    job = job_of(found)
    context = {"export": found, "job": job, "title": find(found.list_name).title}
    return render(request, "foundation/export.html", context)
