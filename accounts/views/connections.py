"""Sign in through a provider, connect one with an account, and take it off again."""

import logging
import time
from dataclasses import asdict

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import oidc
from accounts.forms.factors import ConnectForm
from accounts.models import Connection
from accounts.services import connections
from foundation.access import SIGNED_IN, needs, page_of_ours, public
from foundation.throttle import allow

logger = logging.getLogger(__name__)
PENDING = "oidc_pending"
BAD_GATEWAY, BAD_REQUEST, TOO_MANY = 502, 400, 429
PER_MINUTE = 30


def _provider(name):
    try:
        return oidc.providers()[name]
    except KeyError:
        raise Http404 from None


def _callback(request, provider) -> str:
    return request.build_absolute_uri(reverse("accounts:provider_callback", args=[provider.id]))


def _failed(request, provider, error, status):
    logger.warning("sign-in through %s refused: %s", provider.id, error)
    return render(request, "accounts/provider_failed.html", {"provider": provider}, status=status)


@require_safe
@never_cache
@public
def provider_start(request, provider):
    """Send the browser to a provider."""
    found = _provider(provider)
    if not allow(request, "oidc", amount=PER_MINUTE, seconds=60):
        return _failed(request, found, "too often", TOO_MANY)
    back = page_of_ours(request, request.GET.get("next", ""), "")
    try:
        address = oidc.begin(request, found, callback=_callback(request, found), back=back)
    except oidc.Refused as error:
        return _failed(request, found, error, BAD_GATEWAY)
    return redirect(address)


@require_safe
@never_cache
@public
def provider_callback(request, provider):
    """Take up who comes back from a provider: sign in, or ask which account it is."""
    found = _provider(provider)
    if not allow(request, "oidc", amount=PER_MINUTE, seconds=60):
        return _failed(request, found, "too often", TOO_MANY)
    try:
        identity, back = oidc.finish(request, found, callback=_callback(request, found))
    except oidc.Refused as error:
        return _failed(request, found, error, BAD_REQUEST)
    connection = connections.find(identity)
    if request.user.is_authenticated or connection is None:
        request.session[PENDING] = asdict(identity) | {"at": time.time()}
        return redirect("accounts:connect")
    user = connection.user
    connections.used(connection, identity)
    record_authentication(
        request, user, "socialaccount", provider=identity.provider, uid=identity.subject
    )
    if identity.has_second_factor:
        record_authentication(request, user, "mfa", type="provider")
    return perform_login(request, Login(user=user, redirect_url=back or None))


def _pending(request) -> oidc.Identity | None:
    kept = dict(request.session.get(PENDING, {}))
    if not kept or kept.pop("at") < time.time() - oidc.LASTS:
        request.session.pop(PENDING, None)
        return None
    return oidc.Identity(**kept)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@public
def connect(request):
    """Connect who came back from a provider with an account, for whoever proves to own it."""
    identity = _pending(request)
    if identity is None or identity.provider not in oidc.providers():
        return redirect("accounts:security")
    context = {"identity": identity, "provider": oidc.providers()[identity.provider]}
    if not request.user.is_authenticated:
        return render(request, "accounts/connect.html", context)
    form = ConnectForm(request.POST if request.method == "POST" else None, actor=request.actor)
    if form.is_bound and form.is_valid():
        try:
            connections.connect(request=request, identity=identity)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            del request.session[PENDING]
            messages.success(request, _("Connected. You can sign in with it from now on."))
            return redirect("accounts:security")
    context["form"] = form
    return render(request, "accounts/connect.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs(SIGNED_IN)
def disconnect(request, pk):
    """Take one of one's own connections off."""
    found = get_object_or_404(Connection.objects.filter(user=request.user), pk=pk)
    try:
        connections.disconnect(request=request, connection=found)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Disconnected. It does not sign in any more."))
    return redirect("accounts:security")
