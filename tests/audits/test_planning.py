"""From a programme item to a proposal: every guard, each alone."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from audits.enums import AuditStatus, Mode, TeamRole
from audits.models import AuditMember, Objection
from audits.queries.programme import waiting_items
from audits.services import planning
from certification.enums import AuditKind, Part
from certification.models import Decision
from certification.services.cases import record_involvement
from foundation.models import JournalEntry, Notice
from foundation.workflow import Incomplete, NotAllowed, StaleState, WrongState
from organisations.enums import Role
from organisations.models import Membership, Site
from schemes.models import Competence, Rule
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
from tests.certification.casework import certified_case


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
    from schemes.audit_time import sample_sites

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


def test_propose_wants_the_computed_days_or_a_reason(cast):
    audit = planned(cast)
    change(cast, audit, days_planned=Decimal("1.5"))
    assert refusal(audit, "propose", cast.actor("planner")) == [
        "1.5 of 2.0 audit days are planned. Plan more or give a reason."
    ]
    change(cast, audit, days_reason="One process is outsourced.")
    assert act(audit, "propose", cast.actor("planner")).status == AuditStatus.PROPOSED


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


# The team


def drop(audit, user):
    AuditMember.objects.filter(audit=audit, user=user).delete()


def test_propose_wants_exactly_one_leader(cast):
    audit = planned(cast)
    AuditMember.objects.filter(user=cast.auditor).update(role=TeamRole.AUDITOR)
    assert refusal(audit, "propose", cast.actor("planner")) == [
        "A team has exactly one lead auditor."
    ]


def test_add_member_as_leader_moves_the_present_one_aside(cast):
    audit = planned(cast)
    Competence.objects.filter(user=cast.auditor2).update(role="lead_auditor")
    planning.add_member(
        audit=audit, actor=cast.actor("planner"), user=cast.auditor2, role=TeamRole.LEAD
    )
    roles = dict(audit.members.values_list("user__email", "role"))
    assert roles == {"auditor@demo.example": "auditor", "auditor2@demo.example": "lead"}


def test_propose_wants_a_leader_who_is_competent_to_lead(cast):
    audit = planned(cast)
    Competence.objects.filter(user=cast.auditor).update(role="auditor")
    assert refusal(audit, "propose", cast.actor("planner")) == [
        "李工 has no valid competence as lead auditor on these days."
    ]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"areas": ["17"]}, ["Nobody in the team covers QMS in area 18 "]),
        ({"languages": ["en"]}, ["No auditor of the team works in Chinese."]),
    ],
)
def test_propose_wants_the_team_to_cover_area_and_language(cast, limits, expected):
    audit = planned(cast)
    for competence in Competence.objects.filter(user__in=[cast.auditor, cast.auditor2]):
        if "areas" in limits:
            competence.areas.set(competence.areas.filter(code__in=limits["areas"]))
        else:
            competence.languages = limits["languages"]
            competence.save()
    found = refusal(audit, "propose", cast.actor("planner"))
    assert [text[: len(want)] for text, want in zip(found, expected, strict=True)] == expected


def test_propose_lets_members_cover_each_others_gaps(cast):
    audit = planned(cast)
    for competence in Competence.objects.filter(user=cast.auditor):
        competence.areas.set(competence.areas.filter(code="17"))
    assert act(audit, "propose", cast.actor("planner")).status == AuditStatus.PROPOSED


def test_propose_wants_every_scheme_audited(cast):
    audit = planned(cast, schemes=("QMS", "EMS"))
    Competence.objects.filter(scheme__code="EMS").delete()
    found = refusal(audit, "propose", cast.actor("planner"))
    assert found[0] == "Nobody in the team may audit EMS."


def test_propose_wants_competence_valid_on_all_days(cast):
    audit = planned(cast, days=2)
    Competence.objects.filter(user=cast.auditor2).update(valid_until=today())
    assert refusal(audit, "propose", cast.actor("planner")) == [
        "周牧野 has no valid competence as Auditor on these days."
    ]


def test_propose_wants_everybodys_declaration(cast):
    audit = planned(cast, declared=False)
    act(audit, "declare", cast.actor("auditor"), no_conflict=True)
    assert refusal(audit, "propose", cast.actor("planner")) == [
        "周牧野 has not yet declared to be without a conflict of interest."
    ]


def test_declare_of_a_conflict_keeps_the_person_off_and_tells_the_planner(cast):
    audit = planned(cast, declared=False)
    act(audit, "declare", cast.actor("auditor"), no_conflict=True)
    act(audit, "declare", cast.actor("auditor2"), no_conflict=False, conflict="My brother.")
    assert refusal(audit, "propose", cast.actor("planner")) == [
        "周牧野: declared a conflict of interest"
    ]
    assert [notice.recipient for notice in Notice.objects.filter(kind="audits.conflict")] == [
        cast.planner
    ]


def test_declare_is_each_members_own_and_once(cast):
    audit = planned(cast)
    with pytest.raises(NotAllowed, match="already"):
        act(audit, "declare", cast.actor("auditor"), no_conflict=True)
    drop(audit, cast.auditor2)
    with pytest.raises(NotAllowed, match="member of this team"):
        act(audit, "declare", cast.actor("auditor2"), no_conflict=True)


@pytest.mark.parametrize(("days_ago", "refused"), [(729, True), (732, False)])
def test_propose_refuses_who_came_from_the_client_within_two_years(cast, days_ago, refused):
    audit = planned(cast)
    Membership.objects.create(
        user=cast.auditor2,
        organisation=cast.enterprise,
        role=Role.MEMBER,
        ended_at=timezone.now() - dt.timedelta(days=days_ago),
    )
    if refused:
        assert refusal(audit, "propose", cast.actor("planner")) == [
            "周牧野: belonged to this enterprise within the last 2 years"
        ]
    else:
        assert act(audit, "propose", cast.actor("planner")).status == AuditStatus.PROPOSED


def test_propose_refuses_who_decided_in_this_cycle(cast):
    audit = planned(cast)
    Decision.objects.create(
        case=audit.case,
        cycle=1,
        kind="grant",
        decided_by=cast.auditor2,
        decided_on=today(),
        reason="-",
    )
    assert refusal(audit, "propose", cast.actor("planner")) == [
        "周牧野: decided on this case in this cycle"
    ]


def other_audit(cast, audit, **facts):
    """Put the second auditor on a proposed audit of another enterprise."""
    case = opened_case(cast, enterprise=cast.rival_enterprise)
    other = started(cast, case=case)
    for name, value in ({"status": AuditStatus.CONFIRMED} | facts).items():
        setattr(other, name, value)
    other.save()
    AuditMember.objects.create(audit=other, user=cast.auditor2, role=TeamRole.LEAD)
    return other


def test_propose_refuses_who_is_booked_elsewhere_without_telling_for_whom(cast):
    audit = planned(cast, first=dt.date(2030, 5, 13), days=2)
    other_audit(cast, audit, starts_on=dt.date(2030, 5, 10), ends_on=dt.date(2030, 5, 13))
    assert refusal(audit, "propose", cast.actor("planner")) == [
        "周牧野: booked elsewhere on 13 May 2030"
    ]


@pytest.mark.parametrize("status", [AuditStatus.PLANNED, AuditStatus.CANCELLED])
def test_propose_ignores_what_binds_nobody(cast, status):
    audit = planned(cast)
    other_audit(cast, audit, starts_on=today(), ends_on=today(), status=status)
    assert act(audit, "propose", cast.actor("planner")).status == AuditStatus.PROPOSED


def test_propose_counts_the_on_site_days_of_a_year(cast):
    audit = planned(cast, first=dt.date(2030, 8, 1), days=2)
    other_audit(cast, audit, starts_on=dt.date(2030, 1, 1), ends_on=dt.date(2030, 6, 27))
    assert act(audit, "propose", cast.actor("planner")).sequence == 1


def test_propose_refuses_more_on_site_days_than_the_rules_allow(cast):
    audit = planned(cast, first=dt.date(2030, 8, 1), days=2)
    other_audit(cast, audit, starts_on=dt.date(2030, 1, 1), ends_on=dt.date(2030, 6, 29))
    assert refusal(audit, "propose", cast.actor("planner")) == [
        "周牧野: would reach 182 on-site days in 2030, 180 are allowed"
    ]
    change(cast, audit, mode=Mode.REMOTE, ict_assessment="Low.", ict_tools="The room.")
    assert act(audit, "propose", cast.actor("planner")).sequence == 1


def test_propose_counts_only_the_days_on_the_timetable_of_other_audits(cast):
    audit = planned(cast, first=dt.date(2030, 8, 1), days=2)
    other = other_audit(cast, audit, starts_on=dt.date(2030, 1, 1), ends_on=dt.date(2030, 6, 29))
    other.plan.create(
        day=dt.date(2030, 1, 1), starts_at=dt.time(9), ends_at=dt.time(10), member=cast.auditor2
    )
    assert act(audit, "propose", cast.actor("planner")).sequence == 1


def test_propose_has_no_limit_of_days_where_the_rules_know_none(cast):
    audit = planned(cast, first=dt.date(2030, 8, 1), days=2)
    other_audit(cast, audit, starts_on=dt.date(2030, 1, 1), ends_on=dt.date(2030, 6, 29))
    Rule.objects.filter(key="auditor_onsite_days_per_year").update(value=None)
    assert act(audit, "propose", cast.actor("planner")).sequence == 1


def test_propose_refuses_who_answers_for_too_many_certificates(cast):
    Rule.objects.filter(key="auditor_certificates").update(value=1)
    certified_case(cast, enterprise=cast.rival_enterprise)
    audit = planned(cast)
    assert refusal(audit, "propose", cast.actor("planner")) == [
        "李工: answers for 1 valid certificates, 1 are allowed",
        "周牧野: answers for 1 valid certificates, 1 are allowed",
    ]
    Rule.objects.filter(key="auditor_certificates").update(value=2)
    assert act(audit, "propose", cast.actor("planner")).sequence == 1


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
