"""The cases, for all their parties."""

import django_filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from certification.enums import CaseStatus
from certification.models import Case
from foundation.lists import Empty, Filters, ListPage, View, register
from foundation.tables import Column
from organisations.rights import ACTS


class CaseFilters(Filters):
    hint = _("Number or enterprise")
    words = ("number", "enterprise__name_zh", "enterprise__name_en")

    status = django_filters.ChoiceFilter(label=_("Status"), choices=CaseStatus.choices)


class CaseList(ListPage):
    name = "cases"
    url_name = "cases"
    title = _("Cases")
    counted = ngettext_lazy("%(n)s case", "%(n)s cases", "n")
    right = ACTS
    filters = CaseFilters
    columns = (
        Column(_("Case"), template="portal/cells/case.html", main=True, sort="number"),
        Column(_("Certification body"), field="body.name"),
        Column(_("Status"), template="portal/cells/case_status.html"),
        Column(_("Opened"), template="foundation/cells/created.html", sort="created_at"),
    )
    views = (
        View("", _("All cases")),
        View("auditing", CaseStatus.AUDITING.label, Q(status=CaseStatus.AUDITING)),
        View("deciding", CaseStatus.DECIDING.label, Q(status=CaseStatus.DECIDING), hot=True),
        View("certified", CaseStatus.CERTIFIED.label, Q(status=CaseStatus.CERTIFIED)),
        View("over", _("Refused or ended"), Q(status__in=(CaseStatus.REFUSED, CaseStatus.ENDED))),
    )
    sorts = {"created_at": ("created_at",), "number": ("number",)}
    order = "-created_at"
    empty = Empty(_("No cases here"), _("A case begins when an enterprise signs an offer."))

    def rows(self, actor):
        return Case.objects.visible_to(actor).select_related("enterprise", "body")

    def export_columns(self, actor):
        return (
            (_("Case"), lambda row: row.number),
            (_("Enterprise"), lambda row: row.enterprise.name),
            (_("Certification body"), lambda row: row.body.name),
            (_("Status"), lambda row: row.get_status_display()),
            (_("Opened"), lambda row: timezone.localdate(row.created_at)),
        )


CASES = register(CaseList())
