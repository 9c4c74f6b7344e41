from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from foundation.access import IS_OPERATOR, needs
from foundation.models import DataRequest
from portal import health, lights


@never_cache
@require_safe
@needs(IS_OPERATOR)
def status(request):
    """Show operators how the portal is: each light leads to the list of what is wrong."""
    found = lights.lights()
    context = {
        "lights": found,
        "wrong": sum(light.level != lights.GOOD for light in found),
        "at": timezone.now(),
        "erasures": _erasures(found),
    }
    return render(request, "portal/status.html", context)


def _erasures(found) -> int:
    """Return how many wishes to be erased wait, unless the database cannot be asked."""
    broken = {light.name for light in found if light.level == lights.BAD}
    return 0 if broken & health.ESSENTIAL else DataRequest.objects.open_erasures().count()
