"""One's own keys for programs."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.access import SIGNED_IN, needs
from organisations.forms.keys import KeyForm
from organisations.models import ApiKey
from organisations.rights import ACTS
from organisations.scopes import SCOPES
from organisations.services.keys import end_key, make_key


@require_safe
@needs(SIGNED_IN)
def keys(request):
    """List one's own keys: those that are good, then those that are over."""
    rows = ApiKey.objects.filter(user=request.user).select_related("organisation")
    for row in rows:
        row.titles = [SCOPES[name].title for name in row.scopes if name in SCOPES]
    return render(request, "organisations/keys.html", {"keys": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(ACTS)
def key_new(request):
    """Make a key, and show its secret once."""
    form = KeyForm(request.POST or None, actor=request.actor)
    if form.is_bound and form.is_valid():
        try:
            key, secret = make_key(request=request, **form.facts())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            context = {"key": key, "secret": secret}
            return render(request, "organisations/key_made.html", context)
    context = {
        "form": form,
        "title": _("Make an API key"),
        "intro": _("A program acts with it for you in %(name)s, and reads only.")
        % {"name": request.actor.organisation.name},
        "back": "../",
    }
    return render(request, "foundation/form.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs(SIGNED_IN)
def key_end(request, pk):
    """End one of one's own keys."""
    end_key(request=request, key=get_object_or_404(ApiKey.objects.filter(user=request.user), pk=pk))
    messages.success(request, _("The key is ended. Programs that use it are refused from now on."))
    return redirect("organisations:keys")
