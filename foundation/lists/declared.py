"""What an app says of a list."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from foundation.access import SIGNED_IN, Right
from foundation.lists.filters import Filters
from foundation.tables import Column


@dataclass(frozen=True)
class View:
    """A part of a list under a name of its own, counted at its side.

    ``where`` is a condition over columns of the row, or a function that gives it for an actor;
    None is everything. A ``hot`` view is drawn attention to while it holds anything.
    """

    name: str
    label: Any
    where: Q | Callable[[Any], Q] | None = None
    hot: bool = False

    def condition(self, actor) -> Q:
        """Return the condition of the view for this actor, now."""
        found = self.where(actor) if callable(self.where) else self.where
        return found if found is not None else Q()


@dataclass(frozen=True)
class Action:
    """A button in the head of a list."""

    label: Any
    url: str
    primary: bool = False
    icon: str = ""


@dataclass(frozen=True)
class Empty:
    """What a list says when it holds nothing: a reason and the way on."""

    title: Any
    text: Any = ""
    icon: str = "list"
    url: str = ""
    action: Any = ""


class ListPage:
    """The declaration of one list; see the package. Methods may be overridden by attributes' names.

    ``place`` are the values of the address of a list that belongs to one object, such as the
    approvals of a body; ``place_names`` names them, and every method that fetches gets them as
    keywords. ``parts`` are what the sentence counts of the rows shown (``Listing.parts``): names
    with a condition for an actor. ``bulk`` are the actions on many rows
    (``foundation.lists.bulk``).
    """

    name = ""
    url_name = ""
    title: Any = ""
    counted: Any = ngettext_lazy("%(n)s entry", "%(n)s entries", "n")
    right: Right = SIGNED_IN
    filters: type[Filters] = Filters
    columns: Sequence[Column] = ()
    views: Sequence[View] = ()
    parts: Mapping[str, Callable[[Any], Q]] = {}
    sorts: dict[str, Sequence[str]] = {}
    order = ""
    per_page = 50
    exports = True
    place_names: tuple[str, ...] = ()
    bulk: Sequence = ()
    empty = Empty(gettext_lazy("Nothing here yet"))
    template = "foundation/list_page.html"

    def rows(self, actor, **place):
        """Return the rows of the list that this actor may see."""
        raise NotImplementedError

    def columns_for(self, actor) -> Sequence[Column]:
        """Return the columns this actor reads."""
        return self.columns

    def views_for(self, actor) -> Sequence[View]:
        """Return the views of this actor; the first is shown when the address names none."""
        return self.views

    def prepare(self, rows: Sequence, actor) -> Sequence:
        """Add to the rows of a page what their cells show; return what the cells are given."""
        return rows

    def export_columns(self, actor) -> Iterable[tuple[Any, Callable[[Any], Any]]]:
        """Return the columns of the file: (title, function of a prepared row)."""
        return ()

    def heading(self, listing) -> Any:
        """Return the title of the page."""
        return self.title

    def sentence(self, listing) -> str:
        """Say in one sentence what the list shows now."""
        words = str(self.counted % {"n": listing.count})
        if listing.is_narrowed and listing.whole > listing.count:
            return _("%(words)s of %(whole)s") % {"words": words, "whole": listing.whole}
        return words

    def actions(self, actor, **place) -> Sequence[Action]:
        """Return the buttons in the head."""
        return ()

    def empty_for(self, actor, **place) -> Empty:
        """Return what is said when there is nothing, whatever is asked for."""
        return self.empty

    def shown(self, listing):
        """Return the page (Django's) that the address asks for."""
        return listing.rows_shown()

    def context(self, listing) -> dict:
        """Return what a template of its own needs besides the listing."""
        return {}

    def url(self, **place) -> str:
        """Return the address of the list."""
        return reverse(self.url_name, kwargs=place or None)

    def export_url(self, **place) -> str:
        """Return the address of its export."""
        return reverse(f"{self.url_name}_export", kwargs=place or None)


LISTS: dict[str, ListPage] = {}


def register(page: ListPage) -> ListPage:
    """Make a list known by its name. Raises ValueError when the name is taken."""
    if page.name in LISTS:
        raise ValueError(page.name)
    LISTS[page.name] = page
    return page


def find(name: str) -> ListPage:
    """Return a list by its name. Raises KeyError."""
    return LISTS[name]
