from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms.people import NameForm
from accounts.models import User
from foundation.access import SIGNED_IN, needs
from organisations.actors import SESSION_KEY
from organisations.enums import Kind
from organisations.forms.organisations import ProfileForm, RegistrationForm
from organisations.rights import ACTS
from organisations.services.organisations import register_body, register_enterprise
from organisations.services.teams import rename


@require_safe
@needs(SIGNED_IN)
def register(request):
    """Ask what kind of organisation is to be registered."""
    return render(request, "organisations/register.html")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(SIGNED_IN)
def register_as_enterprise(request):
    """Register an enterprise with its licence."""
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = RegistrationForm(*data, kind=Kind.ENTERPRISE)
    form.offer_files(request.actor)
    if form.is_bound and form.is_valid():
        facts = dict(form.cleaned_data)
        licence = facts.pop("licence")
        enterprise = register_enterprise(actor=request.actor, facts=facts, licence=licence)
        return _welcome(request, enterprise)
    context = {
        "form": form,
        "title": _("Register your enterprise"),
        "intro": _("Copy the facts from the licence. Every application is filled from here."),
    }
    status = 422 if form.is_bound else 200
    return render(request, "foundation/form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(SIGNED_IN)
def register_as_body(request):
    """Register a certification body; an operator approves it."""
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = RegistrationForm(*data, kind=Kind.BODY)
    form.offer_files(request.actor)
    profile = ProfileForm(data[0] if data else None)
    form.submit_label, profile.submit_label = "", form.submit_label
    form.helper.form_tag = profile.helper.form_tag = False
    if form.is_bound and form.is_valid() & profile.is_valid():
        facts = dict(form.cleaned_data)
        licence = facts.pop("licence")
        body = register_body(
            actor=request.actor, facts=facts, profile=profile.cleaned_data, licence=licence
        )
        return _welcome(request, body)
    status = 422 if form.is_bound else 200
    context = {"form": form, "profile": profile}
    return render(request, "organisations/register_body.html", context, status=status)


def _welcome(request, organisation):
    request.session[SESSION_KEY] = str(organisation.pk)
    messages.success(request, _("%(name)s is registered.") % {"name": organisation.name})
    return redirect(organisation)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(SIGNED_IN)
def own_name(request):
    """Change how one's name is written."""
    form = NameForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if form.is_bound and form.is_valid():
        rename(actor=request.actor, **form.cleaned_data)
        messages.success(request, _("Your name is saved."))
        return redirect("desk")
    context = {
        "form": form,
        "title": _("Your name"),
        "intro": _("Documents that are signed or issued already keep the name they bear."),
        "back": reverse("desk"),
    }
    return render(request, "foundation/form.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs(SIGNED_IN)
def act_as(request):
    """Act for another of one's own organisations from now on."""
    chosen = request.POST.get("organisation", "")
    own = {str(organisation.pk): organisation for organisation in request.actor.memberships}
    if chosen in own:
        request.session[SESSION_KEY] = chosen
        messages.success(request, _("You now act for %(name)s") % {"name": own[chosen].name})
    return HttpResponseRedirect(reverse("desk"))


@require_safe
@needs(ACTS)
def own(request):
    """Lead to the page of the organisation acted for now."""
    return redirect(request.actor.organisation)
