"""What a browser says of itself, in words a person knows, and whether it was here before."""

import hashlib
import re
import secrets

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied

# The first that matches counts: many browsers also claim to be others.
_BROWSERS = (
    (r"MicroMessenger/", "WeChat"),
    (r"Edg(e|A|iOS)?/", "Edge"),
    (r"(OPR|Opera)/", "Opera"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"(Chrome|CriOS|Chromium)/", "Chrome"),
    (r"Version/.*Safari/", "Safari"),
)
_SYSTEMS = (
    (r"HarmonyOS|OpenHarmony", "HarmonyOS"),
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"Macintosh|Mac OS X", "macOS"),
    (r"CrOS", "ChromeOS"),
    (r"Linux|X11", "Linux"),
)
COOKIE = "__Host-device" if settings.SECURE else "device"
_YEAR = 365 * 24 * 3600
_TOKEN = re.compile(r"[\w-]{22,64}", re.ASCII)


def words_of(user_agent: str) -> str:
    """Return browser and system, such as “Firefox · Windows”; empty when neither is known."""
    found = (
        next((name for pattern, name in table if re.search(pattern, user_agent)), "")
        for table in (_BROWSERS, _SYSTEMS)
    )
    return " · ".join(name for name in found if name)


def device_of(request) -> str:
    """Return the words for the browser that sent a request."""
    return words_of(request.META.get("HTTP_USER_AGENT", "")[:500])


def address_of(request) -> str | None:
    """Return the network address as trusted proxies report it."""
    try:
        return get_adapter().get_client_ip(request)
    except PermissionDenied:
        # No address came with the request, as over a local socket without a proxy.
        return None


def browser_of(request) -> str:
    """Return what tells this browser from others: the hash of its cookie, empty without one."""
    token = request.COOKIES.get(COOKIE, "")
    return hashlib.sha256(token.encode()).hexdigest() if _TOKEN.fullmatch(token) else ""


def mark(response) -> str:
    """Give a browser its cookie, and return the hash of it."""
    token = secrets.token_urlsafe(24)
    response.set_cookie(
        COOKIE, token, max_age=_YEAR, secure=settings.SECURE, httponly=True, samesite="Lax"
    )
    return hashlib.sha256(token.encode()).hexdigest()
