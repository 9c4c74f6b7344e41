"""What would the audit time be? Computed for anyone, kept for nobody."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from certification.models import AuditTimeCalculation
from schemes.models import AuditTimeFactor, StandardEdition
from tests.certification.contractwork import act, in_review, offer_facts
from tests.certification.test_audit_time_page import FACTOR, judge_all, post, typed

pytestmark = pytest.mark.django_db

ESTIMATE = "/audit-time/?scheme=QMS&sites=1&people=64"


@pytest.fixture
def offered(cast, client):
    """An application with an offer, so that its audit time is there for both sides."""
    application = in_review(cast)
    post(cast, client, application, use="1")
    judge_all(cast, application)
    act(application, "accept", cast.actor("reviewer"), justification="x")
    act(application, "offer", cast.actor("manager"), **offer_facts())
    return application


def what_if(application):
    return reverse("certification:what_if", args=[application.pk])


def total(answer):
    return answer.context["result"]["total"]


def test_the_applicant_tries_other_figures_and_nothing_is_kept(cast, client, offered):
    kept = AuditTimeCalculation.objects.get()
    page = cast.client(client, "owner").get(what_if(offered))
    assert total(page) == "5"
    data = typed(offered, **{"site-0-day": "640"})
    answer = client.post(what_if(offered), data)
    assert (answer.status_code, total(answer)) == (200, "12")
    assert list(AuditTimeCalculation.objects.all()) == [kept]
    assert 'name="use"' not in answer.content.decode()


def test_a_factor_without_reason_is_named_as_in_earnest(cast, client, offered):
    cast.client(client, "owner")
    data = typed(offered, **(FACTOR | {"QMS-factor-0-reason": ""}))
    answer = client.post(what_if(offered), data)
    problems = answer.context["result"]["problems"]
    assert [problem["key"] for problem in problems] == ["reason_missing"]


def test_impossible_figures_are_refused_and_stay_in_their_fields(cast, client, offered):
    cast.client(client, "owner")
    answer = client.post(what_if(offered), typed(offered, **{"site-0-day": "-3"}))
    assert answer.status_code == 422
    assert 'value="-3"' in answer.content.decode()


def test_others_do_not_learn_of_the_application(cast, client, offered):
    for name in ("rival_owner", "rival_manager"):
        assert cast.client(client, name).get(what_if(offered)).status_code == 404


def test_a_factor_that_is_out_of_force_by_now_is_left_out(cast, client):
    application = in_review(cast)
    post(cast, client, application, use="1", **FACTOR)
    assert AuditTimeCalculation.objects.get().inputs["schemes"][0]["factors"]
    AuditTimeFactor.objects.filter(key="mature-system").update(
        valid_to=timezone.localdate() - timedelta(days=1)
    )
    page = client.get(what_if(application))
    assert (page.status_code, total(page)) == (200, "5")


def test_of_what_is_applied_for_no_more_there_is_nothing_to_try(cast, client):
    application = in_review(cast)
    post(cast, client, application, use="1")
    other = StandardEdition.objects.in_force(timezone.localdate()).exclude(scheme__code="QMS")[0]
    application.schemes.update(scheme=other.scheme, edition=other)
    assert client.get(what_if(application)).status_code == 404


def test_nobody_is_asked_before_leaving_what_is_kept_for_nobody(cast, client, offered):
    page = cast.client(client, "owner").get(what_if(offered)).content.decode()
    assert "data-confirm-leave" not in page
    kept = cast.client(client, "reviewer").get(
        reverse("certification:audit_time", args=[in_review(cast, owner="rival_owner").pk])
    )
    assert "data-confirm-leave" in kept.content.decode()


def test_without_a_calculation_there_is_nothing_to_try(cast, client):
    application = in_review(cast)
    assert cast.client(client, "owner").get(what_if(application)).status_code == 404


@pytest.mark.usefixtures("cast")
class TestEstimate:
    def test_anyone_gets_the_sum_for_an_address(self, client):
        answer = client.get(ESTIMATE)
        assert (answer.status_code, total(answer)) == (200, "5")
        assert "IAF MD 5" in answer.content.decode()

    def test_a_change_is_computed_without_the_page(self, client):
        page = client.get(ESTIMATE)
        forms = page.context["forms"]
        data = {}
        for part in forms.forms:
            singles = part.forms if hasattr(part, "forms") else [part]
            if hasattr(part, "management_form"):
                data |= {field.html_name: field.value() for field in part.management_form}
            for form in singles:
                data |= {f.html_name: "" if f.value() is None else f.value() for f in form}
        data["site-0-day"] = "640"
        answer = client.post(ESTIMATE, data, headers={"HX-Request": "true"})
        assert total(answer) == "12"
        assert "<html" not in answer.content.decode()

    def test_the_first_question_keeps_what_was_typed(self, client):
        answer = client.get("/audit-time/?sites=0&people=64&scheme=QMS")
        assert answer.status_code == 422
        assert 'value="64"' in answer.content.decode()
        assert client.get("/audit-time/?scheme=NONE&sites=1&people=1").status_code == 422
        assert client.get("/audit-time/").status_code == 200
        assert client.post("/audit-time/", {}).status_code == 302

    def test_it_sets_no_cookie_for_a_visitor(self, client):
        assert client.get("/audit-time/").cookies.keys() <= {"csrf"}

    def test_many_questions_at_once_have_to_wait(self, client):
        with time_machine.travel(timezone.now(), tick=False):
            codes = [client.get(ESTIMATE).status_code for _n in range(61)]
        assert codes == [200] * 60 + [429]
