"""From a programme item to a proposal: every guard, each alone."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from audits.enums import AuditStatus, Mode, TeamRole
from audits.models import Objection
from audits.queries.programme import waiting_items
from audits.services import planning
from certification.enums import AuditKind, DecisionKind, Part
from certification.models import Decision
from certification.services.cases import record_involvement
from foundation.models import JournalEntry, Notice
from foundation.workflow import Incomplete, NotAllowed, StaleState, WrongState
from organisations.models import Site
from schemes.audit_time import sample_sites
from tests.audits.auditwork import (
    act,
    completed,
    confirmed,
    fresh,
    item_of,
    opened_case,
    planned,
    proposed,
    started,
)


def refusal(audit, action, actor, **data):
    """Return everything that stands in the way of an action, as people read it."""
    with pytest.raises(Incomplete) as caught:
        act(audit, action, actor, **data)
    return [str(blocker) for blocker in caught.value.blockers]


def change(cast, audit, **facts):
    planning.change_planning(audit=audit, actor=cast.actor("planner"), **facts)


def today():
    return timezone.localdate()


# What waits


def test_waiting_items_are_those_of_the_own_body_without_an_audit(cast):
    case = opened_case(cast)
    first = item_of(case, AuditKind.STAGE_1)
    second = item_of(case, AuditKind.STAGE_2)
    assert list(waiting_items(cast.actor("planner"))) == [first, second]
    assert list(waiting_items(cast.actor("rival_manager"))) == []
    assert list(waiting_items(cast.actor("owner"))) == []
    planning.start_planning(first, cast.actor("planner"))
    assert list(waiting_items(cast.actor("planner"))) == [second]


def test_waiting_items_come_back_when_an_audit_is_cancelled(cast):
    audit = started(cast)
    act(audit, "cancel", cast.actor("planner"), reason="The client moves.")
    assert audit.programme_item in waiting_items(cast.actor("planner"))
    again = planning.start_planning(audit.programme_item, cast.actor("planner"))
    assert again.number == f"{audit.case.number}-2"


def test_waiting_items_return_a_stage_1_that_found_no_readiness(cast):
    audit = completed(cast, report={"recommendation": "not_ready"})
    assert audit.programme_item in waiting_items(cast.actor("planner"))
    repeated = planning.start_planning(audit.programme_item, cast.actor("planner"))
    assert repeated.kind == AuditKind.STAGE_1


def test_waiting_items_leave_out_a_completed_audit(cast):
    audit = completed(cast)
    assert audit.programme_item not in waiting_items(cast.actor("planner"))


# Starting


def test_start_planning_takes_over_what_the_case_knows(cast):
    audit = started(cast, AuditKind.STAGE_2, schemes=("QMS", "EMS"))
    assert audit.status == AuditStatus.PLANNED
    assert audit.number == f"{audit.case.number}-1"
    assert [str(edition.scheme) for edition in audit.editions.all()] == ["QMS", "EMS"]
    assert list(audit.sites.all()) == list(cast.enterprise.sites.all())
    assert (audit.days, audit.days_planned) == (Decimal("4.0"), Decimal("4.0"))
    assert audit.language == "zh"
    assert audit.objectives
    entry = JournalEntry.objects.get(verb="audit.plan")
    assert entry.internal_to == cast.body.pk


def test_start_planning_twice_is_refused(cast):
    audit = started(cast)
    with pytest.raises(StaleState):
        planning.start_planning(audit.programme_item, cast.actor("planner"))


@pytest.mark.parametrize("who", ["owner", "auditor", "reviewer", "manager", "rival_manager"])
def test_start_planning_is_the_planners(cast, who):
    case = opened_case(cast)
    with pytest.raises(NotAllowed):
        planning.start_planning(item_of(case, AuditKind.STAGE_1), cast.actor(who))


def test_start_planning_draws_a_sample_that_anyone_can_repeat(cast):
    for number in range(10):
        Site.objects.create(
            organisation=cast.enterprise, name_zh=f"分厂{number}", day_shift=10 + number
        )
    audit = started(cast, AuditKind.STAGE_2)
    sample = audit.sample
    assert (len(sample["population"]), sample["size"], len(sample["drawn"])) == (10, 4, 1)
    assert audit.sites.count() == 5
    assert audit.sites.filter(is_central=True).count() == 1
    again = sample_sites(sample["population"], 4, sample["seed"])
    assert {str(s.pk) for s in audit.sites.filter(is_central=False)} == set(again.keys)


# Proposing: each guard alone


def test_propose_passes_when_nothing_is_missing(cast):
    audit = act(planned(cast), "propose", cast.actor("planner"))
    assert audit.status == AuditStatus.PROPOSED
    assert audit.proposed_at is not None
    assert audit.sequence == 1
    told = Notice.objects.filter(kind="audits.proposed").values_list("recipient__email", flat=True)
    assert sorted(told) == ["member@demo.example", "owner@demo.example"]


def test_propose_lists_everything_missing_at_once(cast):
    audit = started(cast)
    assert refusal(audit, "propose", cast.actor("planner")) == [
        "The first and the last day are not set.",
        "Nobody leads the team.",
    ]


def test_propose_links_each_blocker_to_its_cure(cast):
    audit = started(cast)
    with pytest.raises(Incomplete) as caught:
        act(audit, "propose", cast.actor("planner"))
    assert {blocker.url for blocker in caught.value.blockers} == {f"/audits/{audit.pk}/planning/"}


def test_propose_refuses_days_gone_by(cast):
    audit = planned(cast, first=today() - dt.timedelta(days=1))
    audit.programme_item.window_from = None
    audit.programme_item.save()
    assert refusal(audit, "propose", cast.actor("planner")) == ["The first day lies in the past."]


def test_propose_wants_the_window_or_a_reason(cast):
    audit = planned(cast)
    item = audit.programme_item
    item.window_from = today() + dt.timedelta(days=10)
    item.save()
    found = refusal(audit, "propose", cast.actor("planner"))
    assert len(found) == 1
    assert found[0].startswith("Too early: the programme allows it from")
    change(cast, audit, date_reason="The client asked for it.")
    assert act(audit, "propose", cast.actor("planner")).status == AuditStatus.PROPOSED


def test_propose_wants_the_end_of_the_window_or_a_reason(cast):
    audit = planned(cast, days=3)
    item = audit.programme_item
    item.window_to = today() + dt.timedelta(days=1)
    item.save()
    found = refusal(audit, "propose", cast.actor("planner"))
    assert found[0].startswith("Too late: the programme wants it by")


def test_propose_of_stage_2_waits_for_dates_of_stage_1(cast):
    audit = planned(cast, AuditKind.STAGE_2)
    assert refusal(audit, "propose", cast.actor("planner")) == [
        "Stage 1 comes first; it has no dates yet."
    ]


def test_propose_of_stage_2_wants_it_after_stage_1(cast):
    first = planned(cast, first=today() + dt.timedelta(days=5))
    second = planned(cast, AuditKind.STAGE_2, case=first.case, first=today())
    found = refusal(second, "propose", cast.actor("planner"))
    assert len(found) == 1
    assert found[0].startswith("Stage 2 cannot begin before stage 1 has ended on")


def test_propose_wants_objectives_and_a_site(cast):
    audit = planned(cast)
    change(cast, audit, objectives="", sites=[])
    assert refusal(audit, "propose", cast.actor("planner")) == [
        "The objectives of the audit are missing.",
        "No site is chosen.",
    ]


def test_propose_keeps_the_drawn_sites(cast):
    for number in range(10):
        Site.objects.create(organisation=cast.enterprise, name_zh=f"分厂{number}")
    audit = planned(cast)
    drawn = audit.sample["drawn"][0]
    others = audit.sites.exclude(pk=drawn)
    change(cast, audit, sites=others)
    assert refusal(audit, "propose", cast.actor("planner")) == [
        "The sample needs 4 sites besides the central function.",
        "Sites that were drawn at random cannot be left out.",
    ]


@pytest.mark.parametrize("mode", [Mode.REMOTE, Mode.MIXED])
def test_propose_of_a_remote_audit_wants_assessment_and_tools(cast, mode):
    audit = planned(cast)
    change(cast, audit, mode=mode)
    assert refusal(audit, "propose", cast.actor("planner")) == [
        "The risks and opportunities of auditing remotely are not assessed (IAF MD 4).",
        "The tools for auditing remotely are not agreed (IAF MD 4).",
    ]
    change(cast, audit, ict_assessment="Low risk.", ict_tools="The portal's room.")
    assert act(audit, "propose", cast.actor("planner")).status == AuditStatus.PROPOSED


# Who and when


@pytest.mark.parametrize("who", ["owner", "auditor", "manager", "reviewer", "certifier"])
def test_propose_is_the_planners(cast, who):
    with pytest.raises(NotAllowed):
        act(planned(cast), "propose", cast.actor(who))


def test_planning_is_closed_once_proposed(cast):
    audit = proposed(cast)
    with pytest.raises(WrongState):
        change(cast, audit, objectives="Other")
    with pytest.raises(WrongState):
        planning.add_member(
            audit=audit, actor=cast.actor("planner"), user=cast.auditor2, role=TeamRole.LEAD
        )
    with pytest.raises(WrongState):
        planning.remove_member(
            audit=audit, actor=cast.actor("planner"), member=audit.members.first()
        )


def test_remove_member_leaves_the_lines_to_the_team(cast):
    audit = planned(cast)
    line = audit.plan.create(
        day=today(), starts_at=dt.time(9), ends_at=dt.time(10), member=cast.auditor2
    )
    member = audit.members.get(user=cast.auditor2)
    planning.remove_member(audit=audit, actor=cast.actor("planner"), member=member)
    assert fresh(line).member is None
    assert [m.user for m in audit.members.all()] == [cast.auditor]


# Objections


def test_object_waits_for_an_answer_of_the_planner(cast):
    audit = act(proposed(cast), "object", cast.actor("owner"), reason="He is a competitor's friend")
    assert audit.status == AuditStatus.OBJECTED
    assert Objection.objects.get().raised_by == cast.owner
    assert [n.recipient for n in Notice.objects.filter(kind="audits.objected")] == [cast.planner]


def test_object_needs_a_reason(cast):
    assert refusal(proposed(cast), "object", cast.actor("owner"), reason="") == ["Say why."]


@pytest.mark.parametrize("who", ["member", "planner", "rival_owner"])
def test_object_is_the_owners(cast, who):
    with pytest.raises(NotAllowed):
        act(proposed(cast), "object", cast.actor(who), reason="No")


def test_answer_objection_keeps_the_proposal(cast):
    audit = act(proposed(cast), "object", cast.actor("owner"), reason="Too early")
    audit = act(audit, "answer_objection", cast.actor("planner"), answer="No other day is free.")
    assert audit.status == AuditStatus.PROPOSED
    objection = Objection.objects.get()
    assert (objection.answer, objection.answered_by) == ("No other day is free.", cast.planner)


def test_who_came_to_the_team_after_an_objection_declares_before_it_is_kept(cast):
    audit = act(proposed(cast), "object", cast.actor("owner"), reason="Not him")
    audit.members.filter(user=cast.auditor2).update(declared_at=None, no_conflict=None)
    assert refusal(audit, "answer_objection", cast.actor("planner"), answer="He stays.") == [
        f"{cast.auditor2} has not yet declared to be without a conflict of interest."
    ]


def test_propose_again_settles_the_objection_with_another_team(cast):
    audit = act(proposed(cast), "object", cast.actor("owner"), reason="Not him")
    member = audit.members.get(user=cast.auditor2)
    planning.remove_member(audit=audit, actor=cast.actor("planner"), member=member)
    audit = act(audit, "propose", cast.actor("planner"), answer="Somebody else comes.")
    assert (audit.status, audit.sequence) == (AuditStatus.PROPOSED, 2)
    assert Objection.objects.get().answer == "Somebody else comes."


# Confirming, taking back, cancelling


def test_confirm_binds_the_team_to_the_case(cast):
    audit = confirmed(cast)
    assert audit.status == AuditStatus.CONFIRMED
    parts = audit.case.involvements.filter(part=Part.AUDIT).values_list("user__email", flat=True)
    assert sorted(parts) == ["auditor2@demo.example", "auditor@demo.example"]
    assert audit.plan_snapshot["team"][0]["name"] == "李工"


@pytest.mark.parametrize("who", ["member", "planner", "rival_owner"])
def test_confirm_is_the_owners(cast, who):
    with pytest.raises(NotAllowed):
        act(proposed(cast), "confirm", cast.actor(who))


def test_replan_frees_dates_and_team_again(cast):
    audit = act(confirmed(cast), "replan", cast.actor("planner"), reason="Flu")
    assert audit.status == AuditStatus.PLANNED
    assert audit.sequence == 3
    change(cast, audit, starts_on=today() + dt.timedelta(days=7), ends_on=today() + dt.timedelta(7))


def test_cancel_needs_a_reason_and_tells_everybody_it_was_proposed_to(cast):
    audit = confirmed(cast)
    assert refusal(audit, "cancel", cast.actor("planner"), reason="") == ["Say why."]
    act(audit, "cancel", cast.actor("planner"), reason="The client closes.")
    told = Notice.objects.filter(kind="audits.cancelled").count()
    assert told == 5


def test_cancel_of_a_draft_tells_nobody(cast):
    act(planned(cast), "cancel", cast.actor("planner"), reason="Wrong item")
    assert not Notice.objects.filter(kind="audits.cancelled").exists()


def test_record_involvement_of_a_decider_is_refused_by_the_database(cast):
    audit = planned(cast)
    record_involvement(case=audit.case, user=cast.auditor, part=Part.AUDIT)
    assert audit.case.involvements.filter(user=cast.auditor).count() == 1


MEANWHILE = (
    "Somebody of the team has decided on your certification meanwhile. "
    "The body has to propose somebody else."
)


def test_who_decided_since_the_proposal_keeps_the_owner_from_confirming_the_team(cast):
    """The database would refuse it in the words of nobody."""
    audit = proposed(cast)
    Decision.objects.create(
        case=audit.case,
        cycle=audit.case.cycle,
        kind=DecisionKind.SUSPEND,
        decided_by=cast.auditor2,
        decided_on=today(),
        reason="Misuse.",
    )
    assert refusal(audit, "confirm", cast.actor("owner")) == [MEANWHILE]
    assert fresh(audit).status == AuditStatus.PROPOSED
    act(audit, "replan", cast.actor("planner"), reason="Another team.")
