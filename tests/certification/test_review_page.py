"""The pages of the review: what they show, to whom, and what they accept."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from certification.enums import ApplicationStatus, Criterion
from certification.models import ApplicationReview, ReviewRequest
from certification.queries.evidence import evidence_for
from certification.questions import LABELS
from certification.services.review import CLAIMS
from organisations.models import DishonestyListing
from tests.certification.contractwork import (
    JUSTIFICATION,
    NOTE,
    accepted,
    act,
    fresh,
    in_review,
    judge_all,
    offered,
    reviewed,
    submitted,
)
from tests.certification.test_review import ask, resubmitted

PAGE_QUERIES = 25


def url(name, application, *args):
    return reverse(f"certification:{name}", args=[application.pk, *args])


def page(cast, client, person, name, application, *args):
    return cast.client(client, person).get(url(name, application, *args))


def test_every_question_rests_on_one_point_of_the_review():
    named = [field for fields in CLAIMS.values() for field in fields]
    assert sorted(named) == sorted(LABELS)


def test_the_page_shows_claims_and_evidence_for_each_point(cast, client):
    application = in_review(cast)
    answer = page(cast, client, "reviewer", "review", application)
    assert answer.status_code == 200
    points = answer.context["points"]
    assert [point["key"] for point in points] == Criterion.values
    assert all(point["claims"] and point["evidence"] and point["form"] for point in points)
    html = answer.content.decode()
    assert "Design and manufacture of precision gearboxes" in html
    assert "Body approved" in html


def test_other_people_of_the_body_read_and_do_not_judge(cast, client):
    application = in_review(cast)
    judge_all(cast, application)
    for person in ("manager", "planner", "certifier"):
        answer = page(cast, client, person, "review", application)
        assert answer.status_code == 200
        assert not any(point["form"] for point in answer.context["points"])
        assert answer.context["ask"] is None
        assert NOTE in answer.content.decode()


@pytest.mark.parametrize(
    ("person", "status"),
    [("owner", 403), ("member", 403), ("auditor", 403), ("supervisor", 403), ("inspector", 403),
     ("rival_owner", 403), ("rival_manager", 404), ("anonymous", 302)],
)  # fmt: skip
def test_nobody_else_reads_the_review(cast, client, person, status):
    application = in_review(cast)
    assert page(cast, client, person, "review", application).status_code == status


def test_a_foreign_application_answers_as_a_missing_one(cast, client):
    application = in_review(cast)
    rival = cast.client(client, "rival_manager")
    missing = rival.get(reverse("certification:review", args=[uuid4()]))
    foreign = rival.get(url("review", application))
    assert (foreign.status_code, missing.status_code) == (404, 404)
    posts = [
        url("review_verdict", application, "scope"),
        url("review_ask", application),
        url("review_ask_remove", application, uuid4()),
    ]
    assert [rival.post(path).status_code for path in posts] == [403, 403, 403]


def verdict(cast, client, application, criterion="scope", *, autosave=False, **data):
    typed = {f"{criterion}-{name}": value for name, value in data.items()}
    headers = {"X-Autosave": "1"} if autosave else {}
    return cast.client(client, "reviewer").post(
        url("review_verdict", application, criterion), typed, headers=headers
    )


def test_a_verdict_is_saved_and_leads_back_to_its_place(cast, client):
    application = in_review(cast)
    answer = verdict(cast, client, application, verdict="met", note="Clear.")
    assert (answer.status_code, answer["Location"]) == (302, url("review", application) + "#scope")
    kept = ApplicationReview.objects.get().verdicts["scope"]
    assert (kept["verdict"], kept["note"]) == ("met", "Clear.")


def test_not_met_wants_a_note_and_keeps_what_was_typed(cast, client):
    application = in_review(cast)
    answer = verdict(cast, client, application, verdict="not_met", note="")
    assert answer.status_code == 422
    assert "Say what is not met, or what makes it acceptable." in answer.content.decode()
    assert ApplicationReview.objects.get().verdicts == {}


def test_autosave_keeps_a_verdict_and_tells_what_is_missing(cast, client):
    application = in_review(cast)
    answer = verdict(cast, client, application, autosave=True, verdict="not_met", note="")
    assert answer.status_code == 200
    assert set(answer.json()) == {"saved_at", "errors"}
    assert list(answer.json()["errors"]) == ["note"]
    assert ApplicationReview.objects.get().verdicts["scope"]["verdict"] == "not_met"


def test_an_unknown_point_is_not_found(cast, client):
    application = in_review(cast)
    assert verdict(cast, client, application, "price", verdict="met").status_code == 404


def test_a_verdict_after_the_review_is_refused(cast, client):
    application = accepted(cast)
    answer = verdict(cast, client, application, verdict="met", note="")
    assert answer.status_code == 403


def test_questions_are_collected_changed_and_removed(cast, client):
    application = in_review(cast)
    reviewer = cast.client(client, "reviewer")
    place = url("review", application) + "#ask"
    for reason in ("Too short.", "Too short, name the products."):
        answer = reviewer.post(
            url("review_ask", application), {"field": "scope_zh", "reason": reason}
        )
        assert answer["Location"] == place
    row = ReviewRequest.objects.get()
    assert (row.field, row.reason, row.sent_at) == (
        "scope_zh", "Too short, name the products.", None,
    )  # fmt: skip
    form = reviewer.get(url("review", application), {"ask": "scope_zh"}).context["ask"]
    assert form.initial == {"field": "scope_zh", "reason": row.reason}
    answer = reviewer.post(url("review_ask_remove", application, row.pk))
    assert answer["Location"] == place
    assert not ReviewRequest.objects.exists()


def test_the_question_form_comes_alone_to_a_script(cast, client):
    application = in_review(cast)
    answer = cast.client(client, "reviewer").get(
        url("review", application), {"ask": "scope_zh"}, headers={"HX-Request": "true"}
    )
    names = [template.name for template in answer.templates]
    assert names[0] == "certification/review_ask.html"


def test_a_question_without_reason_is_refused(cast, client):
    application = in_review(cast)
    reviewer = cast.client(client, "reviewer")
    answer = reviewer.post(url("review_ask", application), {"field": "scope_zh", "reason": " "})
    assert answer.status_code == 422
    assert "Fill in “What is missing or unclear”." in answer.content.decode()


def test_a_resubmission_shows_what_changed_at_its_place(cast, client):
    application = reviewed(cast)
    ask(cast, application, scope_zh="Too short.")
    act(application, "return", cast.actor("reviewer"))
    application = resubmitted(cast, application, scope_zh="精密齿轮箱的维修")
    act(application, "start_review", cast.actor("reviewer"), no_conflict=True)
    answer = page(cast, client, "reviewer", "review", application)
    changed = {
        point["key"]: [(change.before, change.after) for change in point["changes"]]
        for point in answer.context["points"]
        if point["changes"]
    }
    assert changed == {"scope": [("精密齿轮箱的设计与生产", "精密齿轮箱的维修")]}
    html = answer.content.decode()
    assert "<del>精密齿轮箱的设计与生产</del>" in html
    assert "<ins>精密齿轮箱的维修</ins>" in html
    assert [question["row"].reason for question in answer.context["sent"]] == ["Too short."]
    judged = {point["key"]: point["old_version"] for point in answer.context["points"]}
    assert judged == dict.fromkeys(Criterion.values, 1)


def test_the_acts_have_their_pages(cast, client):
    application = submitted(cast)
    reviewer = cast.client(client, "reviewer")
    start = url("application_do", application, "start_review")
    assert "no conflict of interest" in reviewer.get(start).content.decode()
    assert reviewer.post(start, {}).status_code == 422
    answer = reviewer.post(start, {"no_conflict": "on"})
    assert (answer.status_code, answer["Location"]) == (302, url("review", application))
    assert fresh(application).status == ApplicationStatus.IN_REVIEW
    accept = url("application_do", application, "accept")
    blocked = reviewer.post(accept, {"justification": "We can."})
    assert blocked.status_code == 409
    assert "The audit time is not computed." in blocked.content.decode()
    assert "We can." in blocked.content.decode()


def test_the_return_page_shows_what_the_applicant_will_read(cast, client):
    application = in_review(cast)
    ask(cast, application, scope_zh="Too short.", processes="Which machines?")
    reviewer = cast.client(client, "reviewer")
    shown = reviewer.get(url("application_do", application, "return")).content.decode()
    assert "Too short." in shown
    assert "Which machines?" in shown
    answer = reviewer.post(url("application_do", application, "return"))
    assert answer["Location"] == application.get_absolute_url()
    assert fresh(application).status == ApplicationStatus.RETURNED


def test_declining_says_what_it_does_and_wants_a_reason(cast, client):
    application = in_review(cast)
    reviewer = cast.client(client, "reviewer")
    path = url("application_do", application, "decline")
    assert "may appeal" in reviewer.get(path).content.decode()
    assert reviewer.post(path, {"reason": ""}).status_code == 422
    assert reviewer.post(path, {"reason": "Not our field."}).status_code == 302
    assert fresh(application).status == ApplicationStatus.DECLINED


@pytest.mark.parametrize("person", ["owner", "member"])
def test_nothing_internal_reaches_the_enterprise(cast, client, person):
    """The pages of the enterprise hold neither notes nor justification nor unsent questions."""
    application = in_review(cast)
    judge_all(cast, application)
    ask(cast, application, scope_zh="CANARY-UNSENT-3310")
    names = [url("application", application)]
    said = [cast.client(client, person).get(path).content.decode() for path in names]
    other = offered(cast, owner="rival_owner")
    said += [
        cast.client(client, "rival_owner").get(path).content.decode()
        for path in (
            url("application", other),
            url("audit_time", other),
            other.offers.get().get_absolute_url(),
        )
    ]
    for html in said:
        assert "CANARY-UNSENT-3310" not in html
        assert NOTE not in html
        assert JUSTIFICATION not in html


def test_the_enterprise_has_no_audit_time_before_the_offer(cast, client):
    application = reviewed(cast)
    assert page(cast, client, "owner", "audit_time", application).status_code == 404


def test_evidence_names_what_speaks_against_an_applicant(cast):
    application = in_review(cast)
    today = timezone.localdate()
    DishonestyListing.objects.create(
        identifier=cast.enterprise.identifier,
        name_zh=cast.enterprise.name_zh,
        reason="虚假材料",
        listed_on=today,
        source="示例名单",
    )
    cast.rival_enterprise.name_zh = cast.enterprise.name_zh
    cast.rival_enterprise.save()
    cast.enterprise.licence_valid_until = today.replace(year=today.year - 1)
    cast.enterprise.save()
    found = evidence_for(fresh(application))[Criterion.INFORMATION]
    kinds = {fact["label"]: fact["kind"] for fact in found}
    assert kinds["Licence"] == "problem"
    assert kinds["Dishonesty lists"] == "problem"
    assert kinds["Same name"] == "waiting"
    assert kinds["Identifier"] == "valid"


def test_the_page_needs_as_many_queries_for_three_schemes_as_for_one(
    cast, client, django_assert_num_queries
):
    one = in_review(cast, schemes=("QMS",))
    three = in_review(cast, schemes=("QMS", "ISMS", "FSMS"), owner="rival_owner")
    for application in (one, three):
        cast.client(client, "reviewer")
        with django_assert_num_queries(PAGE_QUERIES):
            client.get(url("review", application))
