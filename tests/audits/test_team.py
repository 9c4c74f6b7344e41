"""Who may be on a team: competence, conflicts, bookings and limits, each alone."""

import datetime as dt

import pytest
from django.utils import timezone

from audits.enums import AuditStatus, Mode, TeamRole
from audits.models import AuditMember
from audits.services import planning
from certification.models import Decision
from foundation.models import Notice
from foundation.workflow import Incomplete, NotAllowed
from organisations.enums import Role
from organisations.models import Membership
from schemes.models import Competence, Rule
from tests.audits.auditwork import (
    act,
    opened_case,
    planned,
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
