"""One list as one address asks for it, for one actor."""

from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.core.paginator import Paginator
from django.db.models import Count, F, QuerySet
from django.http import QueryDict

from foundation.lists.declared import ListPage, View
from foundation.lists.filters import SEARCH
from foundation.tables import DESCENDING

# Names in the address that are not filters; the last ones are of exports and bulk actions.
OWN_NAMES = ("view", "sort", "page", "format", "pick", "all", "action")
SHOWN_OF_IGNORED = 60
_ALL = View("", "")


class Listing:
    """Rows, counts and links of a list. What cannot be used in the address is in ``ignored``."""

    def __init__(self, page: ListPage, actor, query, place: dict | None = None):
        self.page, self.actor, self.place = page, actor, place or {}
        self.query = query if isinstance(query, QueryDict) else QueryDict(query)
        rows = page.rows(actor, **self.place)
        self.filters = page.filters(self.query, queryset=rows, actor=actor)
        self.ignored: list[str] = []
        self.asked = self._read_filters()
        self.views = tuple(page.views_for(actor)) or (_ALL,)
        self.view = self._read_view()
        self.sort = self._read_sort()

    # What the address asks for

    def _read_filters(self) -> dict[str, list[str]]:
        """Return the usable filters as they stand in an address; note the others."""
        form, asked = self.filters.form, {}
        for name, values in self.query.lists():
            if name in OWN_NAMES or not any(value.strip() for value in values):
                continue
            if name not in form.fields or name in form.errors:
                self._ignore(name, values[-1])
            else:
                asked[name] = values if len(values) > 1 else [values[0].strip()]
        return dict(sorted(asked.items()))

    def _read_view(self) -> View:
        wanted = self.query.get("view", "")
        found = next((view for view in self.views if view.name == wanted), None)
        if wanted and found is None:
            self._ignore("view", wanted)
        return found or self.views[0]

    def _read_sort(self) -> str:
        wanted = self.query.get("sort", "")
        if wanted.removeprefix(DESCENDING) in self.page.sorts:
            return wanted
        if wanted:
            self._ignore("sort", wanted)
        return self.page.order

    def _ignore(self, name, value) -> None:
        text = "".join(c for c in f"{name}={value}" if c.isprintable())
        self.ignored.append(text[:SHOWN_OF_IGNORED])

    @property
    def key(self) -> str:
        """Name the list together with the object it belongs to."""
        return ":".join([self.page.name, *(str(value) for value in self.place.values())])

    @property
    def is_narrowed(self) -> bool:
        """Tell whether search or filters leave something out."""
        return bool(self.asked)

    @property
    def words(self) -> str:
        return self.asked.get(SEARCH, [""])[0]

    # Rows

    @cached_property
    def _found(self) -> QuerySet:
        """The rows under search and filters, without what only cells need."""
        return _plain(self.filters.qs)

    @cached_property
    def _counted(self) -> dict[str, int]:
        """All that is counted under the present search, in one query, what is equal once."""
        shown = self.view.condition(self.actor)
        wanted = {f"view_{view.name}": view.condition(self.actor) for view in self.views}
        wanted |= {
            f"part_{name}": shown & condition(self.actor)
            for name, condition in self.page.parts.items()
        }
        names: dict[Any, str] = {}
        for name, where in wanted.items():
            names.setdefault(where, name)
        found = self._found.aggregate(
            **{name: Count("pk", filter=where or None) for where, name in names.items()}
        )
        return {name: found[names[where]] for name, where in wanted.items()}

    @cached_property
    def counts(self) -> dict[str, int]:
        """Return how many rows each view holds under the present search."""
        return {view.name: self._counted[f"view_{view.name}"] for view in self.views}

    @property
    def parts(self) -> dict[str, int]:
        """Return how many of the rows shown belong to each part that the list counts."""
        return {name: self._counted[f"part_{name}"] for name in self.page.parts}

    @property
    def count(self) -> int:
        """Return how many rows the list shows, all pages of it."""
        return self.counts[self.view.name]

    @cached_property
    def whole(self) -> int:
        """Return how many rows the present view holds without search and filters."""
        return self.visible.filter(self.view.condition(self.actor)).count()

    @property
    def visible(self) -> QuerySet:
        """Return all rows of the list that the actor may see, bare of what cells need."""
        return _plain(self.page.rows(self.actor, **self.place))

    @cached_property
    def rows(self) -> QuerySet:
        """Return the rows the list shows in their order, bare of what cells need."""
        found = self._found.filter(self.view.condition(self.actor))
        return found.order_by(*self._order())

    def _order(self) -> list:
        if not self.sort:
            return [*_order_of(self._found), "pk"]
        down = self.sort.startswith(DESCENDING)
        paths = self.page.sorts[self.sort.removeprefix(DESCENDING)]
        return [*(_ordered(self._found.model, path, down=down) for path in paths), "pk"]

    def full(self, keys) -> list:
        """Return the rows with these keys in this order, with what cells show."""
        rows = self.page.rows(self.actor, **self.place).filter(pk__in=keys).order_by()
        by_key = {row.pk: row for row in rows}
        found = [by_key[key] for key in keys if key in by_key]
        return list(self.page.prepare(found, self.actor))

    def pieces(self, size: int):
        """Yield all rows the list shows, in pieces of a few hundred, as cells need them."""
        keys = list(self.rows.values_list("pk", flat=True))
        for start in range(0, len(keys), size):
            yield self.full(keys[start : start + size])

    @cached_property
    def shown(self):
        """Return the page the address asks for, as the declaration lays it out."""
        return self.page.shown(self)

    def rows_shown(self):
        """Return the page the address asks for, its rows in place."""
        paginator = Paginator(self.rows.values_list("pk", flat=True), self.page.per_page)
        paginator.count = self.count
        wanted = self.query.get("page", "")
        found = paginator.get_page(wanted or 1)
        if wanted and wanted != str(found.number):
            self._ignore("page", wanted)
        found.object_list = self.full(list(found.object_list)) if self.count else []
        return found

    # Links

    def link(self, **changes) -> str:
        """Return ``?…`` for what is shown now with some parameters changed; None drops one.

        The number of the page is dropped unless it is given.
        """
        view = self.view.name if self.view is not self.views[0] else ""
        sort = self.sort if self.sort != self.page.order else ""
        present: dict[str, Any] = {**self.asked, "view": [view], "sort": [sort]}
        present |= {name: [value] for name, value in changes.items()}
        pairs = [(name, v) for name, values in present.items() for v in values if v]
        return f"?{urlencode(pairs)}"

    @property
    def address(self) -> str:
        """Return the address of what is shown now, without the page."""
        return self.page.url(**self.place) + self.link().rstrip("?")

    def view_links(self) -> list[dict]:
        """Return the views for the side of the page."""
        if self.views == (_ALL,):
            return []
        first = self.views[0]
        return [
            {
                "key": view.name,
                "label": view.label,
                "url": self.link(view=None if view is first else view.name),
                "current": view is self.view,
                "count": self.counts[view.name],
                "hot": bool(view.hot and self.counts[view.name]),
            }
            for view in self.views
        ]

    @property
    def columns(self):
        return self.page.columns_for(self.actor)

    @property
    def counts_all(self) -> bool:
        """Tell whether any view holds something under the present search."""
        return any(self.counts.values())

    @property
    def has_filters(self) -> bool:
        return any(name != SEARCH for name in self.filters.form.fields)

    @property
    def filters_on(self) -> int:
        return sum(name != SEARCH for name in self.asked)

    @property
    def cleared(self) -> str:
        """Return the link to the present view without search and filters."""
        return self.link(**dict.fromkeys(self.asked)) or "?"

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Return what the search form sends along: the view and the sort of the address."""
        pairs = dict(self.pairs)
        return [(name, pairs[name]) for name in ("view", "sort") if name in pairs]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return what the address says, for forms that send it along."""
        return parse_qsl(self.link().removeprefix("?"))

    @property
    def export_csv(self) -> str:
        return self.link(format="csv")

    @property
    def export_xlsx(self) -> str:
        return self.link(format="xlsx")

    def chips(self) -> list[dict]:
        """Return the filters that are on: what they say, and the address without each."""
        return [
            {"name": name, "words": self.filters.words_of(name), "url": self.link(**{name: None})}
            for name in self.asked
            if name != SEARCH
        ]

    def heads(self) -> list[tuple]:
        """Return (column, link that sorts by it, its ``aria-sort``) for the head of the table."""
        return [(column, *self._head(column.sort)) for column in self.columns]

    def _head(self, sort: str) -> tuple[str, str]:
        if sort not in self.page.sorts:
            return "", ""
        chosen = self.sort.removeprefix(DESCENDING) == sort
        down = self.sort.startswith(DESCENDING)
        state = ("descending" if down else "ascending") if chosen else ""
        following = f"{DESCENDING}{sort}" if state == "ascending" else sort
        return self.link(sort=None if following == self.page.order else following), state


def _plain(rows: QuerySet) -> QuerySet:
    """Return the same rows, each once, without relations that only cells need.

    What an actor sees may be joined with many rows and made distinct again: counting or sorting
    that would compare whole rows, so the keys alone are compared.
    """
    order = rows.query.order_by
    bare = rows.order_by().select_related(None).prefetch_related(None)
    if not bare.query.distinct:
        return bare.order_by(*order) if order else bare
    once = bare.model._base_manager.filter(pk__in=bare.values("pk"))
    return once.order_by(*order) if order else once


def _order_of(rows: QuerySet) -> list:
    """Return the order a queryset came with, or its model's."""
    return list(rows.query.order_by or rows.model._meta.ordering)


def _ordered(model, path: str, *, down: bool):
    """Return one part of an order; what is empty stands last in both directions."""
    name = path.removeprefix(DESCENDING)
    down ^= path.startswith(DESCENDING)
    last = True if _may_be_empty(model, name) else None
    column = F(name)
    return column.desc(nulls_last=last) if down else column.asc(nulls_last=last)


def _may_be_empty(model, path: str) -> bool:
    """Tell whether a column, or a row on the way to it, may be missing."""
    for part in path.split("__"):
        field = model._meta.get_field(part)
        if field.null:
            return True
        model = field.related_model
    return False
