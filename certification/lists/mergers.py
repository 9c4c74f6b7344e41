"""Mergers of enterprises, for both sides and the authority."""

import django_filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from certification.enums import OPEN_MERGERS, MergerStatus
from certification.queries.mergers import mergers
from foundation.lists import Empty, Filters, ListPage, View, register
from foundation.tables import Column
from organisations.rights import ACTS

_CELLS = "certification/cells"


class MergerFilters(Filters):
    hint = _("Number, enterprise or identifier")
    words = (
        "number",
        "absorbed__name_zh",
        "absorbed__name_en",
        "absorbed__identifier",
        "absorbing__name_zh",
        "absorbing__name_en",
        "absorbing__identifier",
    )

    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=MergerStatus.choices, empty_label=_("Every status")
    )


class MergerList(ListPage):
    name = "mergers"
    url_name = "certification:mergers"
    title = _("Mergers")
    counted = ngettext_lazy("%(n)s merger", "%(n)s mergers", "n")
    right = ACTS
    filters = MergerFilters
    columns = (
        Column(_("Merger"), template=f"{_CELLS}/merger.html", main=True),
        Column(_("Takes effect on"), template=f"{_CELLS}/merger_effect.html", sort="effect"),
        Column(_("To be confirmed by"), template=f"{_CELLS}/merger_due.html", sort="due"),
        Column(_("Status"), template=f"{_CELLS}/merger_status.html"),
    )
    views = (
        View("", _("All mergers")),
        View("open", _("Under way"), Q(status__in=OPEN_MERGERS)),
        View("confirm", MergerStatus.PROPOSED.label, Q(status=MergerStatus.PROPOSED)),
    )
    sorts = {"reported": ("created_at",), "effect": ("takes_effect_on",), "due": ("confirm_by",)}
    order = "-reported"
    empty = Empty(
        _("No merger reported"),
        _("An owner reports a merger from the page of the enterprise."),
        "refresh",
    )

    def rows(self, actor):
        return mergers(actor)

    def export_columns(self, actor):
        return (
            (_("Number"), lambda row: row.number),
            (_("Enterprise that ends"), lambda row: row.absorbed.name),
            (_("Its identifier"), lambda row: row.absorbed.identifier),
            (_("Enterprise that goes on"), lambda row: row.absorbing.name),
            (_("Identifier"), lambda row: row.absorbing.identifier),
            (_("Takes effect on"), lambda row: row.takes_effect_on),
            (_("Reported on"), lambda row: timezone.localdate(row.created_at)),
            (_("To be confirmed by"), lambda row: row.confirm_by),
            (_("Status"), lambda row: row.get_status_display()),
        )


MERGERS = register(MergerList())
