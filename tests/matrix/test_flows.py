"""Status × action × person, for every workflow: equality with one literal table."""

from dataclasses import replace

import pytest

from foundation.models import JournalEntry
from foundation.workflow import FLOWS, NotAllowed, WorkflowRefusal, WrongState, perform
from tests.matrix.expected import EXPECTED, FACTS, STATES
from tests.matrix.objects import OBJECTS
from tests.people import PEOPLE

EVERYBODY = (*PEOPLE, "anonymous", "system")


def test_every_flow_every_state_and_every_action_is_in_the_table():
    assert {name: tuple(flow.states.values) for name, flow in FLOWS.items()} == STATES
    assert {
        name: {transition.action for transition in flow.transitions} for name, flow in FLOWS.items()
    } == {name: set(actions) for name, actions in EXPECTED.items()}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_action_asks_for_its_facts_wherever_it_begins(name):
    asked = {(t.action, t.sources): set(t.requires) for t in FLOWS[name].transitions}
    facts = FACTS.get(name, {})
    assert asked == {(action, sources): facts.get(action, set()) for action, sources in asked}


@pytest.mark.parametrize("name", sorted(FACTS))
def test_an_empty_fact_is_named_and_stands_in_the_way(cast, name):
    """On the object of the table, whatever its state: guards beside it may have their say too."""
    obj, manager = OBJECTS[name](cast), cast.actor("manager")
    for transition in FLOWS[name].transitions:
        facts = FACTS[name].get(transition.action, set())
        bare = replace(transition, guards=())
        assert {b.field for b in bare.blockers(obj, manager, dict.fromkeys(facts, ""))} == facts
        assert {b.field for b in bare.blockers(obj, manager, {})} == facts
        assert bare.blockers(obj, manager, dict.fromkeys(facts, "Said.")) == []


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_transition_has_its_texts(name):
    for transition in FLOWS[name].transitions:
        assert str(transition.title)
        assert str(transition.past)


def _may(flow, obj, status, action, actor) -> bool:
    setattr(obj, flow.status_field, status)
    try:
        return bool(flow.find(status, action).right(actor, obj))
    except WrongState:
        return False


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_who_may_do_what_from_where(cast, name):
    flow, obj = FLOWS[name], OBJECTS[name](cast)
    actors = {person: cast.actor(person) for person in EVERYBODY}
    wanted = {
        (status, action): set(people) if status in states else set()
        for action, (states, people) in EXPECTED[name].items()
        for status in STATES[name]
    }
    found = {
        (status, action): {
            person for person, actor in actors.items() if _may(flow, obj, status, action, actor)
        }
        for status, action in wanted
    }
    assert found == wanted


def test_an_auditor_off_the_team_may_do_nothing(cast):
    """The table knows auditors of the team alone; here one of them has left it."""
    finding = OBJECTS["finding"](cast)
    finding.audit.members.get(user=cast.auditor2).delete()
    for name, obj in (("finding", finding), ("audit", finding.audit)):
        flow = FLOWS[name]
        allowed = {
            person: {t.action for t in flow.transitions if t.right(cast.actor(person), obj)}
            for person in ("auditor", "auditor2")
        }
        assert allowed == {
            "auditor": {
                a for a, (_states, people) in EXPECTED[name].items() if "auditor" in people
            },
            "auditor2": set(),
        }


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_what_is_not_allowed_changes_nothing(cast, name):
    flow, obj = FLOWS[name], OBJECTS[name](cast)
    actors = {person: cast.actor(person) for person in EVERYBODY}
    before = JournalEntry.objects.count()
    rows = flow.model._base_manager.filter(pk=obj.pk)
    for status in STATES[name]:
        rows.update(**{flow.status_field: status})
        obj.refresh_from_db()
        for action, (states, people) in EXPECTED[name].items():
            # From a wrong state nobody gets as far as the right: one who otherwise may is enough.
            others = [p for p in EVERYBODY if p not in people] if status in states else people[:1]
            refusal = NotAllowed if status in states else WrongState
            for person in others:
                with pytest.raises(refusal):
                    perform(flow, obj, action, actors[person])
    assert JournalEntry.objects.count() == before


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_nobody_else_may_whatever_is_sent(cast, name):
    """A stranger's data never turns a refusal into an act, nor into another error."""
    flow, obj = FLOWS[name], OBJECTS[name](cast)
    data = {"reason": "x", "no_conflict": True, "declared": True, "status": "signed"}
    for action in EXPECTED[name]:
        for person in ("anonymous", "rival_owner", "rival_manager", "supervisor"):
            with pytest.raises(WorkflowRefusal):
                perform(flow, obj, action, cast.actor(person), **data)
