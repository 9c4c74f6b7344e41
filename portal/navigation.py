"""The main navigation of each kind of party, and the number of unread notices."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from certification.lists.evaluations import PARTIES
from foundation.access import SIGNED_IN, Right
from foundation.actor import OPERATOR
from foundation.addresses import address
from foundation.models import Notice
from organisations.enums import Kind
from organisations.rights import KEEPS_FILES


@dataclass(frozen=True)
class Place:
    """A page of the navigation; ``key`` is the letter that leads there after ``g``."""

    label: Any
    name: str
    icon: str
    key: str = ""
    right: Right = SIGNED_IN


HOME = Place(_("Home"), "desk", "home", "h")
APPLICATIONS = Place(_("Applications"), "certification:applications", "file", "a")
CASES = Place(_("Cases"), "cases", "list", "c")
AUDITS = Place(_("Audits"), "audits:audits", "calendar", "u")
CERTIFICATES = Place(_("Certificates"), "certification:certificates", "shield", "t")
COMPLAINTS = Place(_("Complaints"), "certification:complaints", "flag", "k")
EVALUATIONS = Place(_("Ratings"), "certification:evaluations", "star", "r", PARTIES)
FILES = Place(_("Files"), "organisations:files", "upload", "f", KEEPS_FILES)
ORGANISATION = Place(_("Organisation"), "organisations:own", "people", "o")
BODIES = Place(_("Bodies"), "organisations:bodies", "people", "b")
STATUS = Place(pgettext_lazy("page", "Status"), "status", "tick", "s")
JOBS = Place(_("Jobs"), "foundation:jobs", "refresh", "j")
ADMIN = Place(_("Administration"), "admin:index", "lock", "m")

PLACES = {
    Kind.ENTERPRISE: (
        HOME, APPLICATIONS, CASES, CERTIFICATES, COMPLAINTS, FILES, ORGANISATION
    ),
    Kind.BODY: (HOME, APPLICATIONS, CASES, AUDITS, CERTIFICATES, EVALUATIONS, FILES, ORGANISATION),
    Kind.LABORATORY: (HOME, ORGANISATION),
    Kind.AUTHORITY: (HOME, CASES, CERTIFICATES, COMPLAINTS, BODIES),
    OPERATOR: (HOME, STATUS, BODIES, JOBS, ADMIN),
    "": (HOME,),
}  # fmt: skip


def places_for(actor) -> tuple[Place, ...]:
    """Return where this actor can go from everywhere."""
    places = PLACES[OPERATOR if actor.is_operator else actor.kind]
    return tuple(place for place in places if place.right(actor))


def navigation(request):
    """Give templates the navigation; anonymous visitors get the public one of the header."""
    actor = getattr(request, "actor", None)
    if actor is None or not actor.is_authenticated:
        return {}
    items = []
    for found in places_for(actor):
        url = address(found.name)
        items.append(
            {
                "label": str(found.label),
                "url": url,
                "icon": found.icon,
                "current": request.path.startswith(url),
                "key": found.key,
            }
        )
    unread = Notice.objects.visible_to(actor).filter(read_at=None).count()
    return {"navigation": items, "unread_notices": unread}
