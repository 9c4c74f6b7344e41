"""The engine, on the flow that admits a certification body."""

import threading

import pytest
from django.db import connection

from foundation.access import IS_OPERATOR
from foundation.models import JournalEntry
from foundation.workflow import (
    Flow,
    Incomplete,
    NotAllowed,
    StaleState,
    Transition,
    WrongState,
    perform,
)
from organisations.enums import BodyStatus
from organisations.flows import BODY_FLOW
from organisations.models import BodyProfile


@pytest.fixture
def profile(cast):
    profile = cast.body.body_profile
    BodyProfile.objects.filter(pk=profile.pk).update(status=BodyStatus.REGISTERED)
    profile.refresh_from_db()
    return profile


def test_perform_moves_the_status_and_writes_the_journal(cast, profile):
    done = perform(BODY_FLOW, profile, "approve", cast.actor("operator"))
    assert done.status == BodyStatus.APPROVED
    assert profile.status == BodyStatus.APPROVED
    entry = JournalEntry.objects.get(subject_id=profile.pk)
    assert (entry.verb, entry.before, entry.after) == ("body.approve", "registered", "approved")
    assert entry.user == cast.operator


def test_perform_refuses_without_the_right(cast, profile):
    with pytest.raises(NotAllowed, match="Only an operator"):
        perform(BODY_FLOW, profile, "approve", cast.actor("manager"))
    assert BodyProfile.objects.get(pk=profile.pk).status == BodyStatus.REGISTERED
    assert JournalEntry.objects.count() == 0


def test_perform_refuses_from_a_state_without_the_action(cast, profile):
    with pytest.raises(WrongState, match="Waiting for approval"):
        perform(BODY_FLOW, profile, "suspend", cast.actor("operator"), reason="x")


def test_perform_lists_everything_missing_at_once(cast, profile):
    BodyProfile.objects.filter(pk=profile.pk).update(approval_number="", signatory_zh="")
    BodyProfile.objects.filter(pk=profile.pk).update(signatory_en="")
    with pytest.raises(Incomplete) as refusal:
        perform(BODY_FLOW, profile, "approve", cast.actor("operator"))
    assert [str(blocker) for blocker in refusal.value.blockers] == [
        "The approval number is missing.",
        "Nobody is named who signs the certificates.",
    ]


def test_a_suspended_body_comes_back_only_when_nothing_is_missing(cast, profile):
    rows = BodyProfile.objects.filter(pk=profile.pk)
    rows.update(status=BodyStatus.SUSPENDED, approval_number="")
    profile.refresh_from_db()
    with pytest.raises(Incomplete) as refusal:
        perform(BODY_FLOW, profile, "reinstate", cast.actor("operator"))
    assert [str(blocker) for blocker in refusal.value.blockers] == [
        "The approval number is missing."
    ]
    rows.update(approval_number="CNCA-R-0000-034")
    assert perform(BODY_FLOW, profile, "reinstate", cast.actor("operator")).status == (
        BodyStatus.APPROVED
    )


def test_perform_requires_a_reason(cast, profile):
    with pytest.raises(Incomplete) as refusal:
        perform(BODY_FLOW, profile, "refuse", cast.actor("operator"), reason="")
    assert [blocker.field for blocker in refusal.value.blockers] == ["reason"]


def test_perform_keeps_the_reason_in_the_journal(cast, profile):
    perform(BODY_FLOW, profile, "refuse", cast.actor("operator"), reason="No accreditation.")
    assert JournalEntry.objects.get().data == {"reason": "No accreditation."}


def test_perform_refuses_what_somebody_else_moved(cast, profile):
    mine, theirs = profile, BodyProfile.objects.get(pk=profile.pk)
    perform(BODY_FLOW, theirs, "approve", cast.actor("operator"))
    with pytest.raises(StaleState, match="Somebody else was faster"):
        perform(BODY_FLOW, mine, "refuse", cast.actor("operator"), reason="late")
    assert JournalEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_exactly_one_wins(cast, profile):
    actor = cast.actor("operator")
    gate = threading.Barrier(2)
    outcomes = []

    def act(action):
        mine = BodyProfile.objects.get(pk=profile.pk)
        gate.wait()
        try:
            perform(BODY_FLOW, mine, action, actor, reason="because")
            outcomes.append("done")
        except StaleState:
            outcomes.append("stale")
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(name,)) for name in ("approve", "refuse")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "stale"]
    assert JournalEntry.objects.count() == 1


def test_an_effect_that_fails_changes_nothing(cast, profile):
    def fail(obj, actor, **data):
        raise OSError("disk full")

    flow = _flow(Transition("approve", (BodyStatus.REGISTERED,), BodyStatus.APPROVED, IS_OPERATOR,
                            title="a", past="b", effect=fail))  # fmt: skip
    with pytest.raises(OSError, match="disk full"):
        perform(flow, profile, "approve", cast.actor("operator"))
    assert BodyProfile.objects.get(pk=profile.pk).status == BodyStatus.REGISTERED
    assert JournalEntry.objects.count() == 0


def test_a_row_that_moves_while_it_is_judged_is_left_alone(cast, profile):
    def meanwhile(obj, actor, data):
        BodyProfile.objects.filter(pk=obj.pk).update(status=BodyStatus.REFUSED)
        return ()

    flow = _flow(Transition("approve", (BodyStatus.REGISTERED,), BodyStatus.APPROVED, IS_OPERATOR,
                            title="a", past="b", guards=(meanwhile,)))  # fmt: skip
    with pytest.raises(StaleState, match=r"faster\. Nothing was changed\."):
        perform(flow, profile, "approve", cast.actor("operator"))
    assert JournalEntry.objects.count() == 0


def _flow(*transitions, **changes):
    tags = dict.fromkeys(BodyStatus.values, "info")
    others = tuple(
        Transition(f"to_{state}", (BodyStatus.REGISTERED,), state, IS_OPERATOR, title="", past="")
        for state in BodyStatus.values
    )
    facts = {"tags": tags, "transitions": (*transitions, *others)} | changes
    return Flow(name="trial", model=BodyProfile, states=BodyStatus, register=False, **facts)


def test_a_flow_needs_a_tag_for_every_state():
    with pytest.raises(ValueError, match="tag"):
        _flow(tags={})


def test_a_flow_needs_a_way_into_every_state():
    with pytest.raises(ValueError, match="no way into"):
        _flow(transitions=())


def test_a_flow_refuses_an_action_twice_from_one_state():
    twice = Transition("go", (BodyStatus.REGISTERED,), None, IS_OPERATOR, title="", past="")
    with pytest.raises(ValueError, match="twice"):
        _flow(twice, twice)


def test_a_flow_refuses_an_unknown_state():
    odd = Transition("go", ("nowhere",), None, IS_OPERATOR, title="", past="")
    with pytest.raises(ValueError, match="unknown state"):
        _flow(odd)
