"""One component for every list: declared once, it searches, filters, sorts, counts and exports.

An app declares its lists in its module ``lists`` (or modules of a package ``lists``), which is
imported when the portal starts, so that jobs find them by name too::

    class CaseFilters(Filters):
        words = ("number", "enterprise__name_zh")          # what the search box looks in
        status = django_filters.ChoiceFilter(label=_("Status"), choices=CaseStatus.choices)

    class CaseList(ListPage):
        name = "cases"                                      # for saved views, exports and jobs
        url_name = "cases"                                  # and "cases_export"
        title = _("Cases")
        counted = ngettext_lazy("%(n)s case", "%(n)s cases", "n")
        right = ACTS
        filters = CaseFilters
        sorts = {"opened": ("created_at",)}
        order = "-opened"
        columns = (Column(_("Case"), template="portal/cells/case.html", main=True), …)

        def rows(self, actor):
            return Case.objects.visible_to(actor).select_related("enterprise", "body")

    CASES = register(CaseList())

and its ``urls`` say ``*list_paths(CASES, "cases/")`` (``foundation.views.lists``): the page and its
export, both with the right of the list. Everything asked for stands in the address: ``q``, the
filters by their names, ``view``, ``sort`` (``-`` turns it round) and ``page``.

``bulk = (BulkAction("remind", _("Send a reminder"), each=remind, right=…),)`` adds checkboxes, the
bar at the bottom, the page that asks, and the job that does each row in a transaction of its own
(``foundation.lists.bulk``).

Rules a declaration keeps:

- ``rows`` fetches through the actor; views, filters and sorts name columns of the row or of what
  it points at. A condition over many related rows is an ``Exists``.
- ``sorts`` are columns with an index, or short lists: the page reads only the keys in order and
  then the rows of one page.
- Filters ask the database nothing while they are read (choices come from enums or from a function
  that keeps them), because the saved views at the side are read with each page.
- ``prepare`` gets the rows of one page (or of one piece of an export) and adds what cells show,
  in a number of queries that does not depend on how many they are.
"""

from foundation.lists.declared import (
    LISTS,
    Action,
    Empty,
    ListPage,
    View,
    find,
    register,
)
from foundation.lists.filters import Choices, Filters
from foundation.lists.listing import Listing

__all__ = [
    "LISTS",
    "Action",
    "Choices",
    "Empty",
    "Filters",
    "ListPage",
    "Listing",
    "View",
    "find",
    "register",
]
