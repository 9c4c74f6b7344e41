"""Complaining without an account, the private page, and the pages of those who handle it."""

import io
import json
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from certification.complaint_links import token_of
from certification.enums import About, EntryKind
from certification.models import Complaint, ComplaintEntry
from certification.views.complaint_public import COMPLAINTS, GUESSES
from foundation import files
from tests.audits.auditwork import closed as closed_audit
from tests.audits.auditwork import count_queries, picture
from tests.certification.casework import certified
from tests.certification.complaintwork import (
    TEXT,
    acknowledged,
    act,
    appealed,
    closed,
    filed,
    investigated,
    reported,
)

pytestmark = pytest.mark.django_db
NEW = "/complaints/new/"
NAME, MAIL = "Ma Xiaoming", "ma@example.org"


def send(client, cast, **facts):
    given = {"about": "body", "body": cast.body.pk, "text": TEXT} | facts
    return client.post(NEW, {key: value for key, value in given.items() if value is not None})


def tracked(complaint, act=""):
    address = reverse("certification:track", args=[token_of(complaint)])
    return f"{address}do/{act}/" if act else address


def test_anybody_complains_and_has_a_number_at_once(client, cast):
    answer = send(client, cast, name=NAME, email=MAIL)
    found = Complaint.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == tracked(found)
    page = client.get(answer["Location"])
    text = page.content.decode()
    assert found.number in text
    assert TEXT in text
    assert "What happens next" in text
    assert page["Cache-Control"] == "private, no-store"
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert page["Referrer-Policy"] == "same-origin"


def test_the_language_is_remembered(client, cast):
    client.cookies["language"] = "zh-hans"
    send(client, cast)
    assert Complaint.objects.get().language == "zh-hans"


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"about": ""}, "Choose an answer for “What is it about?”."),
        ({"about": "decision"}, "decision"),
        ({"text": ""}, "Fill in “What happened?”."),
        ({"text": "x" * 8001}, "8000"),
        ({"body": ""}, "Choose the certification body, or give a certificate."),
        ({"body": "1"}, "“1” is not a valid UUID"),
        ({"body": "", "certificate": "034 99 Q 1"}, "No certificate here has this number"),
        ({"about": "auditor"}, "Give the name of the auditor."),
        ({"email": "not an address"}, "valid email address"),
        ({"name": "a\u202eb"}, "invisible character"),
    ],
)
def test_bad_input_is_told_at_its_field_and_kept(client, cast, facts, says):
    answer = send(client, cast, **{"name": NAME} | facts)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert says in text or facts.get("body") == "1"
    assert facts.get("name", NAME) in text
    assert not Complaint.objects.exists()


def test_a_file_is_judged_by_its_content(client, cast):
    fake = SimpleUploadedFile("photo.png", b"<script>", content_type="image/png")
    assert send(client, cast, files=fake).status_code == 422
    assert send(client, cast, files=picture()).status_code == 302
    entry = ComplaintEntry.objects.get()
    file = files.attachments_of(entry).get().file
    assert (file.organisation_id, file.uploaded_by) == (None, None)
    assert files.may_read(cast.actor("manager"), file)
    for who in ("reviewer", "owner", "supervisor", "rival_manager", "anonymous"):
        assert not files.may_read(cast.actor(who), file)


@pytest.mark.parametrize("by", ["number", "code", "address"])
def test_a_certificate_is_looked_up(client, cast, by):
    certificate = certified(cast)
    words = {
        "number": certificate.number.lower().replace(" ", ""),
        "code": certificate.code,
        "address": f"https://x.example/c/{certificate.code}/",
    }[by]
    send(client, cast, about="holder", body=None, certificate=words)
    found = Complaint.objects.get()
    assert (found.certificate, found.body) == (certificate, cast.body)
    assert (found.enterprise, found.case) == (cast.enterprise, certificate.case)


def test_an_unknown_number_is_kept_when_the_body_is_chosen(client, cast):
    send(client, cast, about="holder", certificate="034 99 Q 1", named="Forgers Ltd.")
    found = Complaint.objects.get()
    assert (found.certificate, found.certificate_named) == (None, "034 99 Q 1")
    assert found.enterprise is None


def test_the_form_knows_where_somebody_comes_from(client, cast):
    certificate = certified(cast)
    text = client.get(NEW, {"certificate": certificate.code}).content.decode()
    assert certificate.code in text
    public = client.get(reverse("verification:certificate", args=[certificate.code]))
    assert f"{NEW}?certificate={certificate.code}" in public.content.decode()
    body = client.get(reverse("verification:body", args=[cast.body.pk])).content.decode()
    assert f"{NEW}?body={cast.body.pk}" in body


def test_complaints_from_one_network_are_limited(client, cast):
    for _n in range(COMPLAINTS):
        assert send(client, cast, text="").status_code == 422
    answer = send(client, cast)
    assert answer.status_code == 429
    assert not Complaint.objects.exists()


def test_guessing_a_link_ends_in_silence(client, cast):
    found = filed(cast)
    wrong = reverse("certification:track", args=[f"{found.pk.hex}:{'x' * 43}"])
    for address in (wrong, f"{wrong}receipt.pdf", f"{wrong}do/withdraw/"):
        assert client.get(address).status_code == 404
    for _n in range(GUESSES - 3):
        assert client.post(f"{wrong}do/withdraw/").status_code == 404
    assert client.get(wrong).status_code == 429
    assert client.get(tracked(found)).status_code == 200


def test_who_has_the_link_acts_without_an_account(client, cast):
    found = investigated(cast)
    assert (
        client.post(tracked(found, "add"), {"text": "More.", "files": picture()}).status_code == 302
    )
    assert client.post(tracked(found, "add"), {"text": ""}).status_code == 422
    act(cast, found, "ask", "planner", text="Which day was it?")
    assert "Which day was it?" in client.get(tracked(found)).content.decode()
    assert client.post(tracked(found, "answer"), {"text": "Monday."}).status_code == 302
    assert client.post(tracked(found, "escalate")).status_code == 409
    assert client.post(tracked(found, "decide")).status_code == 409
    assert client.post(tracked(found, "report"), {"text": "x"}).status_code == 403
    assert client.post(tracked(found, "forget")).status_code == 302
    found.refresh_from_db()
    assert (found.name, found.email) == ("", "")
    assert client.post(tracked(found, "withdraw")).status_code == 302
    found.refresh_from_db()
    assert found.status == "withdrawn"


def test_a_colleague_of_the_portal_with_the_link_is_who_complained(client, cast):
    found = filed(cast)
    cast.client(client, "rival_owner")
    assert client.get(tracked(found)).status_code == 200
    assert client.get(found.get_absolute_url()).status_code == 404


def test_what_the_body_keeps_to_itself_is_not_on_the_private_page(client, cast):
    found = reported(cast)
    act(cast, found, "decide", conclusion="upheld", text="You are right.", internal="CANARY")
    text = client.get(tracked(found)).content.decode()
    assert "You are right." in text
    assert "CANARY" not in text
    assert "True." not in text


def test_the_receipt_is_a_document(client, cast):
    answer = client.get(f"{tracked(filed(cast))}receipt.pdf")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")


# Behind the sign-in


def test_who_handles_it_sees_who_complained(client, cast):
    found = investigated(cast)
    for who in ("manager", "planner"):
        cast.client(client, who)
        text = client.get(found.get_absolute_url()).content.decode()
        assert NAME in text
        assert MAIL in text


@pytest.mark.parametrize(
    "who",
    ["reviewer", "certifier", "auditor", "owner", "member", "supervisor", "inspector",
     "rival_manager", "rival_owner"],
)  # fmt: skip
def test_for_everybody_else_it_does_not_exist(client, cast, who):
    found = investigated(cast)
    cast.client(client, who)
    assert client.get(found.get_absolute_url()).status_code == 404
    assert client.get(f"{found.get_absolute_url()}file.zip").status_code == 404
    assert client.post(f"{found.get_absolute_url()}do/report/", {"text": "x"}).status_code == 404
    assert found.number not in client.get("/complaints/").content.decode()
    assert found.number not in client.get("/work/").content.decode()


def test_it_is_in_the_queue_of_who_has_to_act(client, cast):
    found = filed(cast)
    for who, waits in (("manager", True), ("planner", False), ("certifier", False)):
        cast.client(client, who)
        assert (found.number in client.get("/desk/").content.decode()) is waits
    act(cast, act(cast, found, "acknowledge"), "admit", handler=cast.planner)
    cast.client(client, "planner")
    assert found.number in client.get("/desk/").content.decode()


def test_the_holder_reads_what_was_written_for_it(client, cast):
    found = investigated(cast, About.HOLDER, certificate=certified(cast), text="CANARY original")
    act(cast, found, "pass_on", "planner", text="The mark is on products.")
    cast.client(client, "owner")
    for address in (found.get_absolute_url(), f"{found.get_absolute_url()}do/answer_as_client/"):
        text = client.get(address).content.decode()
        assert "The mark is on products." in text
        assert not [word for word in ("CANARY", NAME, MAIL) if word in text]
    assert client.get(f"{found.get_absolute_url()}file.zip").status_code == 404
    sent = {"text": "It is not.", "files": picture()}
    assert client.post(f"{found.get_absolute_url()}do/answer_as_client/", sent).status_code == 302
    entry = ComplaintEntry.objects.get(kind=EntryKind.CLIENT_ANSWER)
    assert files.may_read(cast.actor("planner"), files.attachments_of(entry).get().file)


def test_neither_side_of_a_complaint_reads_who_the_other_is(client, cast):
    found = investigated(cast, About.HOLDER, certificate=certified(cast))
    act(cast, found, "pass_on", "planner", text="The mark is on products.")
    act(cast, found, "answer_as_client", "member", text="It is not.")
    act(cast, found, "report", "planner", text="It was.")
    act(cast, found, "decide", conclusion="upheld", text="Dear CANARY complainant, you are right.")
    cast.client(client, "owner")
    assert "CANARY complainant" not in client.get(found.get_absolute_url()).content.decode()
    client.logout()
    page = client.get(tracked(found)).content.decode()
    assert "CANARY complainant" in page
    assert cast.member.name not in page


def test_the_authority_gets_the_whole_file_with_a_manifest(client, cast):
    found = closed(cast)
    client.post(tracked(found, "add"), {"text": "x"})
    assert client.post(tracked(found, "escalate")).status_code == 302
    cast.client(client, "supervisor")
    assert found.number in client.get("/complaints/").content.decode()
    assert NAME in client.get(found.get_absolute_url()).content.decode()
    answer = client.get(f"{found.get_absolute_url()}file.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        written = archive.read("file.txt").decode()
    assert [row["name"] for row in manifest["files"]] == ["file.txt"]
    assert manifest["number"] == found.number
    for words in (TEXT, NAME, "You are right.", "The auditor was trained."):
        assert words in written


def test_each_step_is_taken_on_its_page(client, cast):
    found = filed(cast)
    address = found.get_absolute_url()
    cast.client(client, "manager")
    assert client.post(f"{address}do/acknowledge/").status_code == 302
    assert client.post(f"{address}do/admit/", {"handler": ""}).status_code == 422
    assert client.post(f"{address}do/admit/", {"handler": cast.owner.pk}).status_code == 422
    bad = {"handler": cast.planner.pk, "matter": "C-0"}
    assert client.post(f"{address}do/admit/", bad).status_code == 422
    assert client.post(f"{address}do/admit/", {"handler": cast.manager.pk}).status_code == 302
    assert client.post(f"{address}do/report/", {"text": "It is true."}).status_code == 302
    found.refresh_from_db()
    assert found.status == "reported"
    text = client.get(f"{address}do/decide/").content.decode()
    assert "It is true." in text


def test_an_owner_appeals_from_the_page_of_a_finding(client, cast):
    finding = closed_audit(cast, grades=("major",)).findings.get()
    address = reverse("certification:appeal_new", args=["finding", finding.pk])
    cast.client(client, "owner")
    assert address in client.get(finding.get_absolute_url()).content.decode()
    assert client.post(address, {"text": ""}).status_code == 422
    answer = client.post(address, {"text": "The record was there.", "files": picture()})
    appeal = Complaint.objects.get()
    assert answer["Location"] == appeal.get_absolute_url()
    assert client.get(address)["Location"] == appeal.get_absolute_url()
    assert appeal.number in client.get(finding.get_absolute_url()).content.decode()
    assert client.get(appeal.get_absolute_url()).status_code == 200
    cast.client(client, "manager")
    for page in (appeal, finding, finding.audit.case):
        assert appeal.number in client.get(page.get_absolute_url()).content.decode()


@pytest.mark.parametrize("who", ["member", "manager", "rival_owner", "supervisor", "anonymous"])
def test_only_an_owner_of_the_enterprise_appeals(client, cast, who):
    finding = closed_audit(cast, grades=("major",)).findings.get()
    cast.client(client, who)
    address = reverse("certification:appeal_new", args=["finding", finding.pk])
    assert client.post(address, {"text": "x"}).status_code in (302, 403, 404)
    assert not Complaint.objects.exists()


def test_the_lists_ask_as_much_for_three_as_for_one(client, cast):
    filed(cast)
    cast.client(client, "manager")
    client.get("/complaints/")
    one = count_queries(client, "/complaints/")
    acknowledged(cast)
    investigated(cast)
    assert count_queries(client, "/complaints/") == one


def test_a_page_with_a_long_file_asks_no_more(client, cast):
    found = investigated(cast)
    cast.client(client, "manager")
    address = found.get_absolute_url()
    client.get(address)
    before = count_queries(client, address)
    for _n in range(3):
        act(cast, found, "progress", "planner", text="Going on.")
    assert count_queries(client, address) == before <= 25


def test_appeals_are_among_the_enterprises_own(client, cast):
    finding = closed_audit(cast, grades=("major",)).findings.get()
    appeal = appealed(cast, About.FINDING, finding.pk)
    for who, sees in (("owner", True), ("rival_owner", False)):
        cast.client(client, who)
        assert (appeal.number in client.get("/complaints/").content.decode()) is sees
