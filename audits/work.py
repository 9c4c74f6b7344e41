"""Audits of the programme are work of the planners until somebody begins to plan them."""

from django.utils.translation import gettext_lazy as _

from audits.queries.programme import waiting
from certification.models import ProgrammeItem
from foundation.worksources import Source, Task, register
from organisations.rights import PLANNER

_TO_PLAN = (Task("plan", PLANNER, _("Plan an audit")),)
_ROWS = ProgrammeItem.objects.select_related("case__enterprise")

register(
    Source(
        name="programme",
        label_lower=ProgrammeItem._meta.label_lower,
        candidates=lambda: waiting(_ROWS).values_list("pk", flat=True),
        of_thread=lambda thread: (
            waiting(_ROWS).filter(case__thread=thread).values_list("pk", flat=True)
        ),
        load=lambda keys: waiting(_ROWS).filter(pk__in=keys),
        tasks=lambda item: _TO_PLAN,
        steps=lambda: _TO_PLAN,
        task=lambda status, action: _TO_PLAN[0],
        state=lambda item: "waiting",
        label=lambda status: _("To be planned"),
        tag=lambda status: "waiting",
    )
)
