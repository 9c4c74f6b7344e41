"""Finding anything by a few words: pages, applications, cases, certificates, people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certification.lists.applications import APPLICATIONS
from certification.lists.certificates import CERTIFICATES
from foundation.lists import Listing, ListPage
from organisations.enums import Kind
from organisations.models import Membership
from organisations.rights import MANAGER
from portal.lists.cases import CASES
from portal.navigation import places_for

MOST = 10
SHORTEST, LONGEST = 2, 100


@dataclass(frozen=True)
class Found:
    """One thing that was found: what it is called, what stands below, where it is."""

    title: str
    sub: str
    url: str


@dataclass(frozen=True)
class Group:
    key: str
    title: Any
    items: Sequence[Found]
    more: str = ""


def search(actor, words: str) -> list[Group]:
    """Return what the words find for this actor, at most ten of each kind, empty kinds left out.

    Without words there are the pages and the actions alone.
    """
    words = " ".join(words.split())[:LONGEST]
    groups = [Group("pages", _("Pages and actions"), _pages(actor, words))]
    if len(words) >= SHORTEST and "\x00" not in words:
        groups += [
            _listed("applications", APPLICATIONS, actor, words, _of_application),
            _listed("cases", CASES, actor, words, _of_case),
            _listed("certificates", CERTIFICATES, actor, words, _of_certificate),
            Group("people", _("People"), _people(actor, words)),
        ]
    return [group for group in groups if group.items]


def _pages(actor, words: str) -> list[Found]:
    """Return the places of the navigation and the actions whose name holds the words."""
    places = [(place.label, reverse(place.name)) for place in places_for(actor)]
    if actor.kind == Kind.ENTERPRISE:
        places.append((_("Start an application"), reverse("certification:application_new")))
    if CERTIFICATES.right(actor):
        places.append((_("Findings"), reverse("audits:findings")))
        places.append((_("Decisions"), reverse("certification:decisions")))
        places.append((_("Complaints and appeals"), reverse("certification:complaints")))
        places.append((_("Reported changes"), reverse("certification:changes")))
        places.append((_("Mergers"), reverse("certification:mergers")))
    if MANAGER(actor):
        places.append((_("Monthly reports"), reverse("certification:reports")))
        places.append((_("Our own figures"), reverse("figures")))
    places += [
        (_("Messages"), reverse("foundation:notices")),
        (_("Check a certificate"), reverse("verification:verify")),
        (_("Help"), reverse("help")),
    ]
    wanted = words.casefold()
    return [Found(str(title), "", url) for title, url in places if wanted in str(title).casefold()][
        :MOST
    ]


def _listed(key, page: ListPage, actor, words, describe) -> Group:
    """Search a declared list, whatever its views leave out."""
    if not page.right(actor):
        return Group(key, page.title, ())
    listing = Listing(page, actor, {})
    found = listing.visible.filter(listing.filters.condition(words)).order_by("-created_at", "pk")
    keys = list(found.values_list("pk", flat=True)[:MOST])
    return Group(key, page.title, [describe(row) for row in listing.full(keys)])


def _of_application(row) -> Found:
    sub = " · ".join(str(word) for word in (row.number, row.get_status_display()) if word)
    return Found(row.enterprise.name, sub, row.get_absolute_url())


def _of_case(row) -> Found:
    sub = f"{row.number} · {row.get_status_display()}"
    return Found(row.enterprise.name, sub, row.get_absolute_url())


def _of_certificate(row) -> Found:
    return Found(row.number, f"{row.holder} · {row.get_status_display()}", row.get_absolute_url())


def _people(actor, words: str) -> Iterable[Found]:
    """Return the colleagues an actor may see, each once, with the roles held."""
    named = Q(user__name__icontains=words) | Q(user__name_latin__icontains=words)
    rows = Membership.objects.visible_to(actor).current().filter(named)
    rows = rows.select_related("user", "organisation").order_by("user__name", "pk")
    found: dict = {}
    for row in rows[: MOST * 4]:
        found.setdefault((row.user, row.organisation), []).append(str(row.get_role_display()))
    return [
        Found(
            user.name,
            " · ".join([organisation.name, *roles]),
            f"{organisation.get_absolute_url()}#team-h",
        )
        for (user, organisation), roles in list(found.items())[:MOST]
    ]
