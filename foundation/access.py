"""Closed unless declared: rights with reasons, and the middleware that refuses the rest."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import URLPattern, get_resolver, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from foundation.actor import OPERATOR
from foundation.problems import is_api, problem


class Allowed:
    """A permission that was granted; true in a condition."""

    reason = ""

    def __bool__(self):
        return True


class Denied:
    """A permission that was refused, with the reason a person is told; false in a condition."""

    def __init__(self, reason):
        self.reason = reason

    def __bool__(self):
        return False


ALLOWED = Allowed()
Access = Allowed | Denied


class Right:
    """A named predicate over (actor, object); without an object it answers for the door only.

    ``roles`` lists the roles that can pass at all, for the desk, the documents and the matrix.
    """

    def __init__(self, name: str, test: Callable[..., Access], roles=()):
        self.name = name
        self._test = test
        self.roles = frozenset(roles)

    def __call__(self, actor, obj=None) -> Access:
        return self._test(actor, obj)

    @staticmethod
    def allow(condition, otherwise) -> Access:
        """Return ALLOWED when the condition holds, else the refusal with its reason."""
        return ALLOWED if condition else Denied(otherwise)

    def __repr__(self):
        return f"Right({self.name})"

    def __and__(self, other):
        def both(actor, obj):
            first = self(actor, obj)
            return other(actor, obj) if first else first

        return Right(f"{self.name} and {other.name}", both, self.roles or other.roles)

    def __or__(self, other):
        def either(actor, obj):
            first = self(actor, obj)
            return first or other(actor, obj)

        return Right(f"{self.name} or {other.name}", either, self.roles | other.roles)


def _is_signed_in(actor, obj):
    return ALLOWED if actor.is_authenticated else Denied(_("Sign in first."))


def _is_operator(actor, obj):
    return (
        ALLOWED if actor.is_operator else Denied(_("Only an operator of the portal may do this."))
    )


def _is_system(actor, obj):
    return ALLOWED if actor.system else Denied(_("The portal does this by itself."))


PUBLIC = Right("public", lambda actor, obj: ALLOWED)
SIGNED_IN = Right("signed in", _is_signed_in)
IS_OPERATOR = Right(OPERATOR, _is_operator, {OPERATOR})
IS_SYSTEM = Right("system", _is_system, {"system"})


def needs(right: Right):
    """Declare the right that opens a view; the object itself is checked where it is fetched."""

    def decorate(view):
        @wraps(view)
        def wrapper(request, *args, **kwargs):
            refusal = refuse_unless(right, request)
            return refusal or view(request, *args, **kwargs)

        wrapper.declared_right = right
        return wrapper

    return decorate


public = needs(PUBLIC)


def refuse_unless(right: Right, request) -> HttpResponse | None:
    """Return the answer that keeps this request out, or None when it may pass.

    Raises PermissionDenied with the reason when a signed-in person lacks the right.
    """
    access = right(request.actor)
    if access:
        return None
    if is_api(request):
        return _refuse_program(request, access)
    if not request.actor.is_authenticated:
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": reverse(settings.LOGIN_URL)})
        return redirect_to_login(request.get_full_path())
    raise PermissionDenied(access.reason)


def _refuse_program(request, access):
    if request.actor.is_authenticated:
        return problem(request, 403, "This key may not do this.", str(access.reason))
    detail = "Send a key that is good: Authorization: Bearer …"
    return problem(request, 401, "A key is needed.", detail)


def declared_right(callback, view_name: str) -> Right | None:
    """Find the right of a view: its own decorator, or the reviewed table of foreign views.

    The table is settings.FOREIGN_VIEWS: view name, or ``namespace:`` for a whole namespace,
    to the dotted path of a Right.
    """
    right = getattr(callback, "declared_right", None)
    if right is not None:
        return right
    table = settings.FOREIGN_VIEWS
    namespace = view_name.rpartition(":")[0]
    path = table.get(view_name) or (table.get(f"{namespace}:") if namespace else None)
    return import_string(path) if path else None


class ClosedByDefaultMiddleware:
    """Answer 403 for every view that declares no right."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        right = declared_right(view, request.resolver_match.view_name or "")
        if right is None:
            raise PermissionDenied
        return refuse_unless(right, request)


def every_url(patterns=None, prefix="", namespace=""):
    """Yield (path, name of the declared right or None) for the whole URLconf, includes too."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            name = f"{namespace}{entry.name}" if entry.name else ""
            right = declared_right(entry.callback, name)
            yield path, right.name if right else None
        else:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from every_url(entry.url_patterns, path, inner)


def page_of_ours(request, address: str, otherwise: str) -> str:
    """Return an address that came with a request when it is a page of the portal."""
    safe = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if safe and address.startswith("/") else otherwise
