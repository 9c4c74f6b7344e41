"""Views that people save: the address of a list under a name, their own or the team's."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, IntegerField, Max, Subquery
from django.utils.translation import gettext as _

from foundation.lists.declared import ListPage, find
from foundation.lists.listing import Listing
from foundation.models import SavedView
from foundation.undo import undoable

MOST = 20
COUNTED = 100
REMOVED = "foundation.saved_view"


class _CountOf(Subquery):
    """The number of rows of a subquery, which is limited so that a long list stays cheap."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def place_of(key: str) -> tuple[ListPage, dict]:
    """Return the list that a key names and its place. Raises KeyError."""
    name, *values = key.split(":")
    page = find(name)
    if len(values) != len(page.place_names):
        raise KeyError(key)
    return page, dict(zip(page.place_names, values, strict=True))


def own_views(actor, key: str):
    """Return the views a person has saved of a list, in order."""
    rows = SavedView.objects.visible_to(actor)
    return rows.filter(list_key=key, person=actor.user)


def side_views(listing: Listing) -> tuple[list[dict], list[dict]]:
    """Return (own views, views of the team) for the side of a list, counted in one query.

    A count stops at a hundred and reads ``99+``.
    """
    rows = list(SavedView.objects.visible_to(listing.actor).filter(list_key=listing.key))
    if not rows:
        return [], []
    links, wanted = [], []
    for row in rows:
        other = Listing(listing.page, listing.actor, row.query, listing.place)
        links.append(other.link() or "?")
        wanted.append(_CountOf(other.rows.order_by().values("pk")[:COUNTED]))
    counts = SavedView.objects.filter(pk=rows[0].pk).values_list(*wanted).get()
    present = listing.link()
    found = [
        {
            "key": row.pk,
            "label": row.label,
            "url": link,
            "current": link == present,
            "count": count if count < COUNTED else f"{COUNTED - 1}+",
            "own": row.person_id == listing.actor.user.pk,
        }
        for row, link, count in zip(rows, links, counts, strict=True)
    ]
    return [one for one in found if one["own"]], [one for one in found if not one["own"]]


@transaction.atomic
def view_save(*, actor, listing: Listing, label: str, shared: bool) -> SavedView:
    """Keep what a list shows now under a name. Raises ValidationError when there are too many."""
    rows = own_views(actor, listing.key)
    if rows.count() >= MOST:
        raise ValidationError(
            _("You have %(most)s views of this list. Remove one first.") % {"most": MOST}
        )
    _refuse_twice(rows, label)
    last = rows.aggregate(last=Max("position"))["last"]
    return SavedView.objects.create(
        person=actor.user,
        organisation_id=actor.organisation_id,
        list_key=listing.key,
        label=label,
        query=listing.link().removeprefix("?"),
        shared=shared,
        position=0 if last is None else last + 1,
    )


def _refuse_twice(rows, label: str) -> None:
    if rows.filter(label=label).exists():
        raise ValidationError({"label": _("You have a view of this name already.")})


@transaction.atomic
def view_change(*, actor, view: SavedView, label: str, shared: bool) -> None:
    """Rename one's view, share it or stop sharing it."""
    _refuse_twice(own_views(actor, view.list_key).exclude(pk=view.pk), label)
    view.label, view.shared = label, shared
    view.save(update_fields=["label", "shared", "changed_at"])


@transaction.atomic
def view_raise(*, actor, view: SavedView) -> None:
    """Move one's view up by one place."""
    rows = list(own_views(actor, view.list_key).select_for_update())
    before = rows.index(view)
    if before:
        rows[before - 1], rows[before] = rows[before], rows[before - 1]
    for position, row in enumerate(rows):
        SavedView.objects.filter(pk=row.pk).update(position=position)


def view_remove(*, view: SavedView) -> dict:
    """Remove one's view; return what brings it back."""
    facts = {
        name: getattr(view, name) for name in ("list_key", "label", "query", "shared", "position")
    }
    view.delete()
    return facts


@undoable(REMOVED)
def view_restore(actor, **facts):
    """Bring a removed view back to its place."""
    rows = own_views(actor, facts["list_key"])
    _refuse_twice(rows, facts["label"])
    rows.filter(position__gte=facts["position"]).update(position=F("position") + 1)
    SavedView.objects.create(person=actor.user, organisation_id=actor.organisation_id, **facts)
