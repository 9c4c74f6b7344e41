"""The decisions on certification, newest first."""

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from certification.enums import Cause, DecisionKind
from certification.models import Decision
from foundation.lists import Empty, Filters, ListPage, View, register
from foundation.tables import Column
from organisations.rights import ACTS

_K = DecisionKind
_CELLS = "certification/cells"


class DecisionFilters(Filters):
    hint = _("Number or enterprise")
    words = (
        "case__number",
        "certificate__number",
        "case__enterprise__name_zh",
        "case__enterprise__name_en",
    )

    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=_K.choices)
    cause = django_filters.ChoiceFilter(label=_("Cause"), choices=Cause.choices)
    since = django_filters.DateFilter(label=_("From"), field_name="decided_on", lookup_expr="gte")
    until = django_filters.DateFilter(label=_("Until"), field_name="decided_on", lookup_expr="lte")


class DecisionList(ListPage):
    name = "decisions"
    url_name = "certification:decisions"
    title = _("Decisions")
    counted = ngettext_lazy("%(n)s decision", "%(n)s decisions", "n")
    right = ACTS
    filters = DecisionFilters
    columns = (
        Column(_("Decision"), template=f"{_CELLS}/decision.html", main=True),
        Column(_("Certificate"), template=f"{_CELLS}/decision_certificate.html"),
        Column(_("Decided on"), template=f"{_CELLS}/decision_day.html", sort="day"),
        Column(_("Decided by"), field="decided_by.name"),
    )
    views = (
        View("", _("All decisions")),
        View("granted", _K.GRANT.label, Q(kind=_K.GRANT)),
        View("refused", _K.REFUSE.label, Q(kind=_K.REFUSE)),
        View("against", _("Suspended or withdrawn"), Q(kind__in=(_K.SUSPEND, _K.WITHDRAW))),
    )
    sorts = {"day": ("decided_on", "created_at")}
    order = "-day"
    empty = Empty(
        _("No decisions here"), _("Each decision on certification is listed here."), "shield"
    )

    def rows(self, actor):
        rows = Decision.objects.visible_to(actor)
        return rows.select_related("case__enterprise", "case__body", "certificate", "decided_by")

    def export_columns(self, actor):
        return (
            (_("Case"), lambda row: row.case.number),
            (_("Enterprise"), lambda row: row.case.enterprise.name),
            (_("Certification body"), lambda row: row.case.body.name),
            (_("Decision"), lambda row: row.get_kind_display()),
            (
                _("Certificate number"),
                lambda row: row.certificate.number if row.certificate else "",
            ),
            (_("Decided on"), lambda row: row.decided_on),
            (_("Decided by"), lambda row: row.decided_by.name),
            (_("Cause"), lambda row: row.get_cause_display()),
        )


DECISIONS = register(DecisionList())
