import datetime as dt
import shutil
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from schemes.models import (
    AuditTimeBand,
    AuditTimeFactor,
    ChecklistQuestion,
    Clause,
    Rule,
    RuleSet,
    Scheme,
    StandardEdition,
    TechnicalArea,
)
from schemes.services.catalogue import CatalogueError, sync
from schemes.services.catalogue_files import DATA, read

TODAY = dt.date(2026, 6, 1)
MODELS = (
    ChecklistQuestion,
    Clause,
    Rule,
    AuditTimeBand,
    AuditTimeFactor,
    StandardEdition,
    RuleSet,
    TechnicalArea,
    Scheme,
)


@pytest.fixture
def data(tmp_path):
    """A copy of the data files to spoil."""
    return shutil.copytree(DATA, tmp_path / "data")


@pytest.fixture
def empty(db):
    """A database without a catalogue."""
    for model in MODELS:
        model.objects.all().delete()


def _change(folder, name, old, new, count=1):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, count), encoding="utf-8")


def _line_of(folder, name, text):
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def _problems(folder):
    return [str(problem) for problem in read(folder)[1]]


def _run(*arguments):
    out = StringIO()
    call_command("sync_schemes", *arguments, stdout=out)
    return out.getvalue()


def test_shipped_files_are_right():
    assert _problems(DATA) == []


def test_first_run_loads_everything_and_the_second_changes_nothing(empty):
    first = _run()
    assert "schemes: 5 added, 0 changed, 0 ended" in first
    assert [model.objects.count() for model in (Scheme, TechnicalArea, AuditTimeBand)] == [
        5,
        39,
        207,
    ]
    rows = {model: list(model.objects.order_by("pk").values()) for model in MODELS}
    assert _run() == "0 changes: all rows are current.\n"
    assert {model: list(model.objects.order_by("pk").values()) for model in MODELS} == rows


def test_check_writes_nothing_and_fails_where_rows_differ(empty):
    with pytest.raises(CommandError, match="rows differ from the data files"):
        _run("--check")
    assert Scheme.objects.count() == 0


def test_check_passes_when_all_is_current(catalogue):
    assert _run("--check") == "0 changes: all rows are current.\n"


def test_changed_row_is_updated_in_place(catalogue, data):
    before = TechnicalArea.objects.get(code="18")
    _change(data, "technical_areas.yaml", "Machinery and equipment", "Machines")
    changes = {row.model: row for row in sync(data, today=TODAY)}
    assert (changes[TechnicalArea].changed, sum(row.total for row in changes.values())) == (1, 1)
    assert TechnicalArea.objects.get(code="18").title_en == "Machines"
    assert TechnicalArea.objects.get(code="18").pk == before.pk


def test_removed_row_is_ended_not_deleted_and_comes_back(catalogue, data):
    number = '  - {number: "10.3", title: {en: "Continual improvement", zh: "持续改进"}}\n'
    _change(data, "clauses/iso-9001-2015.yaml", number, "")
    _change(data, "checklists/common.yaml", '      iso-9001-2015: ["10.1", "10.3"]\n', "")
    _change(data, "checklists/common.yaml", 'iso-9001-2015: ["10.3"], ', "")
    ended = {row.model: row for row in sync(data, today=TODAY) if row.total}[Clause]
    assert (ended.added, ended.changed, ended.ended) == (0, 0, 1)
    clause = Clause.objects.get(edition__key="iso-9001-2015", number="10.3")
    assert clause.valid_to == dt.date(2026, 5, 31)
    assert not clause.holds_on(TODAY)
    assert sum(row.total for row in sync(data, today=TODAY + dt.timedelta(days=9))) == 0
    back = {row.model: row for row in sync(DATA, today=TODAY) if row.total}[Clause]
    assert back.changed == 1
    clause.refresh_from_db()
    assert clause.valid_to is None


def test_row_removed_before_it_began_never_held(catalogue, data):
    _change(data, "rules/cnca-2026.yaml", "valid_from: 2026-01-01", "valid_from: 2027-01-01")
    sync(data, today=TODAY)
    (data / "rules/cnca-2026.yaml").unlink()
    sync(data, today=TODAY)
    rule_set = RuleSet.objects.get(key="cnca-2026")
    assert rule_set.valid_to == dt.date(2026, 12, 31)
    assert not RuleSet.objects.in_force(dt.date(2027, 1, 1)).filter(pk=rule_set.pk).exists()
    ended = set(rule_set.rules.values_list("valid_to", flat=True))
    assert ended == {dt.date(2026, 12, 31)}


def test_nothing_is_written_when_a_file_is_wrong(catalogue, data):
    _change(data, "technical_areas.yaml", "Machinery and equipment", "Machines")
    _change(data, "schemes.yaml", "letter: Q", "letter: q")
    with pytest.raises(CatalogueError) as caught:
        sync(data, today=TODAY)
    line = _line_of(data, "schemes.yaml", "letter: q")
    assert [str(problem) for problem in caught.value.problems] == [
        f"schemes.yaml:{line}: schemes.0.letter: 'q' does not match '^[A-Z]{{1,8}}$'"
    ]
    assert TechnicalArea.objects.get(code="18").title_en == "Machinery and equipment"


def test_command_names_every_place_and_fails(catalogue, data):
    _change(data, "schemes.yaml", "letter: Q", "letter: q")
    _change(data, "rules/cnca-2026.yaml", "value: 3\n", "value: three\n")
    with pytest.raises(CommandError) as caught:
        _run("--data", str(data))
    text = str(caught.value)
    assert f"schemes.yaml:{_line_of(data, 'schemes.yaml', 'letter: q')}: " in text
    assert "rules/cnca-2026.yaml:10: 'three' is no value in months" in text
    assert text.endswith("Nothing was changed.")


MISTAKES = [
    ("schemes.yaml", "  - code: EMS", "  - code: QMS #", "QMS #", "scheme QMS stands twice"),
    ("schemes.yaml", "2022-10-25", "2022-13-25", "2022-13-25", "2022-13-25 is not a date"),
    (
        "schemes.yaml",
        "        designation_cn_from: 2017-07-01\n",
        "",
        "key: iso-9001-2015",
        "'designation_cn_from' is a dependency of 'designation_cn'",
    ),
    (
        "clauses/iso-9001-2015.yaml",
        "edition: iso-9001-2015",
        "edition: iso-9001-2051",
        "edition: iso",
        "there is no edition iso-9001-2051",
    ),
    (
        "clauses/iso-9001-2015.yaml",
        'number: "4.2"',
        'number: "4.1"',
        "Who has a stake",
        "clause iso-9001-2015 4.1 stands twice",
    ),
    (
        "rules/cnca-2026.yaml",
        "calendar: CN",
        "calendar: XX",
        "calendar: XX",
        "'XX' is not one of ['CN', 'weekdays']",
    ),
    (
        "rules/cnca-2026.yaml",
        "valid_from: 2026-01-01",
        "valid_from: 2026-01-01\nvalid_to: 2025-01-01",
        "valid_to",
        "valid_to is before valid_from",
    ),
    (
        "rules/iso-17021-1-2015.yaml",
        "scheme: ISMS",
        "scheme: XYZ",
        "scheme: XYZ",
        "there is no scheme XYZ",
    ),
    (
        "audit_time.yaml",
        "category: high",
        "category: huge",
        "ems_high",
        "EMS has no category 'huge'",
    ),
    (
        "audit_time.yaml",
        "file: audit_time_days.csv",
        "file: other.csv",
        "file: other.csv",
        "there is no file other.csv",
    ),
    ("audit_time_days.csv", "6,10,2,", "7,10,2,", "7,10,2,", "the band must begin at 6"),
    ("audit_time_days.csv", "6,10,2,", "6,10,,", "6,10,,", "a figure is missing"),
    ("audit_time_days.csv", "6,10,2,", "6,10,0,", "6,10,0,", "days must be more than 0"),
    ("audit_time_days.csv", "qms", "quality", "quality", "no column qms"),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake[-1])
def test_each_mistake_is_found_with_file_and_line(data, mistake):
    name, old, new, marker, message = mistake
    _change(data, name, old, new)
    place = f"{name}:{_line_of(data, name, marker)}: "
    assert [problem for problem in _problems(data) if problem.startswith(place)] != []
    assert message in " ".join(problem for problem in _problems(data) if problem.startswith(place))


def test_two_rule_sets_of_a_country_may_not_hold_at_once(data):
    _change(data, "rules/cnca-2026.yaml", "country: CN", 'country: ""')
    line = _line_of(data, "rules/iso-17021-1-2015.yaml", "valid_from")
    place = f"rules/iso-17021-1-2015.yaml:{line}"
    assert _problems(data) == [f"{place}: another rule set of this country holds at the same time"]


def test_rule_set_must_give_every_limit_a_value(data):
    _change(data, "rules/terms.yaml", "key: system_run_months", "key: system_ran_months")
    assert _problems(data) == [
        "rules/cnca-2026.yaml:8: no value for system_ran_months",
        "rules/cnca-2026.yaml:9: there is no rule term system_run_months",
        "rules/iso-17021-1-2015.yaml:8: no value for system_ran_months",
        "rules/iso-17021-1-2015.yaml:9: there is no rule term system_run_months",
    ]


def test_two_tables_may_not_hold_for_a_scheme_at_once(data):
    _change(data, "audit_time.yaml", "isms: {scheme: ISMS}", "qms: {scheme: QMS}")
    line = _line_of(data, "audit_time.yaml", "iso-27006-1-2024") + 6
    assert _problems(data) == [
        f"audit_time.yaml:{line}: another table holds for QMS at the same time"
    ]


def test_a_usual_range_must_fit_its_direction(data):
    _change(data, "audit_time.yaml", "usual: [-10, -5]", "usual: [5, 10]")
    line = _line_of(data, "audit_time.yaml", "key: mature-system") + 3
    assert _problems(data) == [f"audit_time.yaml:{line}: the usual range contradicts the direction"]


def test_broken_yaml_names_its_line(data):
    path = data / "technical_areas.yaml"
    path.write_text("kind: technical_areas\nareas: [\n", encoding="utf-8")
    [problem] = _problems(data)
    assert problem.startswith("technical_areas.yaml:3: ")


def test_a_key_that_stands_twice_names_its_line(data):
    _change(data, "schemes.yaml", "    letter: Q\n", "    letter: Q\n    letter: X\n")
    line = _line_of(data, "schemes.yaml", "letter: X")
    assert f"schemes.yaml:{line}: the key 'letter' stands twice" in _problems(data)


@pytest.mark.parametrize("text", ["- a\n", "", "kind: other\n", "just words\n"])
def test_a_file_of_unknown_kind_is_refused(data, text):
    (data / "other.yaml").write_text(text, encoding="utf-8")
    [problem] = _problems(data)
    assert problem.startswith("other.yaml:1: kind must be one of schemes, ")


def test_structural_mistakes_of_several_files_come_together(data):
    _change(data, "schemes.yaml", "letter: Q", "letter: q")
    _change(data, "technical_areas.yaml", 'nace: "05-09"', "nace: 5")
    files = [problem.partition(":")[0] for problem in _problems(data)]
    assert files == ["schemes.yaml", "technical_areas.yaml"]


def test_question_of_a_strange_clause_is_named_with_its_place(data):
    _change(data, "checklists/iso-9001-2015.yaml", '["5.1.2"]', '["5.9"]')
    line = _line_of(data, "checklists/iso-9001-2015.yaml", '["5.9"]')
    assert _problems(data) == [
        f"checklists/iso-9001-2015.yaml:{line}: iso-9001-2015 has no clause 5.9"
    ]


def test_question_of_a_strange_edition_is_named(data):
    _change(data, "checklists/iso-9001-2015.yaml", "{iso-9001-2015: [", "{iso-9001-1987: [")
    assert any("there is no edition iso-9001-1987" in one for one in _problems(data))


def test_question_twice_and_clause_nobody_has_are_named(data):
    _change(data, "checklists/iso-9001-2015.yaml", "key: qms-changes", "key: qms-customer-focus")
    _change(data, "checklists/common.yaml", '{"*": ["4.2"]}', '{"*": ["4.9"]}')
    found = _problems(data)
    assert len(found) == 2
    assert found[0].endswith("no edition has clause 4.9")
    assert found[1].endswith("question qms-customer-focus version 1 stands twice")


def test_another_version_of_a_question_is_another_row(catalogue, data):
    old = ChecklistQuestion.objects.get(key="qms-customer-focus")
    _change(data, "checklists/iso-9001-2015.yaml", "version: 1", "version: 2")
    sync(data, today=TODAY)
    old.refresh_from_db()
    assert old.valid_to == dt.date(2026, 5, 31)
    new = ChecklistQuestion.objects.get(key="qms-customer-focus", version=2)
    assert new.valid_to is None
    assert new.text_en == old.text_en
