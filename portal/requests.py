"""What happens to every request before anything else: its method, its name, its log lines."""

import logging
import re
import time
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpResponseNotAllowed

from foundation import logs
from portal import measures

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ACCEPTED = re.compile(r"[A-Za-z0-9_-]{8,64}")
# Asked every few seconds by machines: the log has what they find (portal/health.py), once.
PROBES = frozenset({"healthz", "readyz", "metrics"})
EVENTS = {403: "access.denied", 404: "access.not_found", 429: "access.limited"}
LOOPBACK = frozenset({"127.0.0.1", "::1"})
LOOPBACK_NAMES = frozenset({"127.0.0.1", "::1", "localhost"})
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")
NOT_FOUND = 404
SERVER_ERROR = 500


class KnownMethodsMiddleware:
    """Refuse TRACE, which would echo cookies, and words that are no method at all."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method in METHODS:
            return self.get_response(request)
        return HttpResponseNotAllowed(METHODS)


def is_local(request) -> bool:
    """Tell whether a request came from this machine itself, past every proxy.

    Behind a proxy on the same machine everybody seems local: what it passes on says so in a
    header that nobody outside can take away.
    """
    forwarded = any(name in request.META for name in FORWARDED)
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not forwarded


class NotKeptMiddleware:
    """Let no browser keep what a signed-in person was shown, unless the view says otherwise."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not response.has_header("Cache-Control") and _is_somebodys(request):
            response["Cache-Control"] = "private, no-store"
        return response


def _is_somebodys(request) -> bool:
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    return has_session and hasattr(request, "user") and request.user.is_authenticated


class LocalProbeMiddleware:
    """Let probes of this machine ask by its address: they cannot choose the name of the host."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path.lstrip("/") in PROBES and is_local(request):
            asked = urlsplit(f"//{request.META.get('HTTP_HOST', '')}").hostname
            if asked in LOOPBACK_NAMES:
                request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0]
        return self.get_response(request)


class RequestIdMiddleware:
    """Take the id a trusted front end sent, or make one; send it back as X-Request-ID.

    Every record of the log carries it; the last one says how the request ended.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        begin = time.perf_counter()
        sent = request.headers.get("X-Request-ID", "")
        request.id = sent if ACCEPTED.fullmatch(sent) else logs.new_id()
        logs.forget()
        logs.bind(request_id=request.id)
        try:
            response = self.get_response(request)
            _tell(request, response, time.perf_counter() - begin)
        finally:
            logs.forget()
        response["X-Request-ID"] = request.id
        return response


def _tell(request, response, seconds) -> None:
    """Count a request and write how it ended; refusals are events, and name their object."""
    status, route = response.status_code, logs.route_of(request)
    match = request.resolver_match
    # Only random identifiers: other parts of an address may be secrets.
    parts = [str(part) for part in match.kwargs.values() if isinstance(part, UUID)] if match else []
    level, name = logging.INFO, "request"
    if status in EVENTS and match and (parts or status != NOT_FOUND):
        level, name = logging.WARNING, EVENTS[status]
    elif route in PROBES:
        level = logging.DEBUG
    elif status >= SERVER_ERROR:
        level = logging.ERROR
    facts = {"method": request.method, "route": route, "status": status}
    refused = " ".join(parts) or None if name != "request" else None
    logs.event(name, level=level, **facts, object=refused, ms=round(seconds * 1000))
    measures.count_request(**facts, seconds=seconds)
