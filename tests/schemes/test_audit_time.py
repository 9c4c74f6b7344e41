import csv
from decimal import Decimal

import pytest

from schemes.audit_time import (
    AuditTimeKind,
    AuditTimeRequest,
    Factor,
    Integration,
    ManualDays,
    PartTime,
    Personnel,
    Repetitive,
    SchemeInput,
    SiteInput,
)
from schemes.services.catalogue_files import DATA
from tests.schemes.shipped import BANDS, CNCA, ISO, days, factor, persons, qms, rule_book, site

INITIAL = AuditTimeKind.INITIAL
COLUMNS = {
    "qms": ("QMS", ""),
    "ems_high": ("EMS", "high"),
    "ems_medium": ("EMS", "medium"),
    "ems_low": ("EMS", "low"),
    "ems_limited": ("EMS", "limited"),
    "ohs_high": ("OHSMS", "high"),
    "ohs_medium": ("OHSMS", "medium"),
    "ohs_low": ("OHSMS", "low"),
    "isms": ("ISMS", ""),
}


def _rows():
    with (DATA / "audit_time_days.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _keys(result):
    return [line.key for line in result.lines]


def _problems(result):
    return [problem.key for problem in result.problems]


def _sum(result):
    return sum(line.change for line in result.lines if line.unit == "days")


@pytest.mark.parametrize("column", COLUMNS)
def test_every_row_of_the_table_is_reproduced(column):
    code, category = COLUMNS[column]
    for row in _rows():
        first, last = int(row["personnel_from"]), int(row["personnel_to"])
        for count in {first, (first + last) // 2, last}:
            result = days(INITIAL, [SchemeInput(code, category)], [site(count)])
            assert (count, result.total) == (count, Decimal(row[column]))
            assert result.problems == ()
            assert not result.needs_person


def test_the_table_file_has_the_published_size():
    rows = _rows()
    assert len(rows) == 23
    assert rows[0]["personnel_from"] == "1"
    assert rows[-1]["personnel_to"] == "10700"


@pytest.mark.parametrize(
    ("code", "category", "count", "expected"),
    [
        ("QMS", "", 1, "1.5"),
        ("QMS", "", 5, "1.5"),
        ("QMS", "", 6, "2"),
        ("QMS", "", 60, "5"),
        ("QMS", "", 175, "8"),
        ("QMS", "", 10700, "22"),
        ("EMS", "high", 15, "4.5"),
        ("EMS", "medium", 120, "8"),
        ("EMS", "low", 700, "10"),
        ("EMS", "limited", 700, "6.5"),
        ("OHSMS", "high", 26, "7"),
        ("OHSMS", "medium", 300, "11"),
        ("OHSMS", "low", 5000, "16"),
        ("ISMS", "", 10, "5"),
        ("ISMS", "", 26, "8.5"),
        ("ISMS", "", 176, "14"),
    ],
)
def test_table_gives_the_figures_of_the_published_tables(code, category, count, expected):
    assert days(INITIAL, [SchemeInput(code, category)], [site(count)]).total == Decimal(expected)


def test_initial_audit_is_explained_line_by_line():
    result = days(INITIAL, [qms(10, -20)], [site(100)])
    steps = [(line.key, line.before, line.after) for line in result.lines]
    assert steps == [
        ("personnel", 100, 100),
        ("table", 0, 7),
        ("factor:factor10", 7, Decimal("7.7")),
        ("factor:factor-20", Decimal("7.7"), Decimal("6.3")),
        ("rounding", Decimal("6.3"), Decimal("6.5")),
    ]
    table = result.lines[1]
    assert (table.rule, table.edition) == ("audit_time_table", "IAF MD 5:2019")
    assert table.note_en == "86 to 125 persons"
    assert table.note_zh == "86至125人"
    assert result.lines[-1].source == "IAF MD 5:2019 2.2.3"
    assert result.total == Decimal("6.5")
    assert (result.stage_1, result.stage_2) == (Decimal(2), Decimal("4.5"))
    assert result.onsite_minimum == Decimal("5.2")
    shares = [(line.key, line.after) for line in result.shares]
    assert shares == [
        ("stage_1", Decimal(2)),
        ("stage_2", Decimal("4.5")),
        ("onsite", Decimal("5.2")),
        ("hours", Decimal(52)),
    ]


@pytest.mark.parametrize(("table", "expected"), [("5.3", "5.5"), ("5.2", "5.0"), ("5.25", "5.5")])
def test_result_is_rounded_to_the_nearest_half_day(table, expected):
    scheme = SchemeInput("FSMS", manual={"main": ManualDays(Decimal(table), "computed by hand")})
    assert days(INITIAL, [scheme], [site(100)]).total == Decimal(expected)


def test_rounding_step_is_a_rule():
    rules = rule_book("iso-17021-1-2015", rounding_step_days="0.25")
    assert days(INITIAL, [qms(-20)], [site(1)], rules=rules).total == Decimal("1.25")


def test_rounding_never_goes_below_what_reductions_may_leave():
    result = days(INITIAL, [qms(-30)], [site(1)])
    assert result.lines[-1].before == Decimal("1.05")
    assert result.total == Decimal("1.5")
    assert result.lines[-1].note_en.startswith("Up to the next 0.5 days")


def test_reduction_over_the_cap_is_held_and_reported():
    result = days(INITIAL, [qms(-20, -12)], [site(400)])
    assert _problems(result) == ["reduction_over_cap"]
    assert result.problems[0].message_en == "QMS: −32 % exceeds the allowed −30 %."
    assert result.problems[0].message_zh == "QMS：减少32%超过允许的30%。"
    assert "reduction_cap" in _keys(result)
    assert result.total == 7
    assert not result.usable


def test_reduction_at_the_cap_is_allowed():
    result = days(INITIAL, [qms(-20, -10)], [site(400)])
    assert result.problems == ()
    assert result.total == 7
    assert result.usable


def test_increase_has_no_cap():
    assert days(INITIAL, [qms(100, 80)], [site(400)]).total == 28


def test_increase_counts_against_a_reduction():
    assert days(INITIAL, [qms(-40, 15)], [site(400)]).problems == ()


def test_reduction_cap_holds_for_each_scheme_by_itself():
    ems = SchemeInput("EMS", "high", factors=(factor(-31),))
    result = days(INITIAL, [qms(50), ems], [site(400)])
    assert [(problem.key, problem.scheme) for problem in result.problems] == [
        ("reduction_over_cap", "EMS")
    ]


def test_factor_without_a_reason_is_a_problem():
    blank = SchemeInput("QMS", factors=(Factor("x", Decimal(5), " ", "Large site", "场地大"),))
    result = days(INITIAL, [blank], [site(60)])
    assert [problem.message_en for problem in result.problems] == [
        "Large site: the reason is missing."
    ]


def test_factor_outside_its_usual_range_is_noted():
    wide = Factor("x", Decimal(-20), "well known", usual_min=Decimal(-10), usual_max=Decimal(-5))
    result = days(INITIAL, [SchemeInput("QMS", factors=(wide,))], [site(60)])
    assert result.lines[2].note_en == "−20 %: well known (usually −10 to −5 %)"
    assert result.problems == ()


def test_part_time_shifts_and_repetitive_work_give_effective_personnel():
    people = Personnel(
        shifts=(40, 20, 10),
        part_time=(PartTime(10, Decimal("0.5")), PartTime(1, Decimal("0.25"))),
        repetitive=(Repetitive(30, 10, "same packing task"),),
    )
    result = days(INITIAL, [qms()], [SiteInput("main", "Main", people)])
    line = result.lines[0]
    assert (line.key, line.unit, line.before, line.after) == ("personnel", "persons", 81, 56)
    assert result.total == 5


def test_isms_counts_repetitive_work_by_the_square_root_at_least():
    people = Personnel(shifts=(100,), repetitive=(Repetitive(90, 5, "same call script"),))
    place = SiteInput("main", "Main", people)
    isms = days(INITIAL, [SchemeInput("ISMS")], [place])
    assert _problems(isms) == ["repetitive_under_floor"]
    assert isms.lines[0].after == 20
    assert isms.lines[0].source == "ISO/IEC 27006-1:2024 C.3.4"
    assert days(INITIAL, [qms()], [place]).lines[0].after == 15


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        (Personnel(shifts=(0,)), ["personnel_missing"]),
        (Personnel(shifts=(5,), repetitive=(Repetitive(6, 1, "r"),)), ["repetitive_too_many"]),
        (Personnel(shifts=(5,), repetitive=(Repetitive(5, 1, ""),)), ["reason_missing"]),
    ],
)
def test_personnel_that_cannot_be_is_a_problem(people, expected):
    assert _problems(days(INITIAL, [qms()], [SiteInput("a", "A", people)])) == expected


def test_above_the_last_band_a_person_decides():
    result = days(INITIAL, [qms()], [site(10701)])
    assert result.needs_person
    assert result.total is None
    assert result.onsite_minimum is None
    assert _problems(result) == ["manual_missing"]
    assert result.lines[-1].note_en == (
        "10701 persons are above the last band of the table: a person decides"
    )


def test_a_persons_figure_above_the_last_band_is_used_and_shown():
    scheme = SchemeInput(
        "QMS", manual={"main": ManualDays(Decimal(23), "progression of the table")}
    )
    result = days(INITIAL, [scheme], [site(12000)])
    assert result.needs_person
    assert result.usable
    assert result.total == 23
    assert result.lines[1].note_en.endswith("23 days: progression of the table")


def test_a_persons_figure_does_not_replace_the_table():
    scheme = SchemeInput("QMS", manual={"main": ManualDays(Decimal(1), "cheaper")})
    result = days(INITIAL, [scheme], [site(60)])
    assert result.total == 5
    assert not result.needs_person


def test_food_safety_has_no_table_so_a_person_decides():
    result = days(INITIAL, [SchemeInput("FSMS")], [site(60)])
    assert result.needs_person
    assert result.lines[-1].note_en == "No table answers for FSMS: a person decides"
    assert result.lines[-1].note_zh == "FSMS没有适用的表格，须由人员判定"
    assert not result.usable


def test_a_persons_figure_needs_a_reason():
    scheme = SchemeInput("FSMS", manual={"main": ManualDays(Decimal(4), "")})
    assert _problems(days(INITIAL, [scheme], [site(60)])) == ["reason_missing"]


def test_a_category_without_a_table_needs_a_person():
    result = days(INITIAL, [SchemeInput("EMS", "special")], [site(60)])
    assert result.lines[-1].note_en == "No table answers for EMS (special): a person decides"


def test_each_scheme_may_have_its_own_personnel():
    place = SiteInput("main", "Main", persons(60), personnel_of={"ISMS": persons(10)})
    result = days(INITIAL, [qms(), SchemeInput("ISMS")], [place])
    assert [line.after for line in result.lines if line.key == "table"] == [5, 5]


def test_sites_are_looked_up_each_with_its_own_personnel():
    result = days(INITIAL, [qms()], [site(60, "a", central=True), site(10, "b"), site(10, "c")])
    assert result.total == 9
    assert _keys(result)[-2:] == ["sum", "rounding"]


def test_central_share_is_taken_off_at_the_other_sites():
    result = days(
        INITIAL,
        [qms()],
        [site(400, "hq", central=True), site(400, "a")],
        central_share_percent=Decimal(20),
        central_share_reason="purchasing and documents are central",
    )
    assert [(line.site, line.before, line.after) for line in result.lines if line.change < 0] == [
        ("A", 10, 8)
    ]
    assert result.total == 18


def test_site_reductions_over_the_cap_are_held_and_reported():
    result = days(
        INITIAL,
        [qms(-30)],
        [
            site(400, "hq", central=True),
            site(400, "a", reduction_percent=Decimal(20), reduction_reason="one line only"),
        ],
        central_share_percent=Decimal(20),
        central_share_reason="central",
    )
    assert _problems(result) == ["site_reduction_over_cap"]
    assert result.problems[0].message_en == (
        "QMS, A: −55.2 % in total exceeds the allowed −50 % at a site."
    )
    assert result.total == 12


def test_site_reductions_are_multiplied_not_added():
    result = days(
        INITIAL,
        [qms(-30)],
        [site(400, "hq", central=True), site(400, "a")],
        central_share_percent=Decimal(20),
        central_share_reason="central",
    )
    assert result.problems == ()
    assert [line.after for line in result.lines if line.key == "central_share"] == [Decimal("5.6")]


@pytest.mark.parametrize(
    ("sites", "share"),
    [
        ([site(60)], Decimal(20)),
        ([site(60, reduction_percent=Decimal(5), reduction_reason="r")], Decimal(0)),
        (
            [
                site(60, "a", central=True, reduction_percent=Decimal(5), reduction_reason="r"),
                site(60, "b"),
            ],
            Decimal(0),
        ),
    ],
)
def test_site_reductions_need_another_site_than_the_central_one(sites, share):
    result = days(
        INITIAL, [qms()], sites, central_share_percent=share, central_share_reason="reason"
    )
    assert _problems(result) == ["reductions_at_one_site"]


def test_reason_of_the_central_share_is_required():
    result = days(
        INITIAL,
        [qms()],
        [site(60, "a", central=True), site(60, "b")],
        central_share_percent=Decimal(10),
    )
    assert _problems(result) == ["reason_missing"]


def test_integrated_audit_is_reduced_on_the_sum():
    ems = SchemeInput("EMS", "medium")
    result = days(
        INITIAL,
        [qms(), ems],
        [site(400)],
        integration=Integration(Decimal(20), "one manual, one review", Decimal(100)),
    )
    assert [(line.key, line.before, line.after) for line in result.lines[-3:]] == [
        ("sum", 21, 21),
        ("integration", 21, Decimal("16.8")),
        ("rounding", Decimal("16.8"), 17),
    ]


def test_integration_over_the_cap_is_held_and_reported():
    result = days(
        INITIAL,
        [qms(), SchemeInput("EMS", "medium")],
        [site(400)],
        integration=Integration(Decimal(25), "fully integrated"),
    )
    assert _problems(result) == ["integration_over_cap"]
    assert _keys(result)[-2:] == ["integration_cap", "rounding"]
    assert result.total == 17


def test_integration_may_add_time():
    result = days(
        INITIAL,
        [qms(), SchemeInput("EMS", "medium")],
        [site(400)],
        integration=Integration(Decimal(-10), "separate teams needed"),
    )
    assert result.total == 23


@pytest.mark.parametrize(
    ("integration", "expected"),
    [
        (Integration(Decimal(10), "r"), ["integration_needs_two"]),
        (Integration(Decimal(0), ""), []),
    ],
)
def test_integration_needs_two_schemes(integration, expected):
    assert _problems(days(INITIAL, [qms()], [site(60)], integration=integration)) == expected


def test_adjustment_site_and_integration_multiply_in_this_order():
    result = days(
        INITIAL,
        [qms(-30), SchemeInput("EMS", "medium", factors=(factor(-30),))],
        [site(400, "hq", central=True), site(400, "a")],
        central_share_percent=Decimal(20),
        central_share_reason="central",
        integration=Integration(Decimal(20), "integrated"),
    )
    order = [line.key.partition(":")[0] for line in result.lines]
    cell = ["personnel", "table", "factor"]
    assert order == [
        *cell, *cell, "central_share", *cell, *cell, "central_share",
        "sum", "integration", "rounding",
    ]  # fmt: skip
    figures = {line.key: line.after for line in result.lines}
    assert figures["sum"] == Decimal("26.46")
    assert figures["integration"] == Decimal("21.168")
    assert result.total == 21


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (AuditTimeKind.INITIAL, "8"),
        (AuditTimeKind.STAGE_1, "2.5"),
        (AuditTimeKind.STAGE_2, "5.5"),
        (AuditTimeKind.SURVEILLANCE, "2.5"),
        (AuditTimeKind.RECERTIFICATION, "5.5"),
    ],
)
def test_each_kind_of_audit_takes_its_share(kind, expected):
    result = days(kind, [qms()], [site(150)])
    assert result.total == Decimal(expected)
    assert _sum(result) == Decimal(expected)


def test_share_of_the_kind_is_taken_before_the_only_rounding():
    result = days(AuditTimeKind.SURVEILLANCE, [qms(10)], [site(60)])
    assert [(line.key, line.before, line.after) for line in result.lines[-2:]] == [
        ("surveillance", Decimal("5.5"), Decimal("1.8333")),
        ("rounding", Decimal("1.8333"), Decimal(2)),
    ]
    assert result.lines[-2].note_en == "1/3 of 5.5 days"


def test_stage_1_is_never_under_half_a_day():
    scheme = SchemeInput("FSMS", manual={"main": ManualDays(Decimal(1), "very small")})
    result = days(INITIAL, [scheme], [site(2)])
    assert (result.stage_1, result.stage_2) == (Decimal("0.5"), Decimal("0.5"))


def test_a_total_that_leaves_no_stage_2_is_a_problem():
    scheme = SchemeInput("FSMS", manual={"main": ManualDays(Decimal("0.5"), "tiny")})
    assert _problems(days(INITIAL, [scheme], [site(2)])) == ["too_short_for_stages"]


def test_both_rule_sets_give_the_same_days_but_name_their_own_source():
    international = days(INITIAL, [qms(-10)], [site(60)])
    chinese = days(INITIAL, [qms(-10)], [site(60)], rules=CNCA)
    assert international.total == chinese.total
    assert (chinese.rule_set, chinese.rule_edition) == ("cnca-2026", "CNCA 2026")


def test_result_as_data_is_plain_json():
    data = days(INITIAL, [qms(-10)], [site(60)]).as_data()
    assert (data["total"], data["usable"]) == ("4.5", True)
    assert data["lines"][1]["after"] == "5"
    assert data["shares"][2]["after"] == "3.6"


@pytest.mark.parametrize(
    "make",
    [
        lambda: PartTime(1, Decimal(0)),
        lambda: PartTime(1, Decimal("1.1")),
        lambda: PartTime(-1, Decimal("0.5")),
        lambda: Repetitive(3, 4, "r"),
        lambda: Repetitive(3, 0, "r"),
        lambda: Personnel(shifts=(-1,)),
        lambda: ManualDays(Decimal(0), "r"),
        lambda: AuditTimeRequest(INITIAL, (), (site(1),)),
        lambda: AuditTimeRequest(INITIAL, (qms(),), ()),
        lambda: AuditTimeRequest(INITIAL, (qms(), qms()), (site(1),)),
        lambda: AuditTimeRequest(INITIAL, (qms(),), (site(1), site(2))),
        lambda: AuditTimeRequest(INITIAL, (qms(),), (site(1),), central_share_percent=Decimal(100)),
        lambda: AuditTimeRequest(INITIAL, (qms(),), (site(1, reduction_percent=Decimal(-1)),)),
    ],
)
def test_impossible_inputs_are_refused(make):
    with pytest.raises(ValueError, match=r"\w"):
        make()


def test_a_missing_rule_is_an_error_not_a_default():
    with pytest.raises(LookupError):
        ISO.value("no_such_rule")


def test_without_tables_every_scheme_needs_a_person():
    assert days(INITIAL, [qms()], [site(60)], bands=[]).needs_person
    assert len(BANDS) == 23 * len(COLUMNS)
