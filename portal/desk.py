"""What waits for me: computed from the flow tables for every role."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from foundation.actor import OPERATOR
from foundation.workflow import FLOWS

PER_FLOW = 100
_USUAL = timedelta(days=14)


@dataclass(frozen=True)
class Item:
    """One thing somebody is expected to do: what, with which object, until when."""

    title: Any
    name: Any
    url: str
    since: datetime
    due: date | None = None
    state: Any = ""
    tag: str = "waiting"
    text: Any = ""

    @property
    def urgency(self):
        """Sort key: what is due first; without a limit, as if due two weeks after it came."""
        return (self.due or timezone.localdate(self.since) + _USUAL, self.since)


def roles_of(actor) -> frozenset[str]:
    """Return the roles the actor holds now, the operator's included."""
    return actor.roles | ({OPERATOR} if actor.is_operator else frozenset())


def awaited_of(obj, actor) -> Item | None:
    """Return the first thing the actor is expected to do with one object now, unless it is over."""
    if not getattr(obj, "is_open", True):
        return None
    flow = next(flow for flow in FLOWS.values() if isinstance(obj, flow.model))
    status = flow.status_of(obj)
    for transition in flow.transitions:
        expected = transition.awaited and status in transition.sources
        if expected and transition.right(actor, obj):
            return Item(
                title=transition.task or transition.title,
                name=getattr(obj, "desk_title", None) or str(obj),
                url=getattr(obj, "desk_url", None) or obj.get_absolute_url(),
                since=obj.changed_at,
                due=getattr(obj, "due_on", None),
                state=flow.states(status).label,
                tag=flow.tags[status],
                text=transition.explain,
            )
    return None


def waiting_for(actor) -> list[Item]:
    """Return what waits for this actor over all workflows, most urgent first."""
    roles = roles_of(actor)
    items = []
    for flow in FLOWS.values():
        states = flow.awaiting(roles)
        if not states:
            continue
        rows = flow.model.objects.visible_to(actor).filter(**{f"{flow.status_field}__in": states})
        if flow.related:
            rows = rows.select_related(*flow.related)
        rows = rows.order_by("changed_at")[:PER_FLOW]
        items += [item for obj in rows if (item := awaited_of(obj, actor))]
    return sorted(items, key=lambda item: item.urgency)
