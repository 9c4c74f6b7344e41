"""The drafts of a body: periods that were filled, and what became of them."""

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from audits.models import Schedule
from foundation.lists import Action, Empty, Filters, ListPage, register
from foundation.tables import Column
from organisations.rights import PLANNER

_CELLS = "audits/cells"


class ScheduleList(ListPage):
    name = "schedules"
    url_name = "audits:schedules"
    title = _("Draft schedules")
    counted = ngettext_lazy("%(n)s draft schedule", "%(n)s draft schedules", "n")
    right = PLANNER
    filters = Filters
    columns = (
        Column(_("Period"), template=f"{_CELLS}/schedule.html", main=True, sort="first"),
        Column(_("Audits placed"), template=f"{_CELLS}/schedule_placed.html"),
        Column(_("Accepted"), field="accepted", number=True),
        Column(_("Begun by"), field="created_by.name"),
    )
    sorts = {"first": ("first", "created_at"), "created": ("created_at",)}
    order = "-created"
    exports = False
    empty = Empty(
        _("No period was filled yet"),
        _("A draft proposes days and teams for every audit of a period; nothing is booked by it."),
        "calendar",
    )

    def rows(self, actor):
        done = Count("rows", filter=~Q(rows__audit=None))
        return (
            Schedule.objects.visible_to(actor).select_related("created_by").annotate(accepted=done)
        )

    def actions(self, actor):
        url = reverse("audits:schedule_new")
        return (
            Action(_("Planning desk"), reverse("audits:desk")),
            Action(_("Fill a period"), url, primary=True),
        )


SCHEDULES = register(ScheduleList())
