"""The two pages of every declared list: the list itself and its export."""

from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

from foundation.access import needs
from foundation.exports import FORMATS, file_response
from foundation.lists import Listing, ListPage
from foundation.lists.bulk import PICK, actions_for
from foundation.lists.exporting import export_start, is_long
from foundation.lists.saving import side_views


def list_paths(page: ListPage, address: str) -> list:
    """Return the addresses of a list and of its export, named as ``url_name`` says."""
    name = page.url_name.rpartition(":")[2]
    found = [path(address, list_view(page), name=name)]
    if page.exports:
        found.append(path(f"{address}export/", export_view(page), name=f"{name}_export"))
    return found


def list_view(page: ListPage):
    """Return the view of a list; the same page serves htmx, which takes its parts."""

    @require_safe
    @needs(page.right)
    def view(request, **place):
        listing = Listing(page, request.actor, request.GET, place)
        shown = listing.shown
        own, team = side_views(listing)
        saved = any(view["current"] for view in (*own, *team))
        bulk = actions_for(page, request.actor)
        context = {
            "listing": listing,
            "page": shown,
            "views": listing.view_links(),
            "own_views": own,
            "team_views": team,
            "saved": saved,
            "may_save": not saved and listing.link() != "?",
            "heading": page.heading(listing),
            "sentence": page.sentence(listing),
            "actions": page.actions(request.actor, **place),
            "bulk": bulk,
            "select": PICK if bulk else "",
            "empty": page.empty_for(request.actor, **place),
            "export_url": page.export_url(**place) if page.exports else "",
            **page.context(listing),
        }
        return render(request, page.template, context)

    return view


def export_view(page: ListPage):
    """Return the view that writes exactly what search, filters and view show.

    A long list is not written while somebody waits: a page offers to prepare it, by POST.
    """

    @require_http_methods(["GET", "HEAD", "POST"])
    @needs(page.right)
    def view(request, **place):
        listing = Listing(page, request.actor, request.GET, place)
        wanted = request.GET.get("format", "")
        extension = wanted if wanted in FORMATS else "csv"
        if request.method == "POST":
            export = export_start(actor=request.actor, listing=listing, extension=extension)
            return redirect(export)
        if not is_long(listing):
            return file_response(listing, extension)
        context = {"listing": listing, "heading": page.heading(listing), "extension": extension}
        return render(request, "foundation/export_ask.html", context)

    return view
