"""The simulation: a world of some weeks is clean, and nothing is done that nobody knows."""

import runpy
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from audits.models import Audit
from foundation.workflow import FLOWS
from portal.simulation import registry, report
from portal.simulation.chance import Chance
from portal.simulation.play import simulated
from portal.simulation.registry import all_edges, is_human
from portal.simulation.scratch import scratch
from portal.simulation.watch import INVARIANTS
from portal.simulation.world import START, World

pytestmark = pytest.mark.django_db
# Far enough for applications, offers and audits, with people who do not let things lie.
DAYS, PACE = 40, 0.2
CLIENTS = 2
# So many guards at least are taken away one by one to see that it is noticed.
FAULTS = 5


@pytest.fixture(scope="module")
def played(django_db_setup, django_db_blocker):
    """A world of two enterprises after some weeks."""
    facts = {"seed": 7, "enterprises": CLIENTS, "every": 25, "pace": PACE}
    with django_db_blocker.unblock(), transaction.atomic(), simulated(**facts) as world:
        world.curiosity = 0  # straight on
        world.play(START + timedelta(days=DAYS))
        yield world
        transaction.set_rollback(True)


def test_some_weeks_are_clean(played):
    assert [str(fault) for fault in played.faults] == []
    assert played.days == DAYS
    found = report.facts_of(played, 1.0)
    assert found["counts"]["audits.Audit"] == Audit.objects.count() > 0
    # What people think they did is what the journal tells.
    told = report.coverage()
    assert {edge for edge in played.taken if not told[edge]} == set()
    assert played.mistakes


def test_an_action_nobody_knows_stops_the_simulation_with_its_name(played, monkeypatch):
    monkeypatch.delitem(registry.MAKERS, ("case", "grant"))
    with pytest.raises(LookupError, match=r"how to take: case\.grant\. Add a maker"):
        World(seed=1, cast=played.cast, clock=played.clock, chance=Chance(1))


def test_every_maker_and_every_mistake_belongs_to_an_action():
    known = {(flow.name, row.action) for flow in FLOWS.values() for row in flow.transitions}
    assert registry.lacking() == []
    assert set(registry.MAKERS) <= known
    assert set(registry.SPOILERS) <= set(registry.MAKERS)
    people = {(flow, action) for (flow, _s, action), row in all_edges().items() if is_human(row)}
    assert people == set(registry.MAKERS)


def test_every_planted_fault_takes_away_what_is_there_and_names_what_finds_it():
    facts = runpy.run_path(str(settings.BASE_DIR / "bench" / "planted.py"))
    names = [one.name for one in INVARIANTS]
    plants = [make() for make in facts["PLANTS"]]
    assert len(plants) >= FAULTS
    assert [row.name for row in plants if not any(n.startswith(row.invariant) for n in names)] == []
    flow = replace(FLOWS["certificate"], register=False, _table={})
    flow.transitions = tuple(replace(row) for row in flow.transitions)
    guard = flow.transition("suspend").guards[1]
    facts["without"](flow, guard)
    assert not any(guard in row.guards for row in flow.transitions)
    with pytest.raises(LookupError, match="no such guard"):
        facts["without"](flow, guard)


def test_it_runs_on_data_of_its_own_alone(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    with pytest.raises(CommandError, match="data of its own"):
        call_command("simulate", inner=True)


def test_its_process_knows_nothing_of_the_installation(monkeypatch, settings):
    for name in ("REDIS_URL", "STORAGE_URL", "EMAIL_URL_FILE"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with scratch() as environment:
        assert environment["PORTAL_DATA_DIR"] != str(settings.DATA_DIR)
        assert environment["EMAIL_URL"] == "dummymail://"
        assert "secret" not in environment.values()
        assert "DATABASE_URL" not in environment
