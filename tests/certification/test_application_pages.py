"""The page shared by all parties, the check, sending, the receipt, the list and its export."""

import datetime as dt
import io
import json
import re

import pikepdf
import pytest
import time_machine
from django.urls import reverse

from certification.documents.application import application_pdf, build_context
from certification.enums import ApplicationStatus
from certification.flows.applications import APPLICATION_FLOW
from certification.models import Application, ReviewRequest
from certification.queries.dossiers import COPY, COPY_JOB
from certification.services.applications import application_answer
from foundation import files, jobs
from foundation.canonical import digest
from foundation.formatting import day
from foundation.models import Job
from foundation.models.jobs import JobState
from foundation.workflow import perform
from tests.certification.applications import (
    area,
    complete_draft,
    empty_draft,
    send,
    sent_application,
)

pytestmark = pytest.mark.django_db
EVERYBODY = (
    "owner", "member", "manager", "reviewer", "planner", "auditor", "certifier", "supervisor",
    "inspector", "operator", "rival_owner", "rival_manager", "anonymous",
)  # fmt: skip


@pytest.fixture
def owner(cast, client):
    return cast.client(client, "owner")


@pytest.fixture
def returned(cast):
    """An application that came back with two questions."""
    application = sent_application(cast)
    actor = cast.actor("reviewer")
    perform(APPLICATION_FLOW, application, "start_review", actor, no_conflict=True)
    for field, reason in (("scope_en", "CANARY: which products?"), ("documents", "Page 3 lacks.")):
        ReviewRequest.objects.create(
            application=application, field=field, reason=reason, asked_by=actor.user, version=1
        )
    perform(APPLICATION_FLOW, application, "return", actor)
    return Application.objects.get(pk=application.pk)


def page_of(application, name="application", *args):
    return reverse(f"certification:{name}", args=[application.pk, *args])


def statuses(cast, client, url) -> dict:
    return {who: cast.client(client, who).get(url).status_code for who in EVERYBODY}


def actions(response) -> list[str]:
    return [row.transition.action for row in response.context["others"]]


# Who sees the page


def test_draft_is_seen_by_the_enterprise_alone(cast, client):
    assert statuses(cast, client, page_of(empty_draft(cast))) == {
        "owner": 200, "member": 200, "manager": 404, "reviewer": 404, "planner": 404,
        "auditor": 404, "certifier": 404, "supervisor": 404, "inspector": 404, "operator": 200,
        "rival_owner": 404, "rival_manager": 404, "anonymous": 302,
    }  # fmt: skip


def test_sent_application_is_seen_by_both_parties_and_the_authority(cast, client):
    assert statuses(cast, client, page_of(sent_application(cast))) == {
        "owner": 200, "member": 200, "manager": 200, "reviewer": 200, "planner": 200,
        "auditor": 404, "certifier": 200, "supervisor": 200, "inspector": 200, "operator": 200,
        "rival_owner": 404, "rival_manager": 404, "anonymous": 302,
    }  # fmt: skip


def test_foreign_page_is_the_page_of_nothing(cast, client):
    rival = cast.client(client, "rival_owner")
    foreign = rival.get(page_of(sent_application(cast)))
    nothing = rival.get(reverse("certification:application", args=[cast.body.pk]))
    assert (foreign.status_code, nothing.status_code) == (404, 404)
    assert "CANARY: " not in foreign.content.decode()


# What each reads


def test_draft_page_lists_the_tasks_and_leads_to_the_next(cast, owner):
    application = empty_draft(cast)
    page = owner.get(page_of(application))
    assert [task["state"] for task in page.context["tasks"]] == [
        "started", "started", "done", "todo", "todo", "todo", "todo", "done",
    ]  # fmt: skip
    assert page.context["todo"].url == page_of(application, "application_step", "certification")
    assert actions(page) == ["cancel"]


def test_adding_comes_before_going_on_until_a_document_is_there(cast, owner):
    application = complete_draft(cast)
    address = page_of(application, "application_step", "documents")

    def primary():
        page = owner.get(address).content.decode().partition("<main")[2].partition("</main>")[0]
        return re.findall(r"<(?:a|button)[^>]*btn-primary[^>]*>\s*([^<]*\w)", page)

    assert primary() == ["Continue"]
    files.attachments_of(application).delete()
    assert primary() == ["Add the document"]


def test_complete_draft_leads_an_owner_to_the_check_and_a_member_to_the_owner(cast, client):
    application = complete_draft(cast)
    todo = {
        who: cast.client(client, who).get(page_of(application)).context["todo"]
        for who in ("owner", "member")
    }
    assert {who: row.url for who, row in todo.items()} == dict.fromkeys(
        ("owner", "member"), page_of(application, "application_check")
    )
    assert cast.owner.name in todo["member"].text


def test_sent_page_tells_the_applicant_when_to_expect_what(cast, owner):
    with time_machine.travel("2026-06-01 10:00+08:00", tick=False):
        application = sent_application(cast)
        page = owner.get(page_of(application))
    assert page.context["todo"].calm is True
    assert [step["state"] for step in page.context["steps"]] == ["done", "now", "todo", "todo"]
    assert "8 June 2026" in page.context["next_steps"][0]["text"]
    assert "tasks" not in page.context


def test_a_review_that_is_late_is_called_so(cast, owner):
    application = sent_application(cast)
    with time_machine.travel(application.review_due_on + dt.timedelta(days=1), tick=False):
        page = cast.client(owner, "owner").get(application.get_absolute_url())
    due = day(application.review_due_on)
    assert page.context["todo"].title == "Nothing for you to do now"
    assert page.context["todo"].text == f"The review was due on {due}; the body is late."
    assert page.context["steps"][1]["when"] == f"was due {due}"
    assert page.context["next_steps"][0]["text"].startswith(f"Was due {due}.")


def test_sent_page_asks_the_reviewer_to_start(cast, client):
    application = sent_application(cast)
    page = cast.client(client, "reviewer").get(page_of(application))
    assert page.context["todo"].url == page_of(application, "application_do", "start_review")
    assert page.context["todo"].due == application.review_due_on


def test_body_reads_what_was_sent_not_what_is_being_typed(cast, client, returned):
    application_answer(
        application=returned, actor=cast.actor("owner"), answers={"scope_en": "SECRET plan"}
    )
    for who in ("reviewer", "manager", "supervisor"):
        page = cast.client(client, who).get(page_of(returned)).content.decode()
        assert "Design and manufacture of precision gearboxes" in page
        assert "SECRET plan" not in page


def test_returned_page_shows_one_request_with_its_places(cast, client, returned):
    page = cast.client(client, "owner").get(page_of(returned))
    assert [(str(row["label"]), row["url"].partition("steps/")[2]) for row in
            page.context["requests"]] == [
        ("Scope in English", "scope/?back=list#div_id_scope_en"),
        ("Documents", "documents/?back=list#div_id_documents"),
    ]  # fmt: skip
    assert page.context["todo"].url == page.context["requests"][0]["url"]
    states = {task["slug"]: str(task.get("label", "")) for task in page.context["tasks"]}
    assert (states["scope"], states["documents"], states["contact"]) == (
        "Question to answer",
        "Question to answer",
        "",
    )
    page = cast.client(client, "reviewer").get(page_of(returned))
    assert [row["url"] for row in page.context["requests"]] == ["", ""]


def test_request_stands_at_its_place(cast, owner, returned):
    page = owner.get(page_of(returned, "application_step", "scope")).content.decode()
    assert "CANARY: which products?" in page
    page = owner.get(page_of(returned, "application_step", "contact")).content.decode()
    assert "CANARY: which products?" not in page


def test_unsent_question_is_not_shown_to_the_enterprise(cast, owner):
    application = sent_application(cast)
    ReviewRequest.objects.create(
        application=application, field="scope_en", reason="CANARY", asked_by=cast.reviewer,
        version=1,
    )  # fmt: skip
    assert "CANARY:" not in owner.get(page_of(application)).content.decode()
    visible = ReviewRequest.objects.visible_to
    assert [visible(cast.actor(who)).count() for who in ("owner", "reviewer", "rival_manager")] == [
        0,
        1,
        0,
    ]


def test_answered_questions_lead_to_the_check(cast, owner, returned):
    application_answer(
        application=returned, actor=cast.actor("owner"), answers={"scope_en": "Changed"}
    )
    page = owner.get(page_of(returned))
    assert page.context["todo"].url.endswith("documents/?back=list#div_id_documents")
    assert [change.field for change in page.context["changes"]] == ["scope_en"]
    assert page.context["after"] is None


def test_resubmission_shows_its_differences_to_both(cast, client, returned):
    application_answer(
        application=returned,
        actor=cast.actor("owner"),
        answers={"scope_en": "Changed", "areas": [area("17")]},
    )
    send(cast, returned)
    for who in ("owner", "reviewer", "supervisor"):
        context = cast.client(client, who).get(page_of(returned)).context
        assert [change.field for change in context["changes"]] == ["areas", "scope_en"]
        assert (context["before"], context["after"]) == (1, 2)
        assert [row["version"].version for row in context["versions"]] == [1, 2]


def test_earlier_version_can_be_read(cast, owner, returned):
    application_answer(
        application=returned, actor=cast.actor("owner"), answers={"scope_en": "Changed"}
    )
    send(cast, returned)
    page = owner.get(page_of(returned), {"version": "1"})
    assert page.context["read"].version == 1
    assert page.context["changes"] is None
    page = owner.get(page_of(returned), {"version": "x"})
    assert page.context["read"].version == 2


def test_withdrawn_page_says_where_it_ended(cast, owner):
    application = sent_application(cast)
    perform(APPLICATION_FLOW, application, "cancel", cast.actor("owner"))
    page = owner.get(page_of(application))
    assert [step["state"] for step in page.context["steps"]] == ["done", "stopped", "todo", "todo"]
    assert (page.context["todo"].calm, actions(page)) == (True, [])


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(
    "status", [status for status in ApplicationStatus if status != ApplicationStatus.OFFERED]
)
def test_page_opens_in_every_state_for_every_party(cast, client, status, language):
    application = sent_application(cast)
    Application.objects.filter(pk=application.pk).update(status=status, reviewer=cast.reviewer)
    for who in ("owner", "reviewer", "manager", "supervisor"):
        page = cast.client(client, who).get(
            page_of(application), headers={"Accept-Language": language}
        )
        assert page.status_code == 200


# Checking and sending


def test_check_shows_every_answer_with_its_change_link(cast, owner):
    application = complete_draft(cast)
    page = owner.get(page_of(application, "application_check"))
    links = [fact["url"] for group in page.context["groups"] for fact in group["facts"]]
    assert (
        page_of(application, "application_step", "scope") + "?back=check#div_id_scope_zh" in links
    )
    assert all("?back=check#div_id_" in link for link in links)
    assert page.context["blockers"] == []


def test_check_lists_all_that_is_missing(cast, owner):
    application = complete_draft(cast, processes="", languages=[])
    page = owner.get(page_of(application, "application_check"))
    assert [row.field for row in page.context["blockers"]] == ["processes", "languages"]


def test_check_gives_a_member_no_button(cast, client):
    application = complete_draft(cast)
    page = cast.client(client, "member").get(page_of(application, "application_check"))
    assert (page.status_code, page.context["form"]) == (200, None)
    assert cast.owner.name in page.content.decode()


def test_check_of_others_does_not_exist(cast, client):
    url = page_of(complete_draft(cast), "application_check")
    found = statuses(cast, client, url)
    assert {who for who, status in found.items() if status == 200} == {"owner", "member"}
    assert found["rival_owner"] == 404


def test_sending_leads_to_the_receipt(cast, owner):
    application = complete_draft(cast)
    answer = owner.post(page_of(application, "application_do", "submit"), {"declared": "on"})
    assert answer.url == page_of(application, "application_receipt")
    application.refresh_from_db()
    receipt = owner.get(answer.url).content.decode()
    assert application.number in receipt
    assert application.versions.get().sha256 in receipt


def test_sending_without_the_declaration_keeps_the_draft(cast, owner):
    application = complete_draft(cast)
    answer = owner.post(page_of(application, "application_do", "submit"), {})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["declared"])
    application.refresh_from_db()
    assert application.status == ApplicationStatus.DRAFT


def test_sending_an_incomplete_draft_answers_with_the_list(cast, owner):
    application = complete_draft(cast, processes="")
    answer = owner.post(page_of(application, "application_do", "submit"), {"declared": "on"})
    assert answer.status_code == 409
    assert [row.field for row in answer.context["blockers"]] == ["processes"]


def test_sending_twice_leads_to_the_same_receipt(cast, owner):
    application = complete_draft(cast)
    url = page_of(application, "application_do", "submit")
    answers = [owner.post(url, {"declared": "on"}) for _ in range(2)]
    assert {answer.url for answer in answers} == {page_of(application, "application_receipt")}
    assert application.versions.count() == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [("member", 403), ("reviewer", 404), ("rival_owner", 404), ("rival_manager", 404),
     ("operator", 403), ("anonymous", 302)],
)  # fmt: skip
def test_nobody_else_sends(cast, client, who, status):
    application = complete_draft(cast)
    url = page_of(application, "application_do", "submit")
    assert cast.client(client, who).post(url, {"declared": "on"}).status_code == status
    application.refresh_from_db()
    assert application.status == ApplicationStatus.DRAFT


def test_unknown_act_is_kindly_refused(cast, owner):
    answer = owner.post(page_of(empty_draft(cast), "application_do", "approve"))
    assert answer.status_code == 409


def test_withdrawing_asks_on_a_page_of_its_own(cast, owner):
    application = sent_application(cast)
    url = page_of(application, "application_do", "cancel")
    assert owner.get(url).status_code == 200
    assert owner.post(url).url == page_of(application)
    application.refresh_from_db()
    assert application.status == ApplicationStatus.CANCELLED


def test_receipt_is_the_enterprises_own(cast, client):
    found = statuses(cast, client, page_of(sent_application(cast), "application_receipt"))
    assert {who for who, status in found.items() if status == 200} == {"owner", "member"}
    assert found["rival_owner"] == 404


def test_receipt_of_a_draft_does_not_exist(cast, owner):
    assert owner.get(page_of(empty_draft(cast), "application_receipt")).status_code == 404


# The copy


def copy_url(application, version=1):
    return page_of(application, "application_copy", version)


def test_copy_is_made_once_for_both_parties(cast, client, run_jobs):
    application = sent_application(cast)
    for who in ("owner", "owner", "reviewer"):
        assert cast.client(client, who).post(copy_url(application)).status_code == 302
    run_jobs()
    version = application.versions.get()
    file = files.attachments_of(version, COPY).get().file
    assert file.name == f"{application.number}-1.pdf"
    for who, allowed in (("owner", True), ("reviewer", True), ("supervisor", True),
                         ("rival_owner", False), ("rival_manager", False)):  # fmt: skip
        assert files.may_read(cast.actor(who), file) is allowed
    receipt = cast.client(client, "owner").get(page_of(application, "application_receipt"))
    assert file.get_absolute_url() in receipt.content.decode()


def test_a_copy_that_failed_says_why_and_can_be_made_again(cast, client):
    application = sent_application(cast)
    cast.client(client, "owner").post(copy_url(application))
    Job.objects.filter(kind=COPY_JOB).update(state=JobState.FAILED, error="The disk is full.")
    copy = client.get(page_of(application, "application_receipt")).content.decode()
    copy = copy.partition('id="copy"')[2]
    job = Job.objects.get(kind=COPY_JOB)
    assert f"<b>{jobs.title_of(job)}</b>" in copy
    assert "The disk is full." in copy
    assert f'action="{reverse("foundation:job_retry", args=[job.pk])}"' in copy


def test_copy_holds_every_answer_and_the_digest(cast, run_jobs):
    application = sent_application(cast)
    version = application.versions.get()
    data = application_pdf(version)
    assert data == application_pdf(version)
    with pikepdf.open(io.BytesIO(data)) as document:
        attached = document.attachments["application.json"].get_file().read_bytes()
    assert digest(json.loads(attached)) == version.sha256
    context = build_context(version)
    assert context["digest"] == version.sha256
    texts = [str(value) for part in context["sections"] for _label, value in part.facts]
    assert "Design and manufacture of precision gearboxes" in texts


@pytest.mark.parametrize(
    ("who", "status"),
    [("member", 302), ("manager", 302), ("operator", 302), ("rival_owner", 404),
     ("rival_manager", 404), ("auditor", 404), ("anonymous", 302)],
)  # fmt: skip
def test_copy_is_asked_by_who_sees_the_application(cast, client, who, status):
    application = sent_application(cast)
    assert cast.client(client, who).post(copy_url(application)).status_code == status
    asked = Job.objects.filter(kind=COPY_JOB).count()
    assert asked == (1 if status == 302 and who != "anonymous" else 0)


@pytest.mark.parametrize("version", [0, 2, 99999999999999999999])
def test_copy_of_no_version_does_not_exist(cast, owner, version):
    assert owner.post(copy_url(sent_application(cast), version)).status_code == 404
