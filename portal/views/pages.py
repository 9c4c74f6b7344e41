"""The standing pages that every footer links to."""

from django.shortcuts import render
from django.views.generic import TemplateView

from foundation.access import public
from portal.personal import retention


def _page(name):
    return public(TemplateView.as_view(template_name=f"portal/pages/{name}.html"))


guide = _page("help")
complaints_and_appeals = _page("complaints_and_appeals")
impartiality = _page("impartiality")
accessibility = _page("accessibility")


@public
def privacy(request):
    """Say in plain words what is kept of people, how long and why."""
    return render(request, "portal/pages/privacy.html", {"rules": retention.table()[1]})
