"""The changes that certified enterprises reported."""

import django_filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from certification.enums import OPEN_CHANGES, ChangeKind, ChangeStatus
from certification.queries.changes import changes
from foundation.lists import Empty, Filters, ListPage, View, register
from foundation.tables import Column
from organisations.rights import ACTS

_S = ChangeStatus
_CELLS = "certification/cells"


class ChangeFilters(Filters):
    hint = _("Number or enterprise")
    words = (
        "number",
        "case__number",
        "case__enterprise__name_zh",
        "case__enterprise__name_en",
    )

    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=_S.choices, empty_label=_("Every status")
    )
    kind = django_filters.ChoiceFilter(label=_("Kind of change"), choices=ChangeKind.choices)


def _overdue(actor) -> Q:
    return Q(status=_S.REPORTED, assess_by__lt=timezone.localdate())


class ChangeList(ListPage):
    name = "changes"
    url_name = "certification:changes"
    title = _("Reported changes")
    counted = ngettext_lazy("%(n)s reported change", "%(n)s reported changes", "n")
    right = ACTS
    filters = ChangeFilters
    columns = (
        Column(_("Change"), template=f"{_CELLS}/change.html", main=True),
        Column(_("Reported"), template=f"{_CELLS}/change_reported.html", sort="reported"),
        Column(_("To be assessed by"), template=f"{_CELLS}/change_due.html", sort="due"),
        Column(_("Status"), template=f"{_CELLS}/change_status.html"),
    )
    views = (
        View("", _("All changes")),
        View("open", _("Under way"), Q(status__in=OPEN_CHANGES)),
        View("assess", _S.REPORTED.label, Q(status=_S.REPORTED)),
        View("overdue", _("Assessment overdue"), _overdue, hot=True),
    )
    sorts = {"reported": ("created_at",), "due": ("assess_by",)}
    order = "-reported"
    empty = Empty(
        _("No change reported"),
        _("An enterprise reports changes from the page of its case or certificate."),
        "refresh",
    )

    def rows(self, actor):
        return changes(actor)

    def export_columns(self, actor):
        return (
            (_("Number"), lambda row: row.number),
            (_("Case"), lambda row: row.case.number),
            (_("Enterprise"), lambda row: row.case.enterprise.name),
            (_("Certification body"), lambda row: row.case.body.name),
            (_("Kind of change"), lambda row: row.get_kind_display()),
            (_("What changes"), lambda row: row.description),
            (_("Takes effect on"), lambda row: row.takes_effect_on),
            (_("Reported on"), lambda row: timezone.localdate(row.created_at)),
            (_("To be assessed by"), lambda row: row.assess_by),
            (_("Status"), lambda row: row.get_status_display()),
        )


CHANGES = register(ChangeList())
