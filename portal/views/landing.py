from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from foundation.access import public


@require_safe
@public
def landing(request):
    """The front door: check a certificate first, then sign in or apply."""
    if request.actor.is_authenticated:
        return redirect("desk")
    return render(request, "portal/landing.html")
