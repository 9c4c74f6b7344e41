from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation import files, timeline
from foundation.access import IS_OPERATOR, SIGNED_IN, needs, page_of_ours
from foundation.examination import IMAGES
from foundation.views.transitions import TransitionView
from organisations.enums import Kind
from organisations.flows import BODY_FLOW
from organisations.forms.organisations import (
    LicenceForm,
    OrganisationForm,
    PictureForm,
    ProfileForm,
    SiteForm,
)
from organisations.hints import hints_of
from organisations.models import BodyProfile, Membership, Organisation, Site
from organisations.queries import LICENCE, LOGO, SIGNATURE, qualification
from organisations.rights import ADMINISTERS
from organisations.services.organisations import (
    change_organisation,
    change_profile,
    end_site,
    save_site,
    store_file,
)
from organisations.services.teams import end_membership

PICTURES = {LOGO: gettext_lazy("Logo"), SIGNATURE: gettext_lazy("Signature on certificates")}
RECENT = 10


def _mine(request, pk) -> Organisation:
    """Return an organisation the actor may see and runs, or answer 404 or 403."""
    found = get_object_or_404(Organisation.objects.visible_to(request.actor), pk=pk)
    access = ADMINISTERS(request.actor, found)
    if not access:
        raise PermissionDenied(access.reason)
    return found


@require_safe
@needs(SIGNED_IN)
def organisation(request, pk):
    """The page of an organisation: facts, sites, people, files, history."""
    actor = request.actor
    found = get_object_or_404(Organisation.objects.visible_to(actor), pk=pk)
    profile = getattr(found, "body_profile", None)
    members = Membership.objects.visible_to(actor).filter(organisation=found, ended_at=None)
    members = list(members.select_related("user"))
    context = {
        "organisation": found,
        "profile": profile,
        "is_body": found.kind == Kind.BODY,
        "administers": bool(ADMINISTERS(actor, found)),
        "sites": found.sites.filter(active=True),
        "members": members,
        "people": [member.user for member in members],
        "checks": qualification(found) if found.kind in (Kind.ENTERPRISE, Kind.BODY) else [],
        "licences": files.attachments_of(found, LICENCE),
        "actions": BODY_FLOW.actions_for(profile, actor) if profile else [],
        "entries": timeline.of(found, actor, RECENT),
        "pictures": PICTURES,
        "hints": hints_of(found, actor),
    }
    return render(request, "organisations/organisation.html", context)


def _form_page(request, found, form, title, *, intro="", back=""):
    back = back or found.get_absolute_url()
    context = {"form": form, "title": title, "intro": intro, "back": back}
    status = 422 if form.is_bound else 200
    return render(request, "foundation/form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(ADMINISTERS)
def edit(request, pk):
    """Change the facts of one's organisation."""
    found = _mine(request, pk)
    back = page_of_ours(request, request.GET.get("next", ""), found.get_absolute_url())
    form = OrganisationForm(request.POST or None, instance=found)
    if form.is_bound and form.is_valid():
        fresh = Organisation.objects.visible_to(request.actor).get(pk=pk)
        change_organisation(actor=request.actor, organisation=fresh, facts=form.cleaned_data)
        messages.success(request, _("The facts are saved."))
        return redirect(back)
    return _form_page(request, found, form, _("Facts of the organisation"), back=back)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(ADMINISTERS)
def edit_profile(request, pk):
    """Change how one's certificates are numbered and signed."""
    found = _mine(request, pk)
    profile = get_object_or_404(BodyProfile.objects.visible_to(request.actor), organisation=found)
    form = ProfileForm(request.POST or None, instance=profile)
    if form.is_bound and form.is_valid():
        fresh = BodyProfile.objects.visible_to(request.actor).get(pk=profile.pk)
        change_profile(actor=request.actor, profile=fresh, facts=form.cleaned_data)
        messages.success(request, _("The settings are saved."))
        return redirect(found)
    return _form_page(request, found, form, _("Certificates of this body"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(ADMINISTERS)
def picture(request, pk, label):
    """Store a new logo or signature; certificates issued before keep theirs."""
    found = _mine(request, pk)
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = PictureForm(*data)
    form.offer_files(request.actor)
    if form.is_bound and form.is_valid():
        upload = form.cleaned_data["picture"]
        store_file(
            actor=request.actor, organisation=found, upload=upload, label=label, accept=IMAGES
        )
        messages.success(request, _("The picture is stored."))
        return redirect(found)
    return _form_page(request, found, form, PICTURES[label])


@require_http_methods(["GET", "HEAD", "POST"])
@needs(ADMINISTERS)
def licence(request, pk):
    """Store a new copy of the licence."""
    found = _mine(request, pk)
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = LicenceForm(*data)
    form.offer_files(request.actor)
    if form.is_bound and form.is_valid():
        upload = form.cleaned_data["licence"]
        store_file(actor=request.actor, organisation=found, upload=upload, label=LICENCE)
        messages.success(request, _("The licence is stored."))
        return redirect(found)
    return _form_page(request, found, form, _("Licence"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(ADMINISTERS)
def site(request, pk, site_pk=None):
    """Add a site, or change one."""
    found = _mine(request, pk)
    rows = Site.objects.visible_to(request.actor).filter(organisation=found, active=True)
    present = get_object_or_404(rows, pk=site_pk) if site_pk else None
    form = SiteForm.of(found, request.POST or None, present)
    if form.is_bound and form.is_valid():
        save_site(actor=request.actor, organisation=found, facts=form.cleaned_data, site=present)
        messages.success(request, _("The site is saved."))
        return redirect(found)
    return _form_page(request, found, form, present.name if present else _("Add a site"))


@require_POST
@needs(ADMINISTERS)
def site_end(request, pk, site_pk):
    """Take a site out of use."""
    found = _mine(request, pk)
    rows = Site.objects.visible_to(request.actor).filter(organisation=found, active=True)
    end_site(actor=request.actor, site=get_object_or_404(rows, pk=site_pk))
    messages.success(request, _("The site is no longer in use."))
    return redirect(found)


@require_POST
@needs(ADMINISTERS)
def member_end(request, pk, member_pk):
    """End one role of a person."""
    found = _mine(request, pk)
    rows = Membership.objects.visible_to(request.actor).filter(organisation=found, ended_at=None)
    membership = get_object_or_404(rows, pk=member_pk)
    try:
        end_membership(actor=request.actor, membership=membership)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("The role has ended."))
    return redirect("organisations:people", pk)


@method_decorator(needs(IS_OPERATOR), name="dispatch")
class BodyTransitionView(TransitionView):
    """Approve, refuse, suspend or reinstate a body."""

    flow = BODY_FLOW
