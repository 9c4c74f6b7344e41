from django.shortcuts import render
from django.views.decorators.http import require_safe

from foundation.access import SIGNED_IN, needs
from portal import search as finding


@require_safe
@needs(SIGNED_IN)
def search(request):
    """Find anything by a few words; the palette takes the results alone."""
    words = request.GET.get("q", "").strip()
    groups = finding.search(request.actor, words)
    palette = bool(request.headers.get("X-Palette"))
    context = {
        "q": words[: finding.LONGEST],
        "groups": groups,
        "count": sum(len(group.items) for group in groups),
        "palette": palette,
    }
    template = "portal/parts/found.html" if palette else "portal/search.html"
    response = render(request, template, context)
    response.headers["Vary"] = "X-Palette, Cookie"
    return response
