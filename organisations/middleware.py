import uuid

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY as AUTH_KEY
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.services import sessions
from foundation import identity, logs
from foundation.access import PUBLIC, declared_right
from foundation.actor import ANONYMOUS
from foundation.problems import is_api, problem
from foundation.throttle import allow
from organisations.actors import SESSION_KEY, actor_for
from organisations.keys import actor_of_key
from organisations.rights import needs_second_factor, session_limits

# What somebody without a second factor needs to get one; public pages need none.
ON_THE_WAY = frozenset(
    {
        "accounts:second_factor",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_view_recovery_codes",
        "account_reauthenticate",
    }
)


class ActorMiddleware:
    """Give each request its actor, fetched when first looked at."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.actor = SimpleLazyObject(lambda: _actor_of(request))
        return self.get_response(request)


def _actor_of(request):
    if is_api(request):
        # A program is known by its key alone: a cookie, which a browser adds by itself, is nothing.
        actor = actor_of_key(request)
        logs.bind(**logs.of_actor(actor))
        return actor
    chosen = request.session.get(SESSION_KEY)
    actor = actor_for(
        request.user,
        uuid.UUID(chosen) if chosen else None,
        confirmed=identity.is_confirmed(request),
    )
    logs.bind(**logs.of_actor(actor))
    return actor


class SessionLimitsMiddleware:
    """End sessions that were not used for long, or that began long ago; say when that will be.

    How long depends on what a person may do (settings.SESSION_LIMITS). What a page fetches by
    itself is no use of it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES and not is_api(request)
        if has_session and AUTH_KEY in request.session and request.user.is_authenticated:
            limits = session_limits(request.actor)
            age, pause = sessions.age_and_pause(request)
            if pause > limits.idle.total_seconds() or age > limits.absolute.total_seconds():
                return self._ended(request, limits, is_idle=pause > limits.idle.total_seconds())
            if request.headers.get("X-Poll") != "1":
                sessions.seen(request)
            request.session_limits = limits
        return self.get_response(request)

    def _ended(self, request, limits, *, is_idle):
        """Sign out; the request goes on as anybody's, and a closed page asks to sign in."""
        logout(request)
        request.actor = ANONYMOUS
        minutes = int(limits.idle.total_seconds() // 60)
        hours = int(limits.absolute.total_seconds() // 3600)
        words = (
            _("You were signed out after %(minutes)s minutes without use.") % {"minutes": minutes}
            if is_idle
            else _("You were signed out: a session lasts %(hours)s hours at most.")
            % {"hours": hours}
        )
        messages.info(request, words)
        return self.get_response(request)


class ProgramLimitsMiddleware:
    """Let a key ask only so often, and an address guess even less."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not is_api(request):
            return self.get_response(request)
        key = request.actor.key
        limit = settings.API_LIMITS["key" if key else "address"]
        if allow(request, "api", amount=limit, seconds=60, key=str(key.pk) if key else ""):
            return self.get_response(request)
        answer = problem(request, 429, "Too many requests.", "Wait a minute.")
        answer["Retry-After"] = "60"
        return answer


class SecondFactorMiddleware:
    """Lead whoever works for a body, an authority or the portal to a second factor first."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        name = request.resolver_match.view_name or ""
        # A key is made behind the second factor, and opens no page of people.
        if is_api(request) or name in ON_THE_WAY or declared_right(view, name) is PUBLIC:
            return None
        if not needs_second_factor(request.actor) or identity.used_second_factor(request):
            return None
        if identity.factors_of(request.user).exists():
            # The session is older than the factor: it never proved to have it.
            logout(request)
            messages.info(request, _("Sign in again, now with your second factor."))
            return _lead(request, reverse(settings.LOGIN_URL))
        return _lead(request, reverse("accounts:second_factor"))


def _lead(request, address):
    """Redirect a page, and the page around a fragment; back to where the person wanted to go."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    back = request.get_full_path() if request.method == "GET" else ""
    return redirect(f"{address}?{urlencode({'next': back})}" if back else address)
