"""The pages of offers: making one, reading it, signing it."""

import datetime as dt
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from certification.enums import ApplicationStatus
from certification.models import Offer, Signature
from certification.queries.review import current_offer
from foundation import jobs
from foundation.models import Job, JournalEntry
from tests.certification.contractwork import (
    LINES,
    PASSWORD,
    accepted,
    act,
    fresh,
    offer_facts,
    offered,
    signed,
)

S = ApplicationStatus
OK = 200


def do(application, action):
    return reverse("certification:application_do", args=[application.pk, action])


def page(cast, client, person, application):
    return cast.client(client, person).get(current_offer(application).get_absolute_url())


def typed(*lines, **changes):
    """Return what a browser sends from the form of an offer."""
    data = {
        "lines-TOTAL_FORMS": str(len(lines)),
        "lines-INITIAL_FORMS": "0",
        "currency": "CNY",
        "valid_until": (timezone.localdate() + dt.timedelta(days=20)).isoformat(),
        "terms": "Half on signature.",
        "send": "1",
    }
    for number, (zh, en, quantity, price) in enumerate(lines):
        data |= {
            f"lines-{number}-zh": zh,
            f"lines-{number}-en": en,
            f"lines-{number}-quantity": quantity,
            f"lines-{number}-unit_price": price,
        }
    return {key: value for key, value in (data | changes).items() if value is not None}


REVIEW = ("申请评审", "Review", "1", "2000")
AUDIT = ("审核", "", "5.5", "3000.50")
EMPTY = ("", "", "1", "")
UNTOUCHED = ("", "", "", "")


def test_a_manager_makes_an_offer(cast, client):
    application = accepted(cast)
    manager = cast.client(client, "manager")
    shown = manager.get(do(application, "offer"))
    assert shown.status_code == 200
    assert "Application and review" in shown.content.decode()
    answer = manager.post(do(application, "offer"), typed(REVIEW, AUDIT, EMPTY, UNTOUCHED))
    offer = Offer.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, offer.get_absolute_url())
    assert [(line["zh"], line["en"], line["amount"]) for line in offer.lines] == [
        ("申请评审", "Review", "2000.00"),
        ("审核", "审核", "16502.75"),
    ]
    assert str(offer.total) == "18502.75"


def test_computing_the_sum_sends_nothing(cast, client):
    application = accepted(cast)
    manager = cast.client(client, "manager")
    answer = manager.post(do(application, "offer"), typed(REVIEW, AUDIT, send=None))
    assert answer.status_code == 200
    assert "CNY\xa018,502.75" in answer.content.decode()
    part = manager.post(
        do(application, "offer"), typed(REVIEW, send=None), headers={"HX-Request": "true"}
    )
    assert part.templates[0].name == "certification/offer_sum.html"
    assert "CNY\xa02,000.00" in part.content.decode()
    assert not Offer.objects.exists()


def test_a_change_with_the_pressed_button_sends_nothing(cast, client):
    application = accepted(cast)
    manager = cast.client(client, "manager")
    answer = manager.post(do(application, "offer"), typed(REVIEW, AUDIT, send=None))
    assert answer.status_code == 200
    assert "CNY\xa018,502.75" in answer.content.decode()
    part = manager.post(do(application, "offer"), typed(REVIEW), headers={"HX-Request": "true"})
    assert part.templates[0].name == "certification/offer_sum.html"
    assert "CNY\xa02,000.00" in part.content.decode()
    assert not Offer.objects.exists()


def test_a_line_can_be_added_without_a_script(cast, client):
    application = accepted(cast)
    manager = cast.client(client, "manager")
    answer = manager.post(do(application, "offer"), typed(REVIEW, send=None, more="1"))
    assert len(answer.context["form"].fee_lines.forms) == 2
    assert 'value="2000"' in answer.content.decode()


@pytest.mark.parametrize(
    ("lines", "changes", "said"),
    [
        ([("", "Review", "1", "")], {}, "Enter the price of one, or empty the line."),
        ([("", "Review", "", "5")], {}, "Enter the quantity, or empty the line."),
        ([("", "", "1", "5")], {}, "Say what this fee is for."),
        ([("", "Review", "1", "-5")], {}, "greater than or equal to 0"),
        ([("", "Review", "1", "1e3")], {"valid_until": "2020-01-01"},
         "Choose a day that is still to come."),
        ([REVIEW], {"currency": "XYZ"}, "Select a valid choice"),
    ],
)  # fmt: skip
def test_an_impossible_offer_is_refused_and_kept(cast, client, lines, changes, said):
    application = accepted(cast)
    manager = cast.client(client, "manager")
    answer = manager.post(do(application, "offer"), typed(*lines, **changes))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "Half on signature." in answer.content.decode()
    assert not Offer.objects.exists()


def test_an_offer_without_lines_says_so(cast, client):
    application = accepted(cast)
    answer = cast.client(client, "manager").post(do(application, "offer"), typed(EMPTY))
    assert answer.status_code == 409
    assert "An offer needs at least one fee line." in answer.content.decode()


def test_the_owner_reads_everything_in_one_place(cast, client):
    application = offered(cast)
    answer = page(cast, client, "owner", application)
    html = answer.content.decode()
    offer = current_offer(application)
    for said in ("CNY\xa018,500.00", offer.file.sha256, "Half on signature.", "Sign the contract",
                 do(application, "sign"), do(application, "reject"),
                 reverse("certification:audit_time", args=[application.pk])):  # fmt: skip
        assert said in html
    for line in LINES:
        assert line.en in html


def test_a_member_reads_and_does_not_sign(cast, client):
    application = offered(cast)
    html = page(cast, client, "member", application).content.decode()
    assert do(application, "sign") not in html
    member = cast.client(client, "member")
    assert member.get(do(application, "sign")).status_code == 403


def test_the_manager_sees_the_offer_and_may_make_a_new_one(cast, client):
    application = offered(cast)
    html = page(cast, client, "manager", application).content.decode()
    assert do(application, "offer") in html
    assert do(application, "sign") not in html


@pytest.mark.parametrize(
    ("person", "status"),
    [("auditor", 404), ("rival_owner", 404), ("rival_manager", 404), ("supervisor", 200),
     ("operator", 200), ("anonymous", 302)],
)  # fmt: skip
def test_who_else_reads_an_offer(cast, client, person, status):
    application = offered(cast)
    assert page(cast, client, person, application).status_code == status
    missing = client.get(reverse("certification:offer", args=[uuid4()]))
    assert missing.status_code == (302 if person == "anonymous" else 404)


def test_foreign_people_cannot_act(cast, client):
    application = offered(cast)
    assert cast.client(client, "rival_owner").get(do(application, "sign")).status_code == 404
    assert cast.client(client, "rival_owner").post(do(application, "reject")).status_code == 404
    assert cast.client(client, "rival_manager").get(do(application, "offer")).status_code == 404


def test_the_page_waits_for_its_document(cast, client):
    application = offered(cast, ready=False)
    html = page(cast, client, "owner", application).content.decode()
    assert "data-poll=" in html
    region = client.get(current_offer(application).get_absolute_url(), headers={"X-Poll": "1"})
    assert region.templates[0].name == "certification/offer_documents.html"
    jobs.run_due()
    html = page(cast, client, "owner", application).content.decode()
    assert "data-poll=" not in html


def test_a_failed_document_can_be_tried_again_by_the_body(cast, client):
    application = offered(cast, ready=False)
    Job.objects.filter(kind="certification.render_offer").update(state="failed", error="No font")
    html = page(cast, client, "manager", application).content.decode()
    job = Job.objects.get(kind="certification.render_offer")
    assert reverse("foundation:job_retry", args=[job.pk]) in html
    assert "No font" in html
    html = page(cast, client, "owner", application).content.decode()
    assert "No font" not in html
    assert "data-poll=" in html


def sign(cast, client, application, person="owner", **changes):
    client = cast.client(client, person)
    shown = client.get(do(application, "sign"))
    data = {
        "name": cast.owner.name,
        "password": PASSWORD,
        "agreed": "on",
        "sha256": shown.context["form"].initial["sha256"],
    }
    return client.post(do(application, "sign"), data | changes, REMOTE_ADDR="192.0.2.7")


def test_signing_shows_the_hash_and_takes_it_back(cast, client):
    application = offered(cast)
    offer = current_offer(application)
    shown = cast.client(client, "owner").get(do(application, "sign")).content.decode()
    assert shown.count(offer.file.sha256) == 2
    answer = sign(cast, client, application)
    assert (answer.status_code, answer["Location"]) == (302, offer.get_absolute_url())
    signature = Signature.objects.get()
    assert (signature.sha256, signature.address) == (offer.file.sha256, "192.0.2.7")
    assert fresh(application).status == S.SIGNED


def test_a_wrong_password_signs_nothing_and_keeps_what_was_typed(cast, client):
    application = offered(cast)
    answer = sign(cast, client, application, password="not it")
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "This is not your password. Nothing was changed." in html
    assert f'value="{cast.owner.name}"' in html
    assert "not it" not in html
    assert "checked" in html
    assert not Signature.objects.exists()


def test_guessing_passwords_is_stopped_even_for_the_right_one(cast, client):
    application = offered(cast)
    for _attempt in range(5):
        assert sign(cast, client, application, password="guess").status_code == 422
    answer = sign(cast, client, application)
    assert answer.status_code == 429
    html = answer.content.decode()
    assert "Too many failed login attempts. Try again later." in html
    assert f'value="{cast.owner.name}"' in html
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "Somebody Else"}, "Type your own full name, as it stands in your account."),
        ({"agreed": ""}, "Tick this to sign."),
        ({"password": ""}, "Fill in “Your password”."),
    ],
)
def test_an_incomplete_signature_is_refused(cast, client, changes, said):
    application = offered(cast)
    answer = sign(cast, client, application, **changes)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_page_opened_before_the_offer_changed_signs_nothing(cast, client):
    application = offered(cast)
    old = current_offer(application).file.sha256
    act(application, "offer", cast.actor("manager"), **offer_facts(terms="Other terms."))
    jobs.run_due()
    answer = sign(cast, client, application, sha256=old)
    assert answer.status_code == 409
    assert "The offer has changed since you opened this page." in answer.content.decode()
    assert not Signature.objects.exists()


def test_an_expired_offer_says_so_and_offers_no_signature(cast, client):
    application = offered(cast)
    with time_machine.travel(timezone.now() + dt.timedelta(days=31), tick=False):
        html = page(cast, client, "owner", application).content.decode()
        assert "This offer has expired" in html
        assert do(application, "sign") not in html
        answer = sign(cast, client, application)
        assert answer.status_code == 409


def test_a_replaced_version_leads_to_the_present_one(cast, client):
    application = offered(cast)
    first = current_offer(application)
    act(application, "offer", cast.actor("manager"), **offer_facts())
    jobs.run_due()
    html = cast.client(client, "owner").get(first.get_absolute_url()).content.decode()
    assert "A newer version has replaced this one." in html
    assert current_offer(application).get_absolute_url() in html
    assert do(application, "sign") not in html


def test_rejecting_asks_on_a_page_of_its_own(cast, client):
    application = offered(cast)
    owner = cast.client(client, "owner")
    assert "nothing is due" in owner.get(do(application, "reject")).content.decode()
    assert owner.post(do(application, "reject"), {"reason": ""}).status_code == 422
    assert owner.post(do(application, "reject"), {"reason": "Too dear."}).status_code == 302
    assert fresh(application).status == S.REJECTED


def test_the_signed_page_shows_signature_and_contract(cast, client):
    application = signed(cast)
    jobs.run_due()
    for person in ("owner", "manager"):
        html = page(cast, client, person, application).content.decode()
        assert "Certification contract" in html
        assert Signature.objects.get().name_typed in html
        assert "Signed contract" in html


def test_both_sides_download_the_documents_and_others_do_not(cast, client):
    application = signed(cast)
    jobs.run_due()
    offer = current_offer(application)
    for person, status in (("owner", 200), ("manager", 200), ("auditor", 404),
                           ("rival_owner", 404), ("rival_manager", 404)):  # fmt: skip
        answer = cast.client(client, person).get(offer.file.get_absolute_url())
        assert answer.status_code == status
        if status == OK:
            assert b"".join(answer.streaming_content).startswith(b"%PDF-")


def test_the_password_is_in_no_journal_and_no_job(cast, client):
    application = offered(cast)
    sign(cast, client, application)
    said = [str(entry.data) for entry in JournalEntry.objects.all()]
    said += [str(job.payload) for job in Job.objects.all()]
    assert not [text for text in said if PASSWORD in text]
