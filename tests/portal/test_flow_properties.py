"""Any sequence of actions, permitted or not, by anybody: properties of every workflow.

Nothing succeeds that the table, the right or a guard forbids; what is refused changes nothing;
what succeeds leads where the table says.
"""

from collections import Counter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from audits.enums import Grade
from audits.models import Audit, Finding
from certification.enums import AuditKind
from certification.models import Application, Case, Certificate, CertificateRevision, Evaluation
from foundation.models import Job, JournalEntry, Notice, WorkItem
from foundation.workflow import (
    FLOWS,
    SAME,
    Incomplete,
    NotAllowed,
    WorkflowRefusal,
    WrongState,
    perform,
)
from organisations.services.organisations import store_file
from portal.demo import stories
from portal.demo.papers import paper
from portal.simulation import documents
from portal.simulation import makers as _makers  # noqa: F401 -- registers them
from portal.simulation.chance import Chance
from portal.simulation.registry import MAKERS, SPOILERS, NotNowError, is_human
from tests.matrix.expected import EXPECTED
from tests.matrix.objects import OBJECTS
from tests.people import PEOPLE
from tests.world import client_of, desk_of, play

EVERYBODY = (*PEOPLE, "anonymous", "system")
# Where anybody of the desk can be named for what the table lets one person do.
NAMED = {"complaint": {"manager", "reviewer", "planner", "auditor", "auditor2", "certifier"}}
# People who have no part in anything of the cast's enterprise and body.
OUTSIDERS = {"rival_owner", "rival_manager", "supervisor", "inspector", "anonymous"}
# The same sequences at every run, bounded so that all workflows take less than a minute.
PROFILE = settings(
    derandomize=True,
    max_examples=6,
    stateful_step_count=12,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
pytestmark = pytest.mark.django_db


def _parties(cast):
    return stories.Play(client_of(cast), desk_of(cast))


def application(cast):
    play(cast, stories.draft(_parties(cast), "draft"))
    return Application.objects.get()


def case(cast):
    play(cast, stories.refusable(_parties(cast)))
    return Case.objects.get()


def audit(cast):
    play(cast, stories.auditing(_parties(cast), AuditKind.STAGE_1, "planned"))
    return Audit.objects.get()


def finding(cast):
    play(cast, stories.correcting(_parties(cast), "open", grades=(Grade.MINOR,)))
    return Finding.objects.get(grade=Grade.MINOR)


def certificate(cast):
    play(cast, stories.certified(_parties(cast)))
    return Certificate.objects.get()


def evaluation(cast):
    play(cast, stories.auditing(_parties(cast), AuditKind.STAGE_2, ""))
    return Evaluation.objects.earliest("created_at")


def revision(cast):
    play(cast, stories.certified(_parties(cast)))
    return CertificateRevision.objects.get()


# Where a story tells more than the bare object of the matrix.
STORIES = {
    "application": application,
    "case": case,
    "audit": audit,
    "finding": finding,
    "certificate": certificate,
    "evaluation": evaluation,
    "revision": revision,
}


class Small:
    """What makers ask of the world, for one enterprise and one body."""

    def __init__(self, cast):
        self.chance, self.pace, self.taken = Chance(1), 1.0, set()
        self.client = client_of(cast)
        self.clients, self.desks, self.applies_on = [self.client], [], {}
        stored = store_file(
            actor=cast.actor("owner"),
            organisation=cast.enterprise,
            upload=paper("manual", "Manual"),
            label="manual",
        )
        self.manuals = {cast.enterprise.pk: {"manual": stored}}

    def client_of(self, key):
        return self.client

    def once(self, key, choose):
        return choose()

    def act(self, *facts):
        raise NotNowError


def counts(obj):
    """Return all that a refused action may not change."""
    row = type(obj)._base_manager.filter(pk=obj.pk).values().get()
    rows = {
        model.__name__: model.objects.count() for model in (JournalEntry, Notice, Job, WorkItem)
    }
    return row, rows


class Steps(RuleBasedStateMachine):
    """Anybody tries anything on one record."""

    flow = obj = cast = small = seen = None

    def __init__(self):
        super().__init__()
        self.small.chance.seed(1)  # each sequence of draws meets the same people
        self.undone = transaction.atomic()
        self.undone.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    @rule(data=st.data())
    def anybody_tries_anything(self, data):
        """Draw an action and a person from all there are."""
        rows = sorted({row.action for row in self.flow.transitions})
        self._try(data, data.draw(st.sampled_from(rows)), data.draw(st.sampled_from(EVERYBODY)))

    @rule(data=st.data())
    def somebody_does_what_may_be_done(self, data):
        """Draw from what is permitted now, so that sequences get somewhere."""
        obj = self._fresh()
        status = self.flow.status_of(obj)
        able = [
            (row.action, name)
            for row in self.flow.transitions
            if status in row.sources
            for name in EVERYBODY
            if row.right(self.cast.actor(name), obj)
        ]
        if able:
            self._try(data, *data.draw(st.sampled_from(able)))

    def _fresh(self):
        return type(self.obj)._base_manager.get(pk=self.obj.pk)

    def _try(self, data, action, name):
        obj, actor = self._fresh(), self.cast.actor(name)
        status = self.flow.status_of(obj)
        row = next(
            (t for t in self.flow.transitions if t.action == action and status in t.sources), None
        )
        permitted = row is not None and bool(row.right(actor, obj))
        if permitted and name == "system":
            return  # the portal knows what its own acts need; years of them are simulated
        facts = self._facts(obj, action, actor) if permitted else {}
        spoilers = SPOILERS.get((self.flow.name, action), [])
        spoil = data.draw(st.sampled_from([None, *spoilers])) if permitted and facts else None
        if spoil is not None:
            facts = spoil(self.small, self._fresh(), actor, facts)
        obj = self._fresh()
        before = counts(obj)
        try:
            with transaction.atomic():
                perform(self.flow, obj, action, actor, **facts)
        except WorkflowRefusal as refusal:
            wanted = WrongState if row is None else Incomplete if permitted else NotAllowed
            assert (type(refusal), str(refusal) != "") == (wanted, True)  # noqa: PT017 -- any kind
            assert counts(self._fresh()) == before
        else:
            self._happened(row, name, spoil, permitted, before)

    def _happened(self, row, name, spoil, permitted, before):
        assert permitted
        assert spoil is None
        states, people = EXPECTED[self.flow.name][row.action]
        assert name not in OUTSIDERS or name in people
        assert before[0][self.flow.status_field] in states
        assert not people or name in people or name in NAMED.get(self.flow.name, ())
        obj = self._fresh()
        target = before[0][self.flow.status_field] if row.target is SAME else row.target
        assert self.flow.status_of(obj) == target
        entry = JournalEntry.objects.filter(
            subject_id=obj.pk, verb=f"{self.flow.name}.{row.action}"
        ).latest("number")
        assert (entry.before, entry.after) == (before[0][self.flow.status_field], target)
        self.seen[row.action] += 1

    def _facts(self, obj, action, actor):
        maker = MAKERS.get((self.flow.name, action))
        if maker is None:
            return {}
        try:
            return maker.make(self.small, obj, actor)
        except NotNowError:
            return {}


@pytest.mark.parametrize("name", sorted(FLOWS))
def test_no_sequence_of_actions_does_what_is_not_permitted(cast, name):
    with documents.sampled(1000):
        obj = STORIES.get(name, OBJECTS[name])(cast)
        facts = {
            "flow": FLOWS[name], "obj": obj, "cast": cast, "small": Small(cast), "seen": Counter(),
        }  # fmt: skip
        machine = type("StepsOfOne", (Steps,), facts)
        run_state_machine_as_test(machine, settings=PROFILE)
    # Sequences get somewhere: somebody did something, unless the portal alone could.
    assert bool(machine.seen) == any(is_human(row) for row in FLOWS[name].transitions)
