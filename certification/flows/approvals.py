"""A change of a body's approval: prepared, looked at with all it reaches, ordered or dropped."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.enums import ApprovalChangeStatus
from certification.models import ApprovalChange
from certification.services import approvals as services
from foundation import jobs, timeline
from foundation.access import IS_OPERATOR
from foundation.workflow import Blocker, Flow, Transition

_S = ApprovalChangeStatus
TELL = "certification.tell_of_approval"

timeline.register(services.PREPARED, _("Change of the approval prepared"))


def is_still_possible(change, actor, data):
    """The versions are those that were looked at: nothing else changed them meanwhile."""
    found = services.problems(
        kind=change.kind,
        approvals=list(change.approvals.prefetch_related("areas")),
        areas=list(change.areas.all()),
        last_day=change.last_day,
        takes_effect_on=change.takes_effect_on,
    )
    for _field, text in found:
        yield Blocker(text)


def _ordered(change, actor, **data):
    return {"ordered_by": actor.user, "ordered_at": timezone.now()}


def order(change, actor, **data):
    schemes = services.put_into_effect(change, actor)
    jobs.enqueue(TELL, key=f"approval-change:{change.pk}", subject=change, actor=actor)
    return {"kind": change.kind, "reference": change.reference, "schemes": schemes}


APPROVAL_FLOW = Flow(
    name="approval_change",
    title=_("Change of an approval"),
    model=ApprovalChange,
    states=_S,
    tags={_S.PREPARED: "draft", _S.ORDERED: "closed", _S.DROPPED: "cancelled"},
    related=("body",),
    transitions=(
        Transition(
            action="order",
            sources=(_S.PREPARED,),
            target=_S.ORDERED,
            right=IS_OPERATOR,
            title=_("Put the change into effect"),
            task=_("Order a prepared change of an approval"),
            past=_("Change of the approval ordered"),
            explain=_(
                "From its day applications, offers, contracts and decisions outside the approval "
                "are refused. The body and every enterprise it reaches are told; no certificate "
                "changes by itself."
            ),
            guards=(is_still_possible,),
            columns=_ordered,
            effect=order,
            serious=True,
            done_text=_("The change is ordered. Everybody it reaches is being told."),
        ),
        Transition(
            action="drop",
            sources=(_S.PREPARED,),
            target=_S.DROPPED,
            right=IS_OPERATOR,
            title=_("Drop the change"),
            past=_("Prepared change of the approval dropped"),
            explain=_("Nothing happens, and nobody is told."),
            awaited=False,
        ),
    ),
)
