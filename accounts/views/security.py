"""Everything about one's own sign-in, on one page."""

from allauth.mfa.models import Authenticator
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import oidc
from accounts.models import AccountEvent, Connection
from accounts.services.sessions import open_sessions
from foundation.access import SIGNED_IN, needs

RECENT = 5


@require_safe
@never_cache
@needs(SIGNED_IN)
def security(request):
    """Show how the signed-in person signs in, where, and what happened lately."""
    rows = list(Authenticator.objects.filter(user=request.user).order_by("created_at"))
    kinds = Authenticator.Type
    codes = next((row for row in rows if row.type == kinds.RECOVERY_CODES), None)
    context = {
        "app": next((row for row in rows if row.type == kinds.TOTP), None),
        "passkeys": [row for row in rows if row.type == kinds.WEBAUTHN],
        "codes": codes,
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
        "connections": Connection.objects.filter(user=request.user),
        "providers": oidc.providers().values(),
        "sessions": open_sessions(request.user),
        "this_session": request.session.session_key,
        "events": AccountEvent.objects.filter(user=request.user)[:RECENT],
    }
    return render(request, "accounts/security.html", context)
