"""The queue of complaints and appeals of a body, an enterprise's own, an authority's."""

import django_filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from certification.enums import About, ComplaintKind, ComplaintStatus
from certification.models import Complaint
from certification.models.complaints import OPEN
from foundation.lists import Empty, Filters, ListPage, View, register
from foundation.tables import Column
from organisations.enums import Kind
from organisations.rights import ACTS

_CELLS = "certification/cells"


class ComplaintFilters(Filters):
    hint = _("Number or name")
    words = (
        "number",
        "enterprise__name_zh",
        "enterprise__name_en",
        "body__name_zh",
        "body__name_en",
        "case__number",
    )

    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=ComplaintKind.choices)
    status = django_filters.ChoiceFilter(label=_("Status"), choices=ComplaintStatus.choices)
    about = django_filters.ChoiceFilter(label=_("About"), choices=About.choices)
    since = django_filters.DateFilter(
        label=_("From"), field_name="created_at", lookup_expr="date__gte"
    )
    until = django_filters.DateFilter(
        label=_("Until"), field_name="created_at", lookup_expr="date__lte"
    )


class ComplaintList(ListPage):
    name = "complaints"
    url_name = "certification:complaints"
    title = _("Complaints and appeals")
    counted = ngettext_lazy("%(n)s complaint or appeal", "%(n)s complaints and appeals", "n")
    right = ACTS
    filters = ComplaintFilters
    columns = (
        Column(_("Complaint or appeal"), template=f"{_CELLS}/complaint.html", main=True),
        Column(_("Body and enterprise"), template=f"{_CELLS}/complaint_parties.html"),
        Column(_("Due"), template=f"{_CELLS}/complaint_due.html", sort="due"),
        Column(_("Handled by"), template=f"{_CELLS}/complaint_handler.html"),
        Column(_("Status"), template=f"{_CELLS}/complaint_status.html"),
    )
    sorts = {"due": ("due_on", "created_at"), "received": ("created_at",)}
    order = "-received"
    empty = Empty(
        _("No complaints or appeals here"),
        _("Each one comes here with its number as soon as it was sent."),
        "flag",
    )

    def rows(self, actor):
        rows = Complaint.objects.visible_to(actor)
        return rows.select_related("body", "enterprise", "handler")

    def views_for(self, actor):
        # What reaches an authority is over more often than not.
        first = (View("", _("Open"), Q(status__in=OPEN)), View("all", _("All")))
        if actor.kind == Kind.AUTHORITY:
            first = (View("", _("All")), View("open", _("Open"), Q(status__in=OPEN)))
        return (
            *first,
            View("late", _("Overdue"), Q(due_on__lt=timezone.localdate()), hot=True),
            View("appeals", _("Appeals"), Q(kind=ComplaintKind.APPEAL)),
            View("escalated", _("With the authority"), Q(authority__isnull=False)),
        )

    def export_columns(self, actor):
        return (
            (_("Number"), lambda row: row.number),
            (_("Kind"), lambda row: row.get_kind_display()),
            (_("About"), lambda row: row.title),
            (_("Certification body"), lambda row: row.body.name),
            (_("Enterprise"), lambda row: row.enterprise.name if row.enterprise else ""),
            (_("Status"), lambda row: row.get_status_display()),
            (_("Received on"), lambda row: timezone.localdate(row.created_at)),
            (_("To be acknowledged by"), lambda row: row.acknowledge_by),
            (_("To be decided by"), lambda row: row.decide_by),
            (_("Conclusion"), lambda row: row.get_conclusion_display()),
            (_("Decided on"), lambda row: row.decided_on),
        )


COMPLAINTS = register(ComplaintList())
