"""Who is not available when: one's own days, for planners those of the body."""

import django_filters
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

from audits.enums import AbsenceKind
from audits.models import Absence
from audits.rights import ABSENCES as RIGHT
from foundation.lists import Action, Empty, Filters, ListPage, View, register
from foundation.tables import Column

_CELLS = "audits/cells"


class AbsenceFilters(Filters):
    hint = _("Name of the person")
    words = ("user__name", "user__name_latin")

    kind = django_filters.ChoiceFilter(
        label=_("Kind of absence"), choices=AbsenceKind.choices, empty_label=_("Every kind")
    )
    since = django_filters.DateFilter(label=_("From"), field_name="ends_on", lookup_expr="gte")
    until = django_filters.DateFilter(label=_("Until"), field_name="starts_on", lookup_expr="lte")


def _coming(actor) -> Q:
    return Q(ends_on__gte=timezone.localdate())


def _over(actor) -> Q:
    return Q(ends_on__lt=timezone.localdate())


class AbsenceList(ListPage):
    name = "absences"
    url_name = "audits:absences"
    title = _("Absences")
    counted = ngettext_lazy("%(n)s absence", "%(n)s absences", "n")
    right = RIGHT
    filters = AbsenceFilters
    columns = (
        Column(_("Person"), template=f"{_CELLS}/absence_person.html", main=True, sort="person"),
        Column(_("Days"), template=f"{_CELLS}/absence_days.html", sort="days"),
        Column(_("Kind of absence"), field="get_kind_display"),
        Column(_("Withdraw"), template=f"{_CELLS}/absence_withdraw.html", bare=True),
    )
    views = (
        View("", _("Now and later"), _coming),
        View("over", pgettext_lazy("absences", "Over"), _over),
    )
    sorts = {"person": ("user__name", "starts_on"), "days": ("starts_on", "user__name")}
    order = "days"
    empty = Empty(
        _("No absences are entered"),
        _("Enter leave, training and other days on which nobody should plan with you."),
        "calendar",
    )

    def rows(self, actor):
        return Absence.objects.visible_to(actor).select_related("user")

    def actions(self, actor):
        url = reverse("audits:absence_new")
        return (
            Action(_("Calendar"), reverse("audits:people_calendar")),
            Action(_("Enter an absence"), url, primary=True),
        )

    def export_columns(self, actor):
        return (
            (_("Person"), lambda row: row.user.name),
            (_("First day"), lambda row: row.starts_on),
            (pgettext_lazy("of an audit", "Last day"), lambda row: row.ends_on),
            (_("Part of the day"), lambda row: row.get_part_display()),
            (_("Kind of absence"), lambda row: row.get_kind_display()),
            (_("Note"), lambda row: row.note),
        )


ABSENCES = register(AbsenceList())
