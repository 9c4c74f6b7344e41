"""The solver: small problems with known answers, and what every plan keeps whatever is asked."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audits.schedule.checking import faults
from audits.schedule.greedy import greedy
from audits.schedule.problem import (
    Person,
    Placement,
    Problem,
    Skill,
    Task,
    distance,
    figures,
    length_of,
    travel,
    value,
)
from audits.schedule.search import solve
from audits.schedule.teams import Teams
from audits.schedule.why import why_not

MONDAY = dt.date(2027, 5, 10)
NINGBO, BEIJING, HANGZHOU = (29.87, 121.54), (39.90, 116.40), (30.27, 120.15)
WEEKS = tuple(day % 7 < 5 for day in range(28))


def skill(scheme="QMS", *, leads=True, areas=("18",), languages=("zh",), first=0, last=99):
    return Skill(scheme, leads, frozenset(areas), frozenset(languages), first, last)


def person(key, *skills, **facts):
    return Person(key, skills=skills or (skill(),), **facts)


def task(key, first=0, last=4, half_days=2, **facts):
    schemes = frozenset(facts.pop("schemes", ("QMS",)))
    usual = {
        "case": key,
        "schemes": schemes,
        "needs": frozenset((scheme, "18") for scheme in schemes),
        "language": "zh",
    }
    return Task(key, first=first, last=last, half_days=half_days, **usual | facts)


def problem(tasks, people, working=WEEKS, **facts):
    return Problem(MONDAY, tuple(working), tuple(tasks), tuple(people), **facts)


def solved(asked, **facts):
    found = solve(asked, rounds=facts.pop("rounds", 6), seed=1, seconds=60)
    assert faults(asked, found.plan) == []
    return found


def test_distance_and_travel_are_those_of_the_globe():
    assert 1090 < distance(NINGBO, BEIJING) < 1260
    assert distance(NINGBO, None) == 0
    asked = problem([task("a", place=NINGBO)], [person("p", home=HANGZHOU)])
    there = distance(HANGZHOU, NINGBO)
    assert travel(asked, asked.tasks[0], ("p",)) == round(2 * there)
    remote = replace(asked.tasks[0], on_site=False)
    assert travel(asked, remote, ("p",)) == 0


@pytest.mark.parametrize(
    ("half_days", "size", "days"),
    [(1, 1, 1), (2, 1, 1), (3, 1, 2), (3, 2, 1), (7, 2, 2), (8, 3, 2)],
)
def test_half_days_make_whole_ones(half_days, size, days):
    assert length_of(task("a", half_days=half_days), size) == days


def test_the_nearest_of_two_goes():
    people = [person("far", home=BEIJING), person("near", home=HANGZHOU)]
    asked = problem([task("a", place=NINGBO)], people)
    assert solved(asked).plan["a"].team == ("near",)


def test_what_greedy_misses_is_placed():
    """The near one takes the only days of the audit nobody else can do, unless one looks ahead."""
    people = [
        person("both", skill(areas=("18", "19")), home=NINGBO),
        person("one", skill(areas=("18",)), home=BEIJING),
    ]
    tasks = [
        task("a", last=0, place=NINGBO),
        task("b", last=0, needs=frozenset({("QMS", "19")}), place=NINGBO),
    ]
    asked = problem(tasks, people)
    found = solved(asked)
    assert found.plan == {"a": Placement(0, 0, ("one",)), "b": Placement(0, 0, ("both",))}


def test_the_solver_undoes_what_greedy_did_too_early():
    people = [
        person("x", skill(areas=("18", "19")), home=NINGBO),
        person("y", skill(areas=("18", "20")), home=BEIJING),
        person("z", skill(areas=("19",)), home=BEIJING),
    ]
    tasks = [
        task("a", last=0, place=NINGBO),
        task("b", last=0, needs=frozenset({("QMS", "20")}), place=NINGBO),
        task("c", last=0, needs=frozenset({("QMS", "19")}), place=NINGBO),
    ]
    found = solved(problem(tasks, people))
    assert {key: row.team for key, row in found.plan.items()} == {
        "a": ("x",),
        "b": ("y",),
        "c": ("z",),
    }
    assert found.value >= value(problem(tasks, people), found.first)


def test_load_is_shared_when_nobody_is_nearer():
    tasks = [task(f"t{n}", last=25) for n in range(8)]
    people = [person(f"p{n}") for n in range(4)]
    assert figures(problem(tasks, people), solved(problem(tasks, people)).plan).most == 2


def test_a_team_covers_together_what_nobody_covers_alone():
    people = [
        person("q", skill("QMS")),
        person("e", skill("EMS", leads=False, languages=("en",))),
    ]
    asked = problem([task("a", schemes=("QMS", "EMS"), half_days=4)], people)
    assert solved(asked).plan["a"].team == ("q", "e")


def test_holidays_and_make_up_days_count_as_the_calendar_says():
    working = (False, True, True, False, False, True, True, False)
    asked = problem([task("a", last=6, half_days=6)], [person("p")], working)
    placed = solved(asked).plan["a"]
    assert (placed.start, placed.end) in {(1, 5), (2, 6)}


def test_stage_2_comes_after_stage_1_and_not_without_it():
    tasks = [task("one", last=8, case="c"), task("two", last=8, case="c", after="one")]
    plan = solved(problem(tasks, [person("p")])).plan
    assert plan["one"].end < plan["two"].start
    nobody = problem([replace(tasks[0], language="en"), tasks[1]], [person("p")])
    assert solved(nobody).plan == {}
    assert why_not(nobody, {}, "two")[0].code == "waits"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"busy": frozenset(range(28))}, "nobody_free"),
        ({"on_site": {2027: 0}}, "cap"),
        ({"certificates": 0}, "cap"),
    ],
)
def test_what_a_person_cannot_do_is_not_planned_and_explained(facts, code):
    asked = problem([task("a", certificates=1)], [person("p", **facts)])
    found = solved(asked)
    assert found.plan == {}
    assert code in {reason.code for reason in why_not(asked, found.plan, "a")}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"needs": frozenset({("QMS", "99")})}, "area"),
        ({"schemes": ("EMS",)}, "scheme"),
        ({"language": "en"}, "language"),
        ({"refused": {"p": "belonged to this enterprise"}}, "refused"),
        ({"first": 26, "last": 27}, "no_days"),
    ],
)
def test_what_nobody_can_do_is_explained(changed, code):
    asked = problem([task("a", **changed)], [person("p")])
    found = solved(asked)
    assert found.plan == {}
    assert code in {reason.code for reason in why_not(asked, found.plan, "a")}


def test_a_certificate_counts_once_for_a_case():
    tasks = [
        task("a", case="c", certificates=1),
        task("b", case="c", certificates=1),
        task("d", case="d", certificates=1),
    ]
    found = solved(problem(tasks, [person("p", certificates=1)]))
    assert len(found.plan) == 2
    known = problem(tasks, [person("p", certificates=1, cases=frozenset({"c"}))])
    assert len(solved(known).plan) == 3


def test_locked_rows_stay_and_the_rest_moves_around_them():
    locked = {"a": Placement(1, 1, ("p",))}
    tasks = [task("a", last=1), task("b", last=1)]
    asked = problem(tasks, [person("p")], locked=locked)
    assert solved(asked).plan == {**locked, "b": Placement(0, 0, ("p",))}


def test_the_same_seed_gives_the_same_plan_and_stopping_gives_the_best_so_far():
    tasks = [task(f"t{n}", last=20, half_days=4, place=NINGBO) for n in range(12)]
    people = [person(f"p{n}", home=BEIJING if n % 2 else HANGZHOU) for n in range(4)]
    asked = problem(tasks, people)
    assert solved(asked).plan == solved(asked).plan
    stopped = solve(asked, progress=lambda percent: False)
    assert (stopped.rounds, stopped.plan) == (0, greedy(asked))


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({"x": Placement(0, 0, ("p",))}, "unknown audit"),
        ({"a": Placement(5, 5, ("p",))}, "outside its window"),
        ({"a": Placement(0, 1, ("p",))}, "do not add up"),
        ({"a": Placement(0, 0, ("nobody",))}, "unknown person"),
        ({"a": Placement(0, 0, ("p", "p"))}, "not a team"),
        ({"a": Placement(0, 40, ("p",))}, "outside the period"),
        ({"a": Placement(0, 0, ("r",))}, "may not"),
        ({"a": Placement(0, 0, ("p",)), "b": Placement(0, 0, ("p",))}, "twice"),
        ({"a": Placement(1, 1, ("q",))}, "not available"),
        ({"a": Placement(0, 0, ("q",))}, "days on site"),
        ({"c": Placement(6, 6, ("p",))}, "nobody works"),
        ({"d": Placement(3, 3, ("p",))}, "not after"),
        ({"a": Placement(0, 0, ("s",))}, "nobody may lead"),
    ],
)
def test_the_checker_finds_each_fault(plan, words):
    people = [
        person("p"),
        person("q", busy=frozenset({1}), on_site={2027: 0}),
        person("r"),
        person("s", skill(leads=False)),
    ]
    tasks = [
        task("a", refused={"r": "conflict"}),
        task("b"),
        task("c", last=9),
        task("d", after="b"),
    ]
    assert any(words in fault for fault in faults(problem(tasks, people), plan))


def test_the_checker_counts_certificates_and_knows_what_is_locked():
    asked = problem(
        [task("a", certificates=2)],
        [person("p", certificates=1)],
        locked={"b": Placement(0, 0, ("p",))},
    )
    found = faults(asked, {"a": Placement(0, 0, ("p",))})
    assert found == ["p: too many certificates", "b: locked, and moved"]


@st.composite
def problems(draw):
    areas = st.frozensets(st.sampled_from(["17", "18"]), min_size=1)
    schemes = st.sampled_from([("QMS",), ("EMS",), ("QMS", "EMS")])
    where = st.sampled_from([NINGBO, BEIJING, HANGZHOU, None])
    people = []
    for number in range(draw(st.integers(1, 5))):
        skills = tuple(
            skill(
                scheme,
                leads=draw(st.booleans()),
                areas=draw(areas),
                languages=draw(st.sampled_from([("zh",), ("en", "zh")])),
                first=draw(st.sampled_from([0, 0, 3])),
                last=draw(st.sampled_from([99, 99, 12])),
            )
            for scheme in draw(schemes)
        )
        people.append(
            Person(
                f"p{number}",
                draw(where),
                skills,
                draw(st.frozensets(st.integers(0, 20))),
                {2027: draw(st.integers(0, 12))},
                draw(st.sampled_from([None, 0, 1, 3])),
                load=draw(st.integers(0, 5)),
            )
        )
    tasks = []
    for number in range(draw(st.integers(1, 8))):
        chosen = frozenset(draw(schemes))
        first = draw(st.integers(0, 18))
        tasks.append(
            Task(
                f"t{number}",
                f"c{draw(st.integers(0, 3))}",
                first,
                first + draw(st.integers(0, 12)),
                draw(st.integers(1, 9)),
                chosen,
                frozenset((scheme, draw(st.sampled_from(["17", "18"]))) for scheme in chosen),
                draw(st.sampled_from(["zh", "zh", "en"])),
                draw(where),
                draw(st.booleans()),
                draw(st.integers(0, 2)),
                after=f"t{number - 1}" if number and draw(st.integers(0, 4)) == 0 else "",
            )
        )
    working = tuple(draw(st.lists(st.booleans(), min_size=21, max_size=21)))
    return problem(tasks, people, working)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_every_plan_keeps_every_constraint_and_is_never_worse_than_greedy(asked):
    first = greedy(asked)
    assert faults(asked, first) == []
    found = solve(asked, rounds=3, seconds=60)
    assert faults(asked, found.plan) == []
    assert found.value >= value(asked, first)
    for one in asked.tasks:
        assert bool(why_not(asked, found.plan, one.key)) == (one.key not in found.plan)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_teams_are_those_the_checker_lets_pass(asked):
    teams = Teams(asked)
    lacking = ("nobody", "audits none")
    for one in asked.tasks:
        for team in teams.of(one):
            skills = [skill for key in team.members for skill in asked.person[key].skills]
            held = all(row.first <= one.first and row.last >= one.last for row in skills)
            row = Placement(max(0, min(one.first, 20)), max(0, min(one.first, 20)), team.members)
            if held and one.first <= 20:
                assert not [
                    fault
                    for fault in faults(asked, {one.key: row})
                    if any(word in fault for word in lacking) and "works" not in fault
                ]
