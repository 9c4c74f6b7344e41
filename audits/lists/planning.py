"""The planning desk: every audit of the programme that is due, and how far its planning is."""

from datetime import date, timedelta

import django_filters
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from audits.enums import ENDED, AuditStatus
from audits.models import Audit
from audits.services.placing import with_facts
from certification.enums import LIVE, AuditKind
from certification.models import ProgrammeItem
from foundation.calendar import add_months
from foundation.formatting import listed
from foundation.lists import Action, Empty, Filters, ListPage, View, register
from foundation.tables import Column
from organisations.enums import Kind
from organisations.rights import PLANNER
from schemes.models import Scheme

_CELLS = "audits/cells"
_S = AuditStatus


class Period(models.TextChoices):
    MONTH = "month", _("This month")
    NEXT_MONTH = "next_month", _("Next month")
    QUARTER = "quarter", _("This quarter")
    NEXT_QUARTER = "next_quarter", _("Next quarter")


def period(name: str, today: date) -> tuple[date, date]:
    """Return the first and the last day of a period seen from today."""
    month = today.replace(day=1)
    if name in (Period.QUARTER, Period.NEXT_QUARTER):
        first = add_months(month, -((today.month - 1) % 3))
        first = add_months(first, 3) if name == Period.NEXT_QUARTER else first
        return first, add_months(first, 3) - timedelta(days=1)
    first = add_months(month, 1) if name == Period.NEXT_MONTH else month
    return first, add_months(first, 1) - timedelta(days=1)


class DeskFilters(Filters):
    hint = _("Number or enterprise")
    words = ("case__number", "case__enterprise__name_zh", "case__enterprise__name_en")

    period = django_filters.ChoiceFilter(
        label=_("Due in"), choices=Period.choices, empty_label=_("Any time"), method="due_in"
    )
    since = django_filters.DateFilter(label=_("From"), method="due_since")
    until = django_filters.DateFilter(label=_("Until"), method="due_until")
    kind = django_filters.ChoiceFilter(
        label=_("Kind of audit"), choices=AuditKind.choices, empty_label=_("Every kind")
    )
    scheme = django_filters.ModelChoiceFilter(
        label=_("Scheme"),
        queryset=Scheme.objects.order_by("position"),
        to_field_name="code",
        empty_label=_("Every scheme"),
        method="of_scheme",
    )
    region = django_filters.CharFilter(
        label=_("Region code begins with"),
        field_name="case__enterprise__region",
        lookup_expr="startswith",
        max_length=6,
    )

    def due_in(self, rows, name, value):
        """Keep what may take place in a period."""
        first, last = period(value, timezone.localdate())
        return self.due_until(self.due_since(rows, name, first), name, last)

    def due_since(self, rows, name, value):
        """Drop what has to be over before a day."""
        return rows.exclude(window_to__lt=value)

    def due_until(self, rows, name, value):
        """Drop what may begin only after a day."""
        return rows.exclude(window_from__gt=value)

    def of_scheme(self, rows, name, value):
        """Keep cases with an application for a scheme."""
        applied = ProgrammeItem.objects.filter(
            pk=OuterRef("pk"), case__applications__schemes__scheme=value
        )
        return rows.filter(Exists(applied))


def _audit(*statuses) -> Q:
    rows = Audit.objects.filter(programme_item=OuterRef("pk")).exclude(status__in=ENDED)
    return Q(Exists(rows.filter(status__in=statuses) if statuses else rows))


def _late(actor) -> Q:
    return Q(window_to__lt=timezone.localdate())


class DeskList(ListPage):
    name = "planning"
    url_name = "audits:desk"
    title = _("Planning desk")
    counted = ngettext_lazy("%(n)s audit due", "%(n)s audits due", "n")
    right = PLANNER
    filters = DeskFilters
    columns = (
        Column(_("Audit"), template=f"{_CELLS}/desk_item.html", main=True, sort="client"),
        Column(_("Window"), template=f"{_CELLS}/desk_window.html", sort="until"),
        Column(_("Audit days"), field="days", number=True, sort="days"),
        Column(_("Competence"), template=f"{_CELLS}/desk_competence.html"),
        Column(_("Sites"), template=f"{_CELLS}/desk_sites.html"),
        Column(_("Status"), template=f"{_CELLS}/desk_state.html"),
    )
    views = (
        View("", _("Everything due")),
        View("open", _("Not begun"), lambda actor: ~_audit()),
        View("late", _("Window is over"), _late, hot=True),
        View("planning", _("In planning"), lambda actor: _audit(_S.PLANNED, _S.OBJECTED)),
        View("proposed", _("Waiting for the enterprise"), lambda actor: _audit(_S.PROPOSED)),
        View("confirmed", _("Confirmed"), lambda actor: _audit(_S.CONFIRMED, _S.IN_PROGRESS)),
    )
    sorts = {
        "until": ("window_to", "window_from", "created_at"),
        "days": ("days", "created_at"),
        "client": ("case__enterprise__name_zh", "created_at"),
    }
    order = "until"
    empty = Empty(
        _("No audit is due"),
        _("Audits come from the programmes of the cases, as their windows open."),
        "calendar",
    )

    def rows(self, actor):
        if actor.kind != Kind.BODY:
            return ProgrammeItem.objects.none()
        rows = ProgrammeItem.objects.visible_to(actor).filter(
            case__status__in=LIVE, case__cycle=F("cycle"), done_on=None
        )
        return with_facts(rows.exclude(window_from=None, window_to=None))

    def prepare(self, rows, actor):
        rows = list(rows)
        found = Audit.objects.filter(programme_item__in=[row.pk for row in rows])
        found = found.exclude(status__in=ENDED).order_by("created_at").prefetch_related("members")
        audits = {audit.programme_item_id: audit for audit in found}
        for row in rows:
            row.audit = audits.get(row.pk)
            application = row.case.application
            row.schemes = list(application.schemes.all()) if application else []
            row.places = [one.site for one in application.sites.all()] if application else []
            row.wanted = [
                f"{one.scheme.code} {area.code}" for one in row.schemes for area in one.areas.all()
            ]
            row.late = row.window_to is not None and row.window_to < timezone.localdate()
        return rows

    def actions(self, actor):
        return (
            Action(_("Calendar"), reverse("audits:people_calendar")),
            Action(_("Absences"), reverse("audits:absences")),
            Action(_("Fill a period"), reverse("audits:schedules"), primary=True),
        )

    def export_columns(self, actor):
        return (
            (_("Case"), lambda row: row.case.number),
            (_("Client"), lambda row: row.case.enterprise.name),
            (_("Kind of audit"), lambda row: row.get_kind_display()),
            (_("Not before"), lambda row: row.window_from),
            (_("Not after"), lambda row: row.window_to),
            (_("Audit days computed"), lambda row: row.days),
            (_("Competence"), lambda row: listed(row.wanted)),
            (_("Sites"), lambda row: len(row.places)),
            (_("Region code"), lambda row: row.case.enterprise.region),
            (_("Audit"), lambda row: row.audit.number if row.audit else ""),
            (_("Status"), lambda row: row.audit.get_status_display() if row.audit else ""),
        )


DESK = register(DeskList())
