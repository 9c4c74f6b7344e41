"""Offers and contracts: amounts, versions, documents, signatures."""

import datetime as dt
import hashlib
import json
from decimal import Decimal
from io import BytesIO

import pikepdf
import pytest
import time_machine
from django.utils import timezone

from certification.documents.offer import build_context, offer_pdf
from certification.enums import ApplicationStatus, Part
from certification.flows import offers as flow
from certification.models import Application, Involvement, Offer, Signature
from certification.queries.review import current_offer
from certification.services import offers as services
from certification.services.offers import FeeLine, same_name, total_of
from foundation import files, jobs
from foundation.canonical import digest
from foundation.models import Job, JournalEntry, Notice
from foundation.workflow import Incomplete, NotAllowed, WrongState
from tests.certification.contractwork import (
    JUSTIFICATION,
    LINES,
    NOTE,
    accepted,
    act,
    fresh,
    offer_facts,
    offered,
    reviewed,
    signed,
    signing,
)

S = ApplicationStatus


def in_status(application, status):
    """Return the application as if it stood there: the first offer and the next ask the same."""
    Application.objects.filter(pk=application.pk).update(status=status)
    return fresh(application)


def texts(refusal):
    return [str(blocker) for blocker in refusal.value.blockers]


@pytest.mark.parametrize(
    ("quantity", "price", "amount"),
    [("1", "2000", "2000.00"), ("5.5", "3000", "16500.00"), ("0.33", "0.05", "0.02"),
     ("3", "0.335", "1.01"), ("0", "12.34", "0.00")],
)  # fmt: skip
def test_an_amount_is_rounded_to_the_cent(quantity, price, amount):
    assert FeeLine("", "", Decimal(quantity), Decimal(price)).amount == Decimal(amount)


def test_the_total_is_the_sum_of_the_amounts():
    assert total_of(list(LINES)) == Decimal("18500.00")
    assert total_of([]) == Decimal("0.00")


def test_an_offer_freezes_its_text(cast):
    application = offered(cast)
    offer = Offer.objects.get()
    assert (offer.version, offer.total, offer.currency) == (1, Decimal("18500.00"), "CNY")
    assert offer.lines[1] == {
        "zh": "审核（人日）",
        "en": "Audit (days)",
        "quantity": "5.5",
        "unit_price": "3000.00",
        "amount": "16500.00",
    }
    calculation = application.calculations.get()
    assert offer.calculation == calculation
    snapshot = offer.snapshot
    assert snapshot["enterprise"]["zh"] == cast.enterprise.name_zh
    assert snapshot["body"]["approval"] == cast.body.body_profile.approval_number
    assert [row["standard"] for row in snapshot["schemes"]] == ["GB/T 19001-2016 / ISO 9001:2015"]
    assert snapshot["audit_time"]["lines"] == calculation.result["lines"]
    assert snapshot["total"] == "18500.00"
    cast.enterprise.name_zh = "改名有限公司"
    cast.enterprise.save()
    assert Offer.objects.get().snapshot == snapshot


def test_the_document_is_made_once_and_then_the_owner_is_told(cast):
    offered(cast, ready=False)
    assert Offer.objects.get().file is None
    assert not Notice.objects.filter(kind="offer.made").exists()
    jobs.run_due()
    offer = Offer.objects.get()
    data = files.read(offer.file)
    assert data.startswith(b"%PDF-")
    assert hashlib.sha256(data).hexdigest() == offer.file.sha256
    assert [notice.recipient for notice in Notice.objects.filter(kind="offer.made")] == [cast.owner]
    job = Job.objects.get(kind="certification.render_offer")
    Job.objects.filter(pk=job.pk).update(state="queued")
    jobs.run_due()
    assert Offer.objects.get().file == offer.file
    assert Notice.objects.filter(kind="offer.made").count() == 1


def test_the_document_carries_the_facts_it_was_made_from(cast):
    offered(cast)
    offer = Offer.objects.get()
    with pikepdf.open(BytesIO(files.read(offer.file))) as pdf:
        facts = json.loads(pdf.attachments["offer.json"].get_file().read_bytes())
    assert facts == offer.snapshot
    context = build_context(offer.snapshot)
    assert context["digest"] == digest(offer.snapshot)


def test_the_same_snapshot_gives_the_same_bytes(cast):
    offered(cast)
    offer = Offer.objects.get()
    assert offer_pdf(offer) == files.read(offer.file)


def test_a_new_version_replaces_the_outstanding_one(cast):
    application = offered(cast)
    application = act(
        application, "offer", cast.actor("manager"),
        **offer_facts(lines=[FeeLine("全部", "All", Decimal(1), Decimal(9000))]),
    )  # fmt: skip
    assert application.status == S.OFFERED
    assert [offer.version for offer in application.offers.all()] == [2, 1]
    assert current_offer(application).total == Decimal("9000.00")
    first = application.offers.get(version=1)
    shown = {"name": cast.owner.name, "sha256": first.file.sha256}
    with pytest.raises(Incomplete) as refusal:
        act(application, "sign", cast.actor("owner"), **shown)
    assert texts(refusal) == [
        "The document of the offer is still being made. Come back in a minute."
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"lines": []}, "An offer needs at least one fee line."),
        ({"valid_until": dt.date(2020, 1, 1)},
         "The offer would be expired before anybody reads it."),
        ({"valid_until": None}, "Something is missing."),
        ({"currency": ""}, "Something is missing."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [S.ACCEPTED, S.OFFERED])
def test_an_offer_must_be_complete(cast, changes, expected, status):
    application = in_status(accepted(cast), status)
    with pytest.raises(Incomplete) as refusal:
        act(application, "offer", cast.actor("manager"), **offer_facts(**changes))
    assert texts(refusal) == [expected]
    assert not Offer.objects.exists()


@pytest.mark.parametrize("status", [S.ACCEPTED, S.OFFERED])
def test_an_offer_needs_an_audit_time(cast, status):
    application = in_status(accepted(cast), status)
    application.calculations.all().delete()
    with pytest.raises(Incomplete) as refusal:
        act(application, "offer", cast.actor("manager"), **offer_facts())
    assert texts(refusal) == ["The audit time is not computed."]


def test_signing_opens_the_case_and_makes_the_contract(cast):
    application = signed(cast)
    assert application.status == S.SIGNED
    signature = Signature.objects.get()
    offer = Offer.objects.get()
    assert (signature.signed_by, signature.name_typed, signature.sha256, signature.address) == (
        cast.owner, cast.owner.name, offer.file.sha256, "10.0.0.1",
    )  # fmt: skip
    case = fresh(application).case
    assert (case.enterprise, case.body) == (cast.enterprise, cast.body)
    involved = Involvement.objects.filter(case=case, part=Part.REVIEW)
    assert [row.user for row in involved] == [cast.reviewer]
    jobs.run_due()
    contract = services.contract_of(offer)
    assert contract.pk != offer.file_id
    with pikepdf.open(BytesIO(files.read(contract))) as pdf:
        facts = json.loads(pdf.attachments["contract.json"].get_file().read_bytes())
    assert facts["signature"]["sha256"] == offer.file.sha256
    assert facts["signature"]["name"] == cast.owner.name
    assert {key: facts[key] for key in offer.snapshot} == offer.snapshot
    told = Notice.objects.filter(kind="offer.signed")
    assert {notice.recipient for notice in told} == {cast.manager, cast.planner}


def test_an_expired_offer_cannot_be_signed(cast):
    application = offered(cast)
    later = timezone.now() + dt.timedelta(days=31)
    with time_machine.travel(later, tick=False), pytest.raises(Incomplete) as refusal:
        act(application, "sign", cast.actor("owner"), **signing(cast, application))
    assert texts(refusal) == ["This offer has expired. Ask the certification body for a new one."]
    last_day = timezone.now() + dt.timedelta(days=30)
    with time_machine.travel(last_day, tick=False):
        act(application, "sign", cast.actor("owner"), **signing(cast, application))


@pytest.mark.parametrize("changes", [{"sha256": "0" * 64}, {"sha256": "A"}])
def test_another_hash_than_the_one_shown_is_refused(cast, changes):
    application = offered(cast)
    with pytest.raises(Incomplete) as refusal:
        act(application, "sign", cast.actor("owner"), **signing(cast, application, **changes))
    assert texts(refusal) == [
        "The offer has changed since you opened this page. Read the present one first."
    ]
    assert not Signature.objects.exists()


def test_a_damaged_document_cannot_be_signed(cast):
    application = offered(cast)
    file = current_offer(application).file
    file.path.write_bytes(files.read(file)[:-1] + b"x")
    with pytest.raises(Incomplete) as refusal:
        act(application, "sign", cast.actor("owner"), **signing(cast, application))
    assert texts(refusal) == [
        "The stored document is damaged, so it cannot be signed. The body must offer anew."
    ]


def test_signing_in_another_name_is_refused(cast):
    application = offered(cast)
    with pytest.raises(Incomplete) as refusal:
        act(
            application, "sign", cast.actor("owner"),
            **signing(cast, application, name=cast.member.name),
        )  # fmt: skip
    assert texts(refusal) == ["Type your own full name, as it stands in your account."]


@pytest.mark.parametrize(
    ("typed", "same"),
    [("Anna  Bauer", True), ("anna bauer", True), ("ＡｎｎａBauer", True), ("包安娜", True),
     ("Anna", False), ("", False), ("Anna Bäuer", False)],
)  # fmt: skip
def test_a_name_is_compared_loosely(cast, typed, same):
    cast.owner.name, cast.owner.name_latin = "包安娜", "Anna Bauer"
    assert same_name(typed, cast.owner) is same


def test_rejecting_ends_the_application_with_its_reason(cast):
    application = offered(cast)
    application = act(application, "reject", cast.actor("owner"), reason="Too dear.")
    assert application.status == S.REJECTED
    notice = Notice.objects.get(kind="offer.rejected")
    assert (notice.recipient, notice.params["reason"]) == (cast.manager, "Too dear.")
    with pytest.raises(WrongState):
        act(application, "sign", cast.actor("owner"), **signing(cast, application))


OTHERS = ("member", "manager", "reviewer", "planner", "auditor", "certifier", "supervisor",
          "inspector", "operator", "rival_owner", "rival_manager", "anonymous")  # fmt: skip


def test_only_an_owner_of_the_enterprise_signs_or_rejects(cast):
    application = offered(cast)
    facts = signing(cast, application)
    for person in OTHERS:
        for action in ("sign", "reject"):
            with pytest.raises(NotAllowed):
                act(application, action, cast.actor(person), **facts, reason="x")


def test_only_a_manager_of_the_body_offers(cast):
    application = accepted(cast)
    for person in (set(OTHERS) | {"owner"}) - {"manager"}:
        with pytest.raises(NotAllowed):
            act(application, "offer", cast.actor(person), **offer_facts())


def test_an_offer_before_the_acceptance_is_refused(cast):
    application = reviewed(cast)
    with pytest.raises(WrongState):
        act(application, "offer", cast.actor("manager"), **offer_facts())


def test_who_sees_an_offer_and_its_file(cast):
    application = offered(cast)
    offer = current_offer(application)
    seen = {
        person
        for person in (*OTHERS, "owner")
        if Offer.objects.visible_to(cast.actor(person)).filter(pk=offer.pk).exists()
    }
    readable = {
        person for person in (*OTHERS, "owner") if files.may_read(cast.actor(person), offer.file)
    }
    both = {"owner", "member", "manager", "reviewer", "planner", "certifier", "supervisor",
            "inspector", "operator"}  # fmt: skip
    assert seen == both
    assert readable == both


def test_nothing_internal_is_in_the_offer(cast):
    application = offered(cast)
    said = json.dumps(current_offer(application).snapshot, ensure_ascii=False)
    assert NOTE not in said
    assert JUSTIFICATION not in said


def test_the_journal_tells_the_version_and_the_total(cast):
    application = offered(cast)
    entry = JournalEntry.objects.get(verb="application.offer")
    assert entry.data == {"version": 1, "total": "CNY 18500.00"}
    assert entry.thread == application.pk


def test_usual_lines_come_from_the_calculation_and_then_from_the_last_offer(cast):
    application = accepted(cast)
    days = format(application.calculations.get().total_days.normalize(), "f")
    assert [line["quantity"] for line in services.usual_lines(application)] == ["1", days, "1"]
    act(application, "offer", cast.actor("manager"), **offer_facts())
    assert services.usual_lines(application) == [line.as_data() for line in LINES]
    assert services.usual_terms(application) == "Half on signature."
    assert services.valid_until(application) == timezone.localdate() + dt.timedelta(days=30)


def test_an_offer_without_its_document_cannot_be_signed(cast):
    application = offered(cast, ready=False)
    with pytest.raises(Incomplete) as refusal:
        act(application, "sign", cast.actor("owner"), name=cast.owner.name, sha256="0" * 64)
    assert [str(blocker) for blocker in refusal.value.blockers] == [
        "The document of the offer is still being made. Come back in a minute."
    ]


def test_guards_answer_without_data_as_pages_ask_them(cast):
    application = offered(cast)
    owner = cast.actor("owner")
    for guard in (flow.document_is_the_one_shown, flow.signs_in_own_name, flow.stays_open,
                  flow.has_fees, flow.is_not_expired, flow.document_is_ready):  # fmt: skip
        assert list(guard(application, owner, None)) == []
