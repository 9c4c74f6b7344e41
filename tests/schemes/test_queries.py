import datetime as dt

import pytest

from organisations.enums import BodyStatus
from schemes.models import BodyApproval, Competence, Scheme, TechnicalArea
from schemes.queries import (
    approvals_in_force,
    areas_not_approved,
    bodies_approved_for,
    body_approved_for,
    body_gaps,
    competences_in_force,
    factors_in_force,
    people_competent,
    person_gaps,
    team_gaps,
)

NOW = dt.date(2026, 6, 1)
LATER = dt.date(2026, 6, 3)
LEAD, AUDITOR, EXPERT = "lead_auditor", "auditor", "technical_expert"


@pytest.fixture
def world(cast):
    """The cast with the schemes and areas that the tests speak of."""
    cast.qms, cast.ems = (Scheme.objects.get(code=code) for code in ("QMS", "EMS"))
    cast.steel, cast.machines, cast.food = (
        TechnicalArea.objects.get(code=code) for code in ("17", "18", "3")
    )
    return cast


def _codes(gaps):
    return [gap.code for gap in gaps]


def _team_gaps(world, team, required=None, **facts):
    needed = required or {world.qms: [world.machines]}
    days = {"first_day": NOW, "last_day": LATER} | facts
    return team_gaps(body=world.body, required=needed, team=team, **days)


def test_body_is_approved_for_its_scheme_and_areas(world):
    areas = [world.steel, world.machines]
    assert body_approved_for(body=world.body, scheme=world.qms, areas=areas, on=NOW)
    assert areas_not_approved(body=world.body, scheme=world.qms, areas=areas, on=NOW) == []


def test_areas_without_approval_are_named(world):
    facts = {"body": world.body, "scheme": world.qms, "on": NOW}
    areas = [world.machines, world.food]
    assert areas_not_approved(areas=areas, **facts) == [world.food]
    assert not body_approved_for(areas=areas, **facts)


def test_approval_of_another_scheme_or_body_does_not_count(world):
    BodyApproval.objects.filter(body=world.body, scheme=world.qms).delete()
    assert not body_approved_for(body=world.body, scheme=world.qms, areas=[], on=NOW)
    assert body_approved_for(body=world.body, scheme=world.ems, areas=[world.steel], on=NOW)
    assert body_approved_for(body=world.rival_body, scheme=world.qms, areas=[], on=NOW)


@pytest.mark.parametrize(
    ("on", "approved"),
    [
        (dt.date(2019, 12, 31), False),
        (dt.date(2020, 1, 1), True),
        (dt.date(2026, 6, 1), True),
        (dt.date(2026, 6, 2), False),
    ],
)
def test_approval_holds_from_its_first_to_its_last_day(world, on, approved):
    BodyApproval.objects.filter(body=world.body).update(valid_to=NOW)
    facts = {"body": world.body, "scheme": world.qms, "areas": [world.steel]}
    assert body_approved_for(on=on, **facts) is approved


def test_two_approvals_together_cover_the_areas(world):
    more = BodyApproval.objects.create(
        body=world.body, scheme=world.qms, reference="EXTRA", valid_from=NOW
    )
    more.areas.set([world.food])
    areas = [world.steel, world.food]
    assert body_approved_for(body=world.body, scheme=world.qms, areas=areas, on=NOW)


def test_a_suspended_body_is_approved_for_nothing(world):
    profile = world.body.body_profile
    profile.status = BodyStatus.SUSPENDED
    profile.save(update_fields=["status"])
    assert not body_approved_for(body=world.body, scheme=world.qms, areas=[], on=NOW)
    assert set(approvals_in_force(NOW).values_list("body", flat=True)) == {world.rival_body.pk}


def test_a_body_whose_own_approval_ran_out_is_approved_for_nothing(world):
    profile = world.body.body_profile
    profile.approval_valid_until = NOW
    profile.save(update_fields=["approval_valid_until"])
    facts = {"body": world.body, "scheme": world.qms, "areas": []}
    assert body_approved_for(on=NOW, **facts)
    assert not body_approved_for(on=LATER, **facts)


def test_bodies_to_choose_from_are_approved_for_everything_asked(world):
    asked = {world.qms: [world.machines], world.ems: [world.steel]}
    assert set(bodies_approved_for(asked, NOW)) == {world.body, world.rival_body}
    BodyApproval.objects.get(body=world.rival_body, scheme=world.ems).areas.remove(world.steel)
    assert list(bodies_approved_for(asked, NOW)) == [world.body]
    assert list(bodies_approved_for({world.qms: [world.food]}, NOW)) == []


def test_approvals_are_public(world):
    expected = BodyApproval.objects.count()
    for name in ("anonymous", "owner", "rival_manager", "supervisor"):
        assert BodyApproval.objects.visible_to(world.actor(name)).count() == expected


@pytest.mark.parametrize(
    ("name", "own", "rival"),
    [
        ("anonymous", 0, 0),
        ("owner", 0, 0),
        ("rival_owner", 0, 0),
        ("rival_manager", 0, 5),
        ("manager", 20, 0),
        ("planner", 20, 0),
        ("auditor", 5, 0),
        ("supervisor", 20, 5),
        ("operator", 20, 5),
    ],
)
def test_competence_is_seen_by_its_person_the_desk_and_those_above(world, name, own, rival):
    for scheme in Scheme.objects.all():
        Competence.objects.create(
            user=world.rival_manager,
            body=world.rival_body,
            scheme=scheme,
            role=AUDITOR,
            valid_from=NOW,
            valid_until=LATER,
        )
    seen = Competence.objects.visible_to(world.actor(name))
    counts = (seen.filter(body=world.body).count(), seen.filter(body=world.rival_body).count())
    assert counts == (own, rival)


def test_a_person_sees_the_own_competence_in_another_body(world):
    Competence.objects.create(
        user=world.owner,
        body=world.rival_body,
        scheme=world.qms,
        role=EXPERT,
        valid_from=NOW,
        valid_until=LATER,
    )
    seen = Competence.objects.visible_to(world.actor("owner"))
    assert [row.body for row in seen] == [world.rival_body]


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (LEAD, ["auditor"]),
        (AUDITOR, ["auditor", "auditor2"]),
        (EXPERT, ["auditor", "auditor2"]),
        ("reviewer", ["reviewer"]),
        ("certifier", ["certifier"]),
    ],
)
def test_people_are_found_by_role_and_a_lead_may_audit(world, role, names):
    found = people_competent(
        body=world.body, scheme=world.qms, areas=[world.machines], role=role, on=NOW
    )
    expected = sorted((getattr(world, name) for name in names), key=lambda user: user.name)
    assert found == expected


def test_people_must_cover_every_area_alone(world):
    facts = {"body": world.body, "scheme": world.qms, "role": AUDITOR, "on": NOW}
    row = Competence.objects.get(user=world.auditor2, scheme=world.qms)
    row.areas.set([world.steel])
    areas = [world.steel, world.machines]
    assert people_competent(areas=areas, **facts) == [world.auditor]
    assert people_competent(areas=[world.food], **facts) == []


def test_competence_must_last_through_the_last_day(world):
    rows = Competence.objects.filter(user=world.auditor, scheme=world.qms)
    rows.update(valid_until=dt.date(2026, 6, 2))
    facts = {"body": world.body, "scheme": world.qms, "role": LEAD}
    assert people_competent(on=NOW, **facts) == [world.auditor]
    assert people_competent(on=NOW, until=LATER, **facts) == []


def test_people_who_left_the_body_do_not_count(world):
    world.auditor2.memberships.update(ended_at="2026-01-01T00:00Z")
    found = {row.user for row in competences_in_force(body=world.body, on=NOW, role=AUDITOR)}
    assert found == {world.auditor}


def test_a_complete_team_has_no_gaps(world):
    team = [(world.auditor, LEAD), (world.auditor2, AUDITOR)]
    required = {world.qms: [world.machines, world.steel], world.ems: [world.steel]}
    assert _team_gaps(world, team, required, languages=["zh", "en"]) == []


def test_an_empty_team_lacks_everything(world):
    gaps = _team_gaps(world, [], languages=["zh"])
    assert _codes(gaps) == ["one_lead", "scheme_auditor", "area", "language"]


@pytest.mark.parametrize("roles", [(AUDITOR, AUDITOR), (LEAD, LEAD)])
def test_a_team_has_exactly_one_lead(world, roles):
    team = [(world.auditor, roles[0]), (world.auditor2, roles[1])]
    assert _codes(_team_gaps(world, team))[0] == "one_lead"


def test_a_lead_must_be_competent_to_lead(world):
    gaps = _team_gaps(world, [(world.auditor2, LEAD)])
    assert [(gap.code, gap.user) for gap in gaps] == [("lead_competence", world.auditor2)]


def test_a_member_without_competence_on_these_days_is_named(world):
    Competence.objects.filter(user=world.auditor2).update(valid_until=NOW)
    gaps = _team_gaps(world, [(world.auditor, LEAD), (world.auditor2, AUDITOR)])
    assert [(gap.code, gap.user) for gap in gaps] == [("member_competence", world.auditor2)]


def test_an_expert_covers_an_area_but_does_not_audit_a_scheme(world):
    Competence.objects.get(user=world.auditor, scheme=world.qms).areas.set([world.steel])
    expert = Competence.objects.create(
        user=world.planner,
        body=world.body,
        scheme=world.qms,
        role=EXPERT,
        languages=["en"],
        valid_from=NOW,
        valid_until=LATER,
    )
    expert.areas.set([world.machines])
    team = [(world.auditor, LEAD), (world.planner, EXPERT)]
    assert _team_gaps(world, team[:1])[0].area == world.machines
    assert _team_gaps(world, team) == []
    assert "scheme_auditor" in _codes(_team_gaps(world, team[1:]))


def test_a_scheme_or_area_nobody_covers_is_named(world):
    Competence.objects.filter(user=world.auditor, scheme=world.ems).delete()
    required = {world.qms: [world.food], world.ems: [world.steel]}
    gaps = _team_gaps(world, [(world.auditor, LEAD)], required)
    assert [(gap.code, gap.scheme, gap.area) for gap in gaps] == [
        ("scheme_auditor", world.ems, None),
        ("area", world.qms, world.food),
        ("area", world.ems, world.steel),
    ]


def test_a_language_no_auditor_works_in_is_named(world):
    Competence.objects.filter(user=world.auditor).update(languages=["zh"])
    gaps = _team_gaps(world, [(world.auditor, LEAD)], languages=["zh", "en"])
    assert [str(gap) for gap in gaps] == ["No auditor of the team works in English."]


def test_competence_of_another_body_does_not_count(world):
    Competence.objects.filter(user=world.auditor).update(body=world.rival_body)
    assert _codes(_team_gaps(world, [(world.auditor, LEAD)])) == [
        "member_competence",
        "scheme_auditor",
        "area",
    ]


def test_body_that_can_audit_and_decide_has_no_gaps(world):
    required = {world.qms: [world.machines], world.ems: [world.steel]}
    assert body_gaps(body=world.body, required=required, on=NOW, area_auditors=2) == []


def test_body_gaps_name_lead_auditors_and_certifier(world):
    gaps = body_gaps(
        body=world.rival_body, required={world.qms: [world.machines]}, on=NOW, area_auditors=2
    )
    assert _codes(gaps) == ["no_lead", "few_auditors", "no_certifier"]
    assert str(gaps[1]) == (
        "The body has 0 of at least 2 auditors for QMS in area 18 Machinery and equipment."
    )


def test_body_needs_as_many_auditors_in_an_area_as_the_rule_says(world):
    required = {world.qms: [world.machines]}
    assert _codes(body_gaps(body=world.body, required=required, on=NOW, area_auditors=3)) == [
        "few_auditors"
    ]


def test_person_gaps_name_each_area_a_certifier_lacks(world):
    required = {world.qms: [world.machines, world.food], world.ems: [world.steel]}
    facts = {"body": world.body, "required": required, "on": NOW}
    gaps = person_gaps(user=world.certifier, role="certifier", **facts)
    assert [(gap.scheme, gap.area) for gap in gaps] == [(world.qms, world.food)]
    assert len(person_gaps(user=world.auditor, role="certifier", **facts)) == 3


def test_team_question_costs_the_same_for_any_team(world, django_assert_num_queries):
    team = [(world.auditor, LEAD), (world.auditor2, AUDITOR)]
    for size in (1, 2):
        with django_assert_num_queries(2):
            _team_gaps(world, team[:size])


def test_factors_to_choose_from_are_those_of_the_schemes(catalogue):
    rows = factors_in_force(["FSMS"], NOW)
    assert [row.key for row in rows] == ["other-plus", "other-minus"]
    assert list(factors_in_force(["QMS"], dt.date(2015, 1, 1))) == []
