"""How somebody acts: looks at what may be done, chooses, makes the data, performs it."""

import traceback
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from certification.complaint_links import Complainant
from certification.enums import ComplaintKind
from certification.models import Complaint
from foundation.actor import OPERATOR, Actor
from foundation.workflow import FLOW_OF, Flow, Transition, WorkflowRefusal, perform
from organisations.actors import crews_of
from portal.simulation.registry import MAKERS, SPOILERS, NotNowError, is_human

DONE, REFUSED, LATER = "done", "refused", "later"
# A way nobody went yet is chosen as often as this, however rare it is otherwise.
CURIOSITY = 0.3
_MISTAKES = 0.06
_STRANGERS = 0.03
_PARTIES = ("enterprise_id", "body_id", "authority_id")


@dataclass(frozen=True)
class Option:
    """Something a person may do with a record now."""

    transition: Transition
    actors: tuple[Actor, ...]


def flow_of(obj) -> Flow:
    """Return the workflow of a record."""
    return FLOW_OF[obj._meta.label_lower]


def fresh(obj):
    """Return a row as it is in the database now."""
    return type(obj)._base_manager.get(pk=obj.pk)


def crew_of(obj) -> list[Actor]:
    """Return everybody who can act for a party of a record, operators too, in a fixed order.

    Whoever complained is one too, a person whom the portal may not know.
    """
    parties = {getattr(obj, name, None) for name in _PARTIES} | {OPERATOR}
    crews = crews_of(parties - {None})
    actors = [actor for crew in crews.values() for actor in crew]
    actors.sort(key=lambda actor: (actor.user.pk, str(actor.organisation_id)))
    if isinstance(obj, Complaint) and obj.kind == ComplaintKind.COMPLAINT:
        actors.append(Complainant(complaint_id=obj.pk))
    return actors


def allowed(row: Transition, obj, crew: list[Actor]) -> list[Actor]:
    """Return who of these may take a way; those without a role for it are not asked twice."""
    return [
        actor
        for actor in crew
        if (_has_a_role(actor, row) or isinstance(actor, Complainant)) and row.right(actor, obj)
    ]


def _has_a_role(actor: Actor, row: Transition) -> bool:
    held = actor.roles | ({OPERATOR} if actor.is_operator else frozenset())
    return not row.right.roles or bool(row.right.roles & held)


def options_for(obj, crew: list[Actor]) -> list[Option]:
    """Return what anybody of these may do with a record now, with who may."""
    flow = flow_of(obj)
    status = flow.status_of(obj)
    found = []
    for row in flow.transitions:
        if status in row.sources and is_human(row):
            actors = tuple(allowed(row, obj, crew))
            if actors:
                found.append(Option(row, actors))
    return found


class Acting:
    """The part of a world that takes actions; the world gives chance, coverage and faults."""

    curiosity = CURIOSITY

    def turn(self, obj, *, only: frozenset[str] = frozenset()) -> str:
        """Let somebody do something with a record; ``only`` names what is on somebody's desk.

        What nobody expects is chosen rarely, what nobody ever did more often.
        """
        obj = fresh(obj)
        flow, crew = flow_of(obj), crew_of(obj)
        options = options_for(obj, crew)
        if not options:
            return LATER
        self.provoke(obj, flow, crew)
        status = flow.status_of(obj)
        weights = []
        for option in options:
            action = option.transition.action
            weight = MAKERS[flow.name, action].weight
            if not only or action in only or not option.transition.awaited:
                weights.append(weight + self.bonus(flow.name, status, action))
            else:
                weights.append(0.0)
        if not any(weights):
            return LATER
        option = self.chance.weighed(options, weights)
        return self.act(obj, option.transition.action, self.whoever(option.actors))

    def whoever(self, actors) -> Actor:
        """Return who of those that may act does."""
        return self.chance.choice(actors)

    def bonus(self, flow: str, status: str, action: str) -> float:
        """Return what curiosity adds to the weight of a way that nobody went yet."""
        return 0.0 if (flow, status, action) in self.taken else self.curiosity

    def act(self, obj, action: str, actor: Actor) -> str:
        """Take one action as one person; return whether it was done, refused or not wanted now."""
        flow, maker = flow_of(obj), MAKERS[flow_of(obj).name, action]
        obj = fresh(obj)
        actor = actor.as_confirmed()
        self.tick()
        try:
            status = flow.status_of(obj)
            data = maker.make(self, obj, actor)
            obj = fresh(obj)
            if self.chance.happens(_MISTAKES):
                self.blunder(flow, obj, action, actor, data)
            perform(flow, obj, action, actor, **data)
        except NotNowError:
            return LATER
        except (WorkflowRefusal, ValidationError, PermissionDenied):
            self.refused += 1
            return REFUSED
        except Exception:  # noqa: BLE001 -- whatever it is, it is a fault of the product
            self.crashed(obj, f"{flow.name}.{action}", traceback.format_exc())
            return REFUSED
        self.taken.add((flow.name, status, action))
        self.acts += 1
        return DONE

    def blunder(self, flow: Flow, obj, action: str, actor: Actor, data: dict) -> None:
        """Try the action with each mistake known for it; every one must be refused."""
        for spoil in SPOILERS.get((flow.name, action), ()):
            wrong = spoil(self, obj, actor, data)
            self.must_refuse(obj, action, actor, wrong, spoil.__name__)

    def provoke(self, obj, flow: Flow, crew: list[Actor]) -> None:
        """Now and then somebody of another house tries, and must be refused."""
        if not self.chance.happens(_STRANGERS) or not self.strangers:
            return
        actor = self.chance.choice(self.strangers)
        parties = {getattr(obj, "enterprise_id", None), getattr(obj, "body_id", None)}
        if actor.organisation_id in parties:
            return
        status = flow.status_of(obj)
        rows = [row for row in flow.transitions if status in row.sources]
        row = self.chance.choice(rows)
        self.must_refuse(obj, row.action, actor, {}, "a stranger")

    def must_refuse(self, obj, action: str, actor: Actor, data: dict, mistake: str) -> None:
        """Perform what has to be refused; a fault when it is possible."""
        self.mistakes += 1
        flow = flow_of(obj)
        try:
            with transaction.atomic():
                perform(flow, fresh(obj), action, actor.as_confirmed(), **data)
                self.fault(
                    "what is not permitted is refused",
                    obj,
                    f"{flow.name}.{action} was possible although: {mistake}",
                )
                transaction.set_rollback(True)
        except WorkflowRefusal:
            pass
        except Exception:  # noqa: BLE001 -- a refusal has to be one in words
            self.crashed(obj, f"{flow.name}.{action} ({mistake})", traceback.format_exc())
