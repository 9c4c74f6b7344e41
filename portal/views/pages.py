"""The standing pages that every footer links to."""

from django.views.generic import TemplateView

from foundation.access import public


def _page(name):
    return public(TemplateView.as_view(template_name=f"portal/pages/{name}.html"))


guide = _page("help")
complaints_and_appeals = _page("complaints_and_appeals")
impartiality = _page("impartiality")
privacy = _page("privacy")
accessibility = _page("accessibility")
