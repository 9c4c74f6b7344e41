"""One engine for every workflow: a flow is a declared table, `perform` the only status writer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation import journal
from foundation.access import IS_SYSTEM, Access, Right
from foundation.worksources import Source, Task, register

SAME = None
REASON = "reason"


@dataclass(frozen=True)
class Blocker:
    """One thing that stands in the way, with the address of the place that cures it."""

    message: Any
    url: str = ""
    field: str = ""

    def __str__(self):
        return str(self.message)


class WorkflowRefusal(PermissionDenied):
    """A transition that did not happen; the text is for people."""


class NotAllowed(WorkflowRefusal):
    """The actor lacks the right; the text is the reason."""


class WrongState(WorkflowRefusal):
    """The record is in a state from which this action does not exist."""


class NotConfirmed(WorkflowRefusal):
    """Somebody acts in person who did not prove again who he or she is."""


class StaleState(WorkflowRefusal):
    """Somebody else moved the record first."""


class Incomplete(WorkflowRefusal):
    """Something is missing; `blockers` lists everything at once."""

    def __init__(self, blockers):
        self.blockers = list(blockers)
        super().__init__("; ".join(str(blocker) for blocker in self.blockers))


Guard = Callable[[Any, Any, dict | None], Iterable[Blocker]]


@dataclass(frozen=True)
class Transition:
    """One row of a flow's table.

    ``target`` SAME keeps the status. A guard gets (object, actor, data) and yields blockers;
    ``data`` is None while a page only asks what stands in the way. ``requires`` names data that
    must not be empty. The effect gets (object, actor, **data) inside the transaction, after the
    status moved, and may return facts for the journal. ``columns`` returns what is written in the
    same statement as the status, for what the database checks together. ``awaited`` puts the
    object on the desk of whoever may act, or tells of an object whether it does; ``task`` is what
    the desk calls the work where the title names only one of its ends. ``internal`` hides the
    journal entry from all but the body, or tells of an object whether it does. ``confirmed`` needs
    an actor who proved within the last minutes who he or she is, because somebody answers for the
    act in person. ``serious`` asks on a page of its own; ``explain`` says there what the act means
    and for whom.
    """

    action: str
    sources: tuple[str, ...]
    target: str | None
    right: Right
    title: Any
    past: Any
    task: Any = ""
    guards: tuple[Guard, ...] = ()
    effect: Callable | None = None
    columns: Callable | None = None
    requires: tuple[str, ...] = ()
    awaited: bool | Callable = True
    internal: bool | Callable = False
    serious: bool = False
    confirmed: bool = False
    explain: Any = ""
    done_text: Any = ""

    @property
    def done(self):
        """What the actor is told after the act."""
        return self.done_text or _("Done: %(title)s.") % {"title": self.title}

    def is_awaited(self, obj) -> bool:
        """Tell whether an object waits for this, as far as its status lets it."""
        return self.awaited(obj) if callable(self.awaited) else self.awaited

    def is_internal(self, obj) -> bool:
        """Tell whether the journal entry of an object is for the body alone."""
        return self.internal(obj) if callable(self.internal) else self.internal

    def blockers(self, obj, actor, data=None) -> list[Blocker]:
        """Return everything that stands in the way now."""
        found = [blocker for guard in self.guards for blocker in guard(obj, actor, data)]
        if data is not None:
            found += [
                Blocker(_("Say why.") if name == REASON else _("Something is missing."), field=name)
                for name in self.requires
                if data.get(name) in (None, "")
            ]
        return found


@dataclass(frozen=True)
class Available:
    """An action this actor may take on this object now, with what still blocks it."""

    transition: Transition
    blockers: list[Blocker]


@dataclass
class Flow:
    """A workflow: the states of one field of one model, and the table of transitions.

    ``tags`` maps each state to the kind of its status tag; ``related`` names what lists of these
    objects show of other rows, ``asked`` the many rows that rights and texts look at. ``story`` is
    the lookup of their thread, where other records of it change who may act on them. Records begin
    in ``start``, the first state where none is named, or in one of ``also``.
    """

    name: str
    model: type[models.Model]
    states: type[models.TextChoices]
    transitions: tuple[Transition, ...]
    tags: dict[str, str]
    title: Any = ""
    start: str = ""
    also: tuple[str, ...] = ()
    status_field: str = "status"
    related: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    story: str = ""
    register: bool = True
    _table: dict = field(default_factory=dict, repr=False)

    def __post_init__(self):
        known = set(self.states.values)
        if set(self.tags) != known:
            raise ValueError(f"{self.name}: every state needs a tag")
        for transition in self.transitions:
            if not set(transition.sources) <= known or transition.target not in (known | {SAME}):
                raise ValueError(f"{self.name}: {transition.action} names an unknown state")
            for source in transition.sources:
                if (source, transition.action) in self._table:
                    raise ValueError(f"{self.name}: {transition.action} twice from {source}")
                self._table[source, transition.action] = transition
        self.start = self.start or self.states.values[0]
        reached = {self.start, *self.also}
        reached |= {transition.target for transition in self.transitions}
        if missing := known - reached:
            raise ValueError(f"{self.name}: no way into {sorted(missing)}")
        if self.register:
            FLOWS[self.name] = self
            FLOW_OF[self.model._meta.label_lower] = self
            register(_source_of(self))

    @property
    def begins(self) -> set[str]:
        """Return the states in which a record may be without any step."""
        return {self.start, *self.also}

    def status_of(self, obj) -> str:
        return getattr(obj, self.status_field)

    def find(self, status: str, action: str) -> Transition:
        """Return the transition for an action, or raise WrongState."""
        try:
            return self._table[status, action]
        except KeyError:
            raise WrongState(
                _("This step is not possible any more: the record is now “%(state)s”.")
                % {"state": self.states(status).label}
            ) from None

    def transition(self, action: str) -> Transition:
        """Return the first row of this action, for its texts. Raises KeyError."""
        for transition in self.transitions:
            if transition.action == action:
                return transition
        raise KeyError(action)

    def may(self, obj, action: str, actor) -> Access:
        """Tell whether this actor may take this action now. Raises WrongState."""
        return self.find(self.status_of(obj), action).right(actor, obj)

    def actions_for(self, obj, actor) -> list[Available]:
        """Return what this actor may do with this object now, in the order of the table."""
        status = self.status_of(obj)
        return [
            Available(transition, transition.blockers(obj, actor))
            for transition in self.transitions
            if status in transition.sources and transition.right(actor, obj)
        ]


def _source_of(flow: Flow) -> Source:
    """Make the records of a flow a source of work: its awaited transitions, for people."""
    rows = flow.model._base_manager
    # Keyed by words that are never translated: the hash of a lazy text changes with the language.
    tasks = {
        (state, transition.action): Task(
            transition.action,
            transition.right,
            transition.task or transition.title,
            transition.explain,
        )
        for transition in flow.transitions
        if transition.awaited and transition.right.roles != IS_SYSTEM.roles
        for state in transition.sources
    }
    states = {state for state, _action in tasks}
    maybe = {row.action: row.is_awaited for row in flow.transitions if callable(row.awaited)}

    def awaited(obj):
        status = flow.status_of(obj)
        if not getattr(obj, "is_open", True):
            return []
        return [
            task
            for (state, action), task in tasks.items()
            if state == status and (action not in maybe or maybe[action](obj))
        ]

    def of_thread(thread):
        found = rows.filter(**{flow.story: thread, f"{flow.status_field}__in": states})
        return found.values_list("pk", flat=True)

    return Source(
        name=flow.name,
        label_lower=flow.model._meta.label_lower,
        candidates=lambda: rows.filter(**{f"{flow.status_field}__in": states}).values_list(
            "pk", flat=True
        ),
        load=lambda keys: (
            rows.filter(pk__in=keys).select_related(*flow.related).prefetch_related(*flow.asked)
        ),
        tasks=awaited,
        steps=tasks.values,
        task=lambda status, action: tasks[status, action],
        state=flow.status_of,
        label=lambda status: flow.states(status).label,
        tag=flow.tags.__getitem__,
        of_thread=of_thread if flow.story else None,
    )


FLOWS: dict[str, Flow] = {}
FLOW_OF: dict[str, Flow] = {}


def require_confirmed(actor) -> None:
    """Refuse a person who has not proved within the last minutes who he or she is.

    The portal itself has nothing to prove. Raises NotConfirmed.
    """
    if actor.is_authenticated and not actor.confirmed:
        raise NotConfirmed(_("Confirm first that it is you: enter your password or a code again."))


def _lock(flow: Flow, obj, expected: str):
    """Lock the row and return it fresh; raise StaleState when somebody moved it meanwhile."""
    fresh = flow.model._base_manager.select_for_update(of=("self",)).get(pk=obj.pk)
    if flow.status_of(fresh) != expected:
        raise StaleState(
            _("Somebody else was faster: the record is already “%(state)s”. Nothing was changed.")
            % {"state": flow.states(flow.status_of(fresh)).label}
        )
    return fresh


@transaction.atomic
def perform(flow: Flow, obj, action: str, actor, **data):
    """Take an action on a record and return the record as it is afterwards.

    Raises WrongState, NotAllowed, NotConfirmed, StaleState or Incomplete; then nothing has changed.
    ``data`` goes to guards and effect; its ``reason`` and ``note`` go to the journal.
    """
    status = flow.status_of(obj)
    transition = flow.find(status, action)
    fresh = _lock(flow, obj, status)
    access = transition.right(actor, fresh)
    if not access:
        raise NotAllowed(access.reason)
    if actor.scopes is not None:
        raise NotAllowed(_("A key only reads."))
    if transition.confirmed:
        require_confirmed(actor)
    blockers = transition.blockers(fresh, actor, data)
    if blockers:
        raise Incomplete(blockers)
    target = status if transition.target is SAME else transition.target
    columns = transition.columns(fresh, actor, **data) if transition.columns else {}
    columns |= {flow.status_field: target, "changed_at": timezone.now()}
    moved = flow.model._base_manager.filter(pk=obj.pk, **{flow.status_field: status}).update(
        **columns
    )
    if moved != 1:
        raise StaleState(_("Somebody else was faster. Nothing was changed."))
    for name, value in columns.items():
        setattr(fresh, name, value)
    facts = {name: str(data[name]) for name in (REASON, "note") if data.get(name)}
    if transition.effect is not None:
        facts |= transition.effect(fresh, actor, **data) or {}
    journal.record(
        fresh,
        f"{flow.name}.{action}",
        actor,
        facts,
        before=status,
        after=target,
        internal_to=fresh.body_id if transition.is_internal(fresh) else None,
    )
    obj.refresh_from_db()
    return fresh
