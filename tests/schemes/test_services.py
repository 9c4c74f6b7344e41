import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from foundation import journal
from foundation.workflow import NotAllowed
from schemes.audit_time import Factor, ManualDays, Personnel, SchemeInput, SiteInput
from schemes.models import RuleSet, Scheme, StandardEdition, TechnicalArea
from schemes.services.approvals import approval_record
from schemes.services.audit_time import calculate, draw_sites, readable
from schemes.services.competence import competence_end, competence_record

NOW = dt.date(2026, 6, 1)
MAIN = SiteInput("main", "Headquarters", Personnel(shifts=(60,)))


def _qms(percent="-10", key="mature-system"):
    return SchemeInput("QMS", factors=(Factor(key, Decimal(percent), "no major for six years"),))


def test_calculation_uses_the_rules_and_tables_of_the_day(catalogue):
    result = calculate(schemes=[_qms()], sites=[MAIN], kind="initial", on=NOW, country="CN")
    assert (result.total, result.rule_set) == (Decimal("4.5"), "cnca-2026")
    line = result.lines[2]
    assert (line.label_en, line.label_zh) == (
        "Mature system with good results",
        "体系成熟且绩效良好",
    )
    assert line.source.startswith("IAF MD 5:2019")
    assert line.note_en == "−10 %: no major for six years"


def test_calculation_keeps_to_the_rule_set_of_its_case(catalogue):
    rule_set = RuleSet.objects.get(key="iso-17021-1-2015")
    result = calculate(
        schemes=[_qms()], sites=[MAIN], kind="surveillance", on=NOW, country="CN", rule_set=rule_set
    )
    assert (result.total, result.rule_set) == (Decimal("1.5"), "iso-17021-1-2015")


def test_factor_outside_its_usual_range_is_noted(catalogue):
    result = calculate(schemes=[_qms("-20")], sites=[MAIN], kind="initial", on=NOW)
    assert result.lines[2].note_en == "−20 %: no major for six years (usually −10 to −5 %)"


def test_unknown_factor_is_an_error(catalogue):
    with pytest.raises(LookupError, match="QMS has no audit-time factor nonsense"):
        calculate(schemes=[_qms(key="nonsense")], sites=[MAIN], kind="initial", on=NOW)


def test_without_a_table_on_that_day_a_person_decides(catalogue):
    day = dt.date(2018, 1, 1)
    result = calculate(schemes=[SchemeInput("QMS")], sites=[MAIN], kind="initial", on=day)
    assert result.needs_person


def test_food_safety_takes_the_reviewers_figure(catalogue):
    scheme = SchemeInput("FSMS", manual={"main": ManualDays(Decimal("3.5"), "two HACCP studies")})
    result = calculate(schemes=[scheme], sites=[MAIN], kind="initial", on=NOW, country="CN")
    assert (result.total, result.needs_person, result.usable) == (Decimal("3.5"), True, True)


def test_calculation_costs_the_same_for_any_number_of_sites(catalogue, django_assert_num_queries):
    sites = [SiteInput(f"s{n}", f"S{n}", Personnel(shifts=(20,))) for n in range(3)]
    for count in (1, 3):
        with django_assert_num_queries(4):
            calculate(schemes=[_qms()], sites=sites[:count], kind="initial", on=NOW)


def test_kept_result_is_read_in_the_language_of_the_reader(catalogue):
    data = calculate(schemes=[_qms("-40")], sites=[MAIN], kind="initial", on=NOW).as_data()
    with translation.override("zh-hans"):
        chinese = readable(data)
    with translation.override("en"):
        english = readable(data)
    assert [row["problems"][0]["message"] for row in (english, chinese)] == [
        "QMS: −40 % exceeds the allowed −30 %.",
        "QMS：减少40%超过允许的30%。",
    ]
    assert [row["lines"][1]["label"] for row in (english, chinese)] == [
        "Initial audit by the table",
        "查表所得初次审核时间",
    ]
    assert [row["shares"][2]["note"][:4] for row in (english, chinese)] == ["80 %", "审核时间"]
    assert english["total"] == chinese["total"]


def test_drawn_sites_are_kept_by_their_seed(catalogue):
    keys = [f"site-{number}" for number in range(25)]
    facts = {"keys": keys, "kind": "initial", "on": NOW, "country": "CN"}
    sample = draw_sites(**facts)
    assert (len(sample.keys), len(sample.drawn), len(sample.seed)) == (5, 2, 32)
    assert draw_sites(**facts, seed=sample.seed) == sample
    assert draw_sites(**facts).seed != sample.seed
    everything = draw_sites(**facts, sampling_allowed=False)
    assert set(everything.keys) == set(keys)


def _approval(cast, name, **changed):
    facts = {
        "actor": cast.actor(name),
        "body": cast.body,
        "scheme": Scheme.objects.get(code="QMS"),
        "areas": TechnicalArea.objects.filter(code="3"),
        "reference": "AP-NEW",
        "valid_from": NOW,
    }
    return approval_record(**facts | changed)


def test_operator_records_an_approval_and_the_journal_says_so(cast):
    approval = _approval(cast, "operator")
    assert [area.code for area in approval.areas.all()] == ["3"]
    [entry] = journal.history(approval.journal_thread, cast.actor("operator"))
    assert (entry.verb, entry.data) == ("approval_recorded", {"scheme": "QMS", "areas": ["3"]})


@pytest.mark.parametrize("name", ["manager", "owner", "supervisor", "anonymous"])
def test_nobody_else_records_an_approval(cast, name):
    with pytest.raises(NotAllowed):
        _approval(cast, name)


@pytest.mark.parametrize(
    "changed",
    [
        {"valid_to": dt.date(2026, 5, 31)},
        {"reference": ""},
        {"reference": "AP-034-QMS"},
        {"areas": []},
    ],
)
def test_an_approval_that_cannot_be_is_refused(cast, changed):
    with pytest.raises(ValidationError):
        _approval(cast, "operator", **changed)


def _competence(cast, name, **changed):
    facts = {
        "actor": cast.actor(name),
        "user": cast.planner,
        "body": cast.body,
        "scheme": Scheme.objects.get(code="QMS"),
        "areas": TechnicalArea.objects.filter(code="18"),
        "role": "auditor",
        "valid_from": NOW,
        "valid_until": dt.date(2029, 5, 31),
    }
    return competence_record(**facts | changed)


@pytest.mark.parametrize("name", ["manager", "operator"])
def test_manager_and_operator_record_competence(cast, name):
    competence = _competence(cast, name)
    assert competence.languages == ["zh"]
    [entry] = journal.history(competence.journal_thread, cast.actor("manager"))
    assert entry.verb == "competence_recorded"


@pytest.mark.parametrize("name", ["rival_manager", "planner", "owner", "anonymous"])
def test_nobody_else_records_competence(cast, name):
    with pytest.raises(NotAllowed):
        _competence(cast, name)


def test_competence_is_for_members_of_the_body(cast):
    with pytest.raises(ValidationError, match="does not belong to the body"):
        _competence(cast, "manager", user=cast.rival_manager)


def test_competence_can_be_ended_early(cast):
    competence = _competence(cast, "manager")
    last = dt.date(2026, 12, 31)
    competence_end(actor=cast.actor("manager"), competence=competence, last_day=last)
    competence.refresh_from_db()
    assert competence.valid_until == last
    entry = journal.history(competence.journal_thread, cast.actor("manager")).first()
    assert entry.data == {"from": "2029-05-31", "to": "2026-12-31"}


@pytest.mark.parametrize("last", [dt.date(2026, 5, 31), dt.date(2029, 6, 1)])
def test_competence_ends_within_its_validity(cast, last):
    competence = _competence(cast, "manager")
    with pytest.raises(ValidationError):
        competence_end(actor=cast.actor("manager"), competence=competence, last_day=last)


def test_competence_is_ended_by_its_own_body_only(cast):
    competence = _competence(cast, "manager")
    with pytest.raises(NotAllowed):
        competence_end(actor=cast.actor("rival_manager"), competence=competence, last_day=NOW)


@pytest.mark.parametrize(
    ("key", "on", "stated"),
    [
        ("iso-9001-2015", NOW, "GB/T 19001-2016 / ISO 9001:2015"),
        ("iso-27001-2022", dt.date(2025, 12, 31), "ISO/IEC 27001:2022"),
        ("iso-27001-2022", dt.date(2026, 1, 1), "GB/T 22080-2025 / ISO/IEC 27001:2022"),
        ("iso-22000-2018", NOW, "ISO 22000:2018"),
    ],
)
def test_edition_is_stated_as_it_stood_on_the_day(catalogue, key, on, stated):
    edition = StandardEdition.objects.get(key=key)
    assert edition.designations(on) == stated
    with translation.override("zh-hans"):
        assert edition.local_designation(on) == stated.partition(" / ")[0]
    with translation.override("en"):
        assert edition.local_designation(on) == edition.designation
