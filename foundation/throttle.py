"""Limit what costs much and may be asked by anyone, counted in the shared cache."""

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.utils import timezone


def allow(request, action: str, *, amount: int, seconds: int, key: str = "") -> bool:
    """Count one use of an action and tell whether it is still within the limit.

    Counted per ``key``, or per network address as trusted proxies report it, in fixed windows.
    """
    who = key or get_adapter().get_client_ip(request)
    window = int(timezone.now().timestamp()) // seconds
    name = f"throttle:{action}:{who}:{window}"
    cache.add(name, 0, timeout=seconds)
    try:
        return cache.incr(name) <= amount
    except ValueError:
        # The window ended between the two lines; the next one has just begun.
        return True
