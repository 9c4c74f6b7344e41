"""The main navigation of each kind of party, and the number of unread notices."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from foundation.actor import OPERATOR
from foundation.models import Notice
from organisations.enums import Kind


@dataclass(frozen=True)
class Place:
    label: Any
    name: str
    icon: str


HOME = Place(_("Home"), "desk", "home")
APPLICATIONS = Place(_("Applications"), "certification:applications", "file")
CASES = Place(_("Cases"), "cases", "list")
AUDITS = Place(_("Audits"), "audits:audits", "calendar")
CERTIFICATES = Place(_("Certificates"), "certification:certificates", "shield")
EVALUATIONS = Place(_("Ratings"), "certification:evaluations", "star")
ORGANISATION = Place(_("Organisation"), "organisations:own", "people")
BODIES = Place(_("Bodies"), "organisations:bodies", "people")
JOBS = Place(_("Jobs"), "foundation:jobs", "refresh")
ADMIN = Place(_("Administration"), "admin:index", "lock")

PLACES = {
    Kind.ENTERPRISE: (HOME, APPLICATIONS, CASES, CERTIFICATES, ORGANISATION),
    Kind.BODY: (HOME, APPLICATIONS, CASES, AUDITS, CERTIFICATES, EVALUATIONS, ORGANISATION),
    Kind.LABORATORY: (HOME, ORGANISATION),
    Kind.AUTHORITY: (HOME, CASES, CERTIFICATES, BODIES),
    OPERATOR: (HOME, BODIES, JOBS, ADMIN),
    "": (HOME,),
}


def places_for(actor) -> tuple[Place, ...]:
    """Return where this actor can go from everywhere."""
    return PLACES[OPERATOR if actor.is_operator else actor.kind]


def navigation(request):
    """Give templates the navigation; anonymous visitors get the public one of the header."""
    actor = getattr(request, "actor", None)
    if actor is None or not actor.is_authenticated:
        return {}
    items = []
    for place in places_for(actor):
        url = reverse(place.name)
        current = request.path.startswith(url)
        items.append({"label": place.label, "url": url, "icon": place.icon, "current": current})
    unread = Notice.objects.visible_to(actor).filter(read_at=None).count()
    return {"navigation": items, "unread_notices": unread}
