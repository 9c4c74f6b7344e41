"""The audit-time page: one receipt for both sides, computed by the reviewer alone."""

from decimal import Decimal

import pytest
from django.urls import reverse

from certification.enums import ApplicationStatus
from certification.forms.audit_time import AuditTimeForms, fresh_inputs, rows_of
from certification.models import AuditTimeCalculation
from certification.queries.review import current_offer
from certification.services.audit_time import compute, sample_of, starting_inputs
from foundation.canonical import digest
from foundation.models import JournalEntry
from foundation.workflow import Incomplete
from organisations.models import Site
from tests.certification.contractwork import (
    act,
    fresh,
    in_review,
    judge_all,
    offer_facts,
    offered,
    reviewed,
    set_time,
    submitted,
)
from tests.certification.test_review import ask, resubmitted


def url(application):
    return reverse("certification:audit_time", args=[application.pk])


def typed(application, **changes):
    """Return what a browser sends: every field of the page as it stands, with changes."""
    forms = AuditTimeForms(rows_of(application), fresh_inputs(application))
    data = {}
    for part in forms.forms:
        singles = part.forms if hasattr(part, "forms") else [part]
        if hasattr(part, "management_form"):
            for field in part.management_form:
                data[field.html_name] = field.value()
        for form in singles:
            for field in form:
                value = field.value()
                if value is not None and value is not False and value != "":
                    data[field.html_name] = value
    return data | changes


def post(cast, client, application, *, htmx=False, **changes):
    headers = {"HX-Request": "true"} if htmx else {}
    return cast.client(client, "reviewer").post(
        url(application), typed(application, **changes), headers=headers
    )


def lines(answer):
    return [(line["key"], line["before"], line["after"])
            for group in answer.context["groups"] for line in group["lines"]]  # fmt: skip


FACTOR = {
    "QMS-factor-0-key": "mature-system",
    "QMS-factor-0-percent": "10",
    "QMS-factor-0-reason": "Three years without complaints",
}
TOO_MUCH = FACTOR | {"QMS-factor-0-percent": "32"}


def test_the_page_begins_with_the_figures_applied_for(cast, client):
    application = in_review(cast)
    answer = cast.client(client, "reviewer").get(url(application))
    assert answer.status_code == 200
    assert lines(answer) == [("personnel", "60", "60"), ("table", "0", "5"), ("rounding", "5", "5")]
    assert answer.context["result"]["total"] == "5"


def test_a_factor_goes_the_way_the_catalogue_says_and_keeps_its_reason(cast, client):
    application = in_review(cast)
    answer = post(cast, client, application, **FACTOR)
    assert answer.status_code == 200
    assert ("factor:mature-system", "5", "4.5") in lines(answer)
    html = answer.content.decode()
    assert "Three years without complaints" in html
    assert not AuditTimeCalculation.objects.exists()


def test_a_script_gets_the_receipt_alone(cast, client):
    application = in_review(cast)
    answer = post(cast, client, application, htmx=True, **FACTOR)
    assert answer.templates[0].name == "certification/audit_time_receipt.html"
    assert "<html" not in answer.content.decode()


def test_a_reduction_over_the_cap_is_named_and_cannot_be_used(cast, client):
    application = in_review(cast)
    said = "QMS: −32 % exceeds the allowed −30 %."
    assert said in post(cast, client, application, **TOO_MUCH).content.decode()
    answer = post(cast, client, application, use="1", **TOO_MUCH)
    assert answer.status_code == 409
    assert [str(blocker) for blocker in answer.context["blockers"]] == [said]
    assert not AuditTimeCalculation.objects.exists()


def test_a_factor_without_reason_cannot_be_used(cast, client):
    application = in_review(cast)
    answer = post(cast, client, application, use="1", **FACTOR | {"QMS-factor-0-reason": ""})
    assert answer.status_code == 409
    assert not AuditTimeCalculation.objects.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"site-0-day": "-1"}, "greater than or equal to 0"),
        ({"QMS-factor-0-key": "mature-system"}, "Enter a percentage above 0."),
        ({"QMS-factor-0-percent": "5"}, "Choose what this percentage is for."),
        ({"QMS-factor-0-key": "sorcery", "QMS-factor-0-percent": "5"}, "Select a valid choice"),
        (FACTOR | {"QMS-factor-1-key": "mature-system", "QMS-factor-1-percent": "5"},
         "A factor is chosen twice."),
        ({"site-0-repetitive": "5", "site-0-repetitive_as": "6"},
         "They cannot count as more than they are."),
    ],
)  # fmt: skip
def test_impossible_answers_are_refused_and_kept(cast, client, changes, said):
    application = in_review(cast)
    answer = post(cast, client, application, use="1", **changes)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not AuditTimeCalculation.objects.exists()


def test_using_the_time_keeps_inputs_lines_and_hash(cast, client):
    application = in_review(cast)
    answer = post(cast, client, application, use="1", **FACTOR)
    assert answer.status_code == 302
    kept = AuditTimeCalculation.objects.get()
    assert (kept.total_days, kept.on_site_days, kept.stage_1_days, kept.stage_2_days) == (
        Decimal("4.5"), Decimal("3.6"), Decimal("1.5"), Decimal("3.0"),
    )  # fmt: skip
    assert kept.inputs["schemes"][0]["factors"] == [
        {"key": "mature-system", "percent": "-10", "reason": "Three years without complaints"}
    ]
    assert kept.sha256 == digest({"inputs": kept.inputs, "result": kept.result})
    assert compute(kept.inputs, "CN").as_data() == kept.result
    entry = JournalEntry.objects.get(verb="application.set_time")
    assert (entry.internal_to, entry.data["sha256"]) == (cast.body.pk, kept.sha256)


def test_the_page_takes_up_what_was_used(cast, client):
    application = in_review(cast)
    post(cast, client, application, use="1", **FACTOR)
    answer = cast.client(client, "reviewer").get(url(application))
    assert answer.context["result"]["total"] == "4.5"
    assert "Three years without complaints" in answer.content.decode()


def test_the_page_shows_the_same_lines_as_the_kept_result_to_both_sides(cast, client):
    application = offered(cast)
    kept = AuditTimeCalculation.objects.get().result
    for person in ("owner", "member", "manager", "reviewer", "certifier"):
        answer = cast.client(client, person).get(url(application))
        shown = [line for group in answer.context["groups"] for line in group["lines"]]
        stripped = [
            {key: value for key, value in line.items() if key not in {"label", "note"}}
            for line in shown
        ]
        assert stripped == kept["lines"]
        html = answer.content.decode()
        for line in kept["lines"]:
            assert line["source"] in html
        assert "<form" not in html.split("<main")[1].split("</main>")[0]


@pytest.mark.parametrize(
    ("person", "status"),
    [("owner", 404), ("manager", 200), ("planner", 200), ("auditor", 404), ("rival_owner", 404),
     ("rival_manager", 404), ("anonymous", 302)],
)  # fmt: skip
def test_who_reads_the_page_before_the_offer(cast, client, person, status):
    application = reviewed(cast)
    assert cast.client(client, person).get(url(application)).status_code == status


def test_only_the_reviewer_computes(cast, client):
    application = in_review(cast)
    data = typed(application, use="1")
    for person, status in (("manager", 403), ("owner", 403), ("rival_manager", 404)):
        assert cast.client(client, person).post(url(application), data).status_code == status
    assert not AuditTimeCalculation.objects.exists()


def test_computing_ends_with_the_review(cast, client):
    application = reviewed(cast)
    data = typed(application, use="1")
    act(application, "accept", cast.actor("reviewer"), justification="x")
    assert cast.client(client, "reviewer").post(url(application), data).status_code == 403
    assert AuditTimeCalculation.objects.count() == 1


def test_the_category_of_a_scheme_is_chosen_here(cast, client):
    application = in_review(cast, schemes=("QMS", "EMS"))
    answer = cast.client(client, "reviewer").get(url(application))
    assert answer.context["result"]["needs_person"] is True
    post(cast, client, application, use="1", **{"EMS-category": "medium"})
    assert application.schemes.get(scheme__code="EMS").category == "medium"
    assert AuditTimeCalculation.objects.get().total_days == Decimal("11.0")


def test_an_integrated_audit_saves_time_for_a_reason(cast, client):
    application = in_review(cast, schemes=("QMS", "EMS"))
    changes = {
        "EMS-category": "medium",
        "whole-integration_percent": "20",
        "whole-integration_reason": "One manual, one review",
    }
    answer = post(cast, client, application, **changes)
    assert ("integration", "11", "8.8") in lines(answer)


def test_days_are_set_by_a_person_where_no_table_answers(cast, client):
    application = in_review(cast, schemes=("FSMS",))
    reviewer = cast.client(client, "reviewer")
    answer = reviewer.get(url(application))
    assert answer.context["result"]["total"] is None
    assert answer.context["forms"].schemes[0].is_open is True
    days = {"FSMS-0-days": "6", "FSMS-0-reason": "Two HACCP studies"}
    assert post(cast, client, application, use="1", **days).status_code == 302
    kept = AuditTimeCalculation.objects.get()
    assert kept.total_days == Decimal("6.0")
    assert kept.inputs["schemes"][0]["manual"] == {
        str(cast.enterprise.sites.get().pk): {"days": "6", "reason": "Two HACCP studies"}
    }


def test_shifts_part_time_and_repetitive_work_count_as_stated(cast, client):
    application = in_review(cast)
    changes = {
        "site-0-day": "40", "site-0-second": "20", "site-0-night": "10",
        "site-0-part_time": "10", "site-0-part_time_hours": "20",
        "site-0-repetitive": "30", "site-0-repetitive_as": "10",
        "site-0-repetitive_reason": "Same press, same work",
    }  # fmt: skip
    answer = post(cast, client, application, **changes)
    assert lines(answer)[0] == ("personnel", "80", "55")


def many_sites(cast, count=4):
    for number in range(1, count + 1):
        Site.objects.create(
            organisation=cast.enterprise,
            name_zh=f"门店{number}",
            name_en=f"Shop {number}",
            address_zh="示例路",
            day_shift=10 * number,
        )


def test_sites_can_be_sampled_by_a_draw_that_nobody_chooses(cast, client):
    many_sites(cast)
    application = in_review(cast)
    inputs = starting_inputs(application)
    inputs["sampling"] |= {"used": True, "reason": "Same work"}
    sample = sample_of(inputs, "CN")
    assert len(sample.keys) == 2
    assert sample.seed == f"{application.number}:{application.versions.get().sha256}"
    changes = {"whole-sampling": "on", "whole-sampling_reason": "Same work in every shop"}
    answer = post(cast, client, application, **changes)
    places = {group["site"] for group in answer.context["groups"] if group["site"]}
    assert places == {"Headquarters", *answer.context["sample"]["names"]}
    assert sample.seed in answer.content.decode()
    assert post(cast, client, application, use="1", **{"whole-sampling": "on"}).status_code == 422


def test_the_applicant_reads_the_sample_and_its_seed(cast, client):
    many_sites(cast)
    application = in_review(cast)
    changes = {"whole-sampling": "on", "whole-sampling_reason": "Same work in every shop"}
    post(cast, client, application, use="1", **changes)
    judge_all(cast, application)
    act(application, "accept", cast.actor("reviewer"), justification="x")
    act(application, "offer", cast.actor("manager"), **offer_facts())
    html = cast.client(client, "owner").get(url(application)).content.decode()
    offer = current_offer(application)
    assert offer.snapshot["sample"]["reason"] == "Same work in every shop"
    assert len(offer.snapshot["sample"]["sites"]) == 2
    assert offer.snapshot["sample"]["seed"] in html
    assert "Same work in every shop" in html


def test_a_scheme_may_count_fewer_people_for_a_reason(cast, client):
    application = in_review(cast, schemes=("QMS", "ISMS"))
    fewer = {"ISMS-0-persons": "8"}
    assert post(cast, client, application, use="1", **fewer).status_code == 422
    why = fewer | {"ISMS-0-persons_reason": "Only the computer centre"}
    answer = post(cast, client, application, **why)
    lines_of = {group["scheme"]: group["lines"][0] for group in answer.context["groups"]}
    assert lines_of["QMS"]["after"] == "60"
    assert lines_of["ISMS"]["after"] == "8"
    assert lines_of["ISMS"]["note"].endswith("within this scheme: Only the computer centre")


def test_a_site_saves_what_the_central_function_does(cast, client):
    many_sites(cast, 1)
    application = in_review(cast)
    changes = {"whole-central_percent": "20", "whole-central_reason": "Purchasing is central"}
    answer = post(cast, client, application, **changes)
    assert [line for line in lines(answer) if line[0] == "central_share"] == [
        ("central_share", "2", "1.6")
    ]


def test_after_a_resubmission_decisions_stay_and_facts_are_new(cast, client):
    application = in_review(cast)
    post(cast, client, application, use="1", **FACTOR)
    ask(cast, application, sites="Count the night shift.")
    act(application, "return", cast.actor("reviewer"))
    cast.enterprise.sites.update(night_shift=30)
    resubmitted(cast, application, processes="Day and night")
    act(application, "start_review", cast.actor("reviewer"), no_conflict=True)
    inputs = fresh_inputs(fresh(application))
    assert inputs["version"] == 2
    assert inputs["sites"][0]["shifts"] == [60, 0, 30]
    assert [factor["key"] for factor in inputs["schemes"][0]["factors"]] == ["mature-system"]


def test_the_figures_are_those_submitted_not_those_typed_since(cast):
    application = in_review(cast)
    cast.enterprise.sites.update(day_shift=5)
    assert starting_inputs(fresh(application))["sites"][0]["shifts"] == [60, 0, 0]


def test_set_time_refuses_problems(cast):
    application = in_review(cast, schemes=("FSMS",))
    with pytest.raises(Incomplete) as refusal:
        set_time(cast, application)
    assert [blocker.message for blocker in refusal.value.blockers] == [
        "FSMS, 总部 / Headquarters: a person must set the days and state the reason."
    ]
    assert fresh(application).status == ApplicationStatus.IN_REVIEW


def test_a_draft_of_another_state_has_no_calculator(cast, client):
    application = submitted(cast)
    answer = cast.client(client, "reviewer").get(url(application))
    assert answer.status_code == 200
    assert answer.context["in_hand"] is False
