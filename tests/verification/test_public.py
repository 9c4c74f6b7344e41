"""What the public reads of a certificate, and nothing else."""

import csv
import datetime as dt
import hashlib
import io
import json

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.utils import timezone

from certification.enums import Cause, CertificateStatus
from certification.models import Application, Certificate, CertificateRevision, Decision, Evaluation
from foundation import triggers
from organisations.enums import BodyStatus
from organisations.models import BodyProfile, Organisation
from tests.certification.casework import (
    PDF,
    SCOPE_EN,
    SCOPE_ZH,
    act,
    certified,
    certified_case,
    granted_case,
    opened_case,
    pdf_text,
)
from verification import queries
from verification.texts import ANSWERS, status_on

CANARY = "CANARYINTERNAL"
SUSPENSION = {"cause": Cause.MISUSE, "reason": CANARY}


def page(client, certificate, **headers):
    return client.get(f"/c/{certificate.code}/", headers=headers)


def facts(client, certificate) -> dict:
    answer = client.get(f"/c/{certificate.code}.json")
    assert answer.status_code == 200
    return json.loads(answer.content)


def until(days=90) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def suspended(cast) -> Certificate:
    return act(cast, certified(cast), "suspend", until=until(), **SUSPENSION)


def withdrawn(cast) -> Certificate:
    return act(cast, certified(cast), "withdraw", cause=Cause.MISUSE, reason=CANARY)


def cancelled(cast) -> Certificate:
    return act(cast, certified(cast), "cancel", reason=CANARY)


def run_out(certificate) -> Certificate:
    """Let the last day of a certificate pass, before any sweep has noticed."""
    rows = Certificate.objects.filter(pk=certificate.pk)
    rows.update(effective_on=until(-1096), expires_on=until(-1))
    return rows.get()


def expired(cast) -> Certificate:
    return run_out(certified(cast))


IN_EVERY_STATUS = {
    "valid": certified,
    "suspended": suspended,
    "withdrawn": withdrawn,
    "cancelled": cancelled,
    "expired": expired,
}


@pytest.mark.parametrize("status", IN_EVERY_STATUS)
def test_the_page_says_the_status_in_both_languages(cast, client, status):
    certificate = IN_EVERY_STATUS[status](cast)
    answer = page(client, certificate)
    text = answer.content.decode()
    words = ANSWERS[CertificateStatus(status)]
    assert answer.status_code == 200
    assert f'<h1>{words.en}<small lang="zh-Hans">{words.zh}</small></h1>' in text
    assert ("Download PDF" in text) is (status == "valid")
    assert facts(client, certificate)["status"] == status


@pytest.mark.parametrize("status", IN_EVERY_STATUS)
def test_only_paper_that_is_valid_is_handed_out(cast, client, status):
    certificate = IN_EVERY_STATUS[status](cast)
    answer = client.get(f"/c/{certificate.code}/certificate.pdf")
    assert answer.status_code == (200 if status == "valid" else 404)
    if status == "valid":
        assert b"".join(answer.streaming_content) == PDF


def test_a_certificate_is_expired_from_the_day_after_its_last_without_any_sweep(cast):
    certificate = certified(cast)
    last = certificate.expires_on
    assert status_on(certificate, last) == CertificateStatus.VALID
    assert status_on(certificate, last + dt.timedelta(days=1)) == CertificateStatus.EXPIRED


def test_what_ended_otherwise_does_not_become_expired(cast):
    certificate = withdrawn(cast)
    assert status_on(certificate, until(5000)) == CertificateStatus.WITHDRAWN


def test_programs_read_these_facts_and_no_others(cast, client):
    with time_machine.travel("2026-06-12T02:00:00Z", tick=False):
        certificate = certified(cast)
        answer = client.get(f"/c/{certificate.code}.json")
    revision = certificate.revisions.get()
    site = cast.enterprise.sites.get()
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert json.loads(answer.content) == {
        "number": "034 26 Q 00001 R0 S",
        "address": f"{settings.BASE_URL}/c/{certificate.code}/",
        "status": "valid",
        "reduced": False,
        "suspended_until": None,
        "holder": {
            "name_zh": cast.enterprise.name_zh,
            "name_en": cast.enterprise.name_en,
            "identifier": cast.enterprise.identifier,
        },
        "scheme": "QMS",
        "standard": {"iso": "ISO 9001:2015", "cn": "GB/T 19001-2016"},
        "scope_zh": SCOPE_ZH,
        "scope_en": SCOPE_EN,
        "sites": [
            {
                "name_zh": site.name_zh,
                "name_en": site.name_en,
                "address_zh": site.address_zh,
                "address_en": site.address_en,
                "scope_zh": site.activities_zh,
                "scope_en": site.activities_en,
            }
        ],
        "first_issued_on": "2026-06-12",
        "effective_on": "2026-06-12",
        "expires_on": "2029-06-11",
        "revision": 1,
        "issued_on": "2026-06-12",
        "content_sha256": revision.digest,
        "file_sha256": hashlib.sha256(PDF).hexdigest(),
        "body": {
            "name_zh": cast.body.name_zh,
            "name_en": cast.body.name_en,
            "approval_number": "CNCA-R-0000-034",
            "approval_lapsed": None,
            "accreditation_number": "",
        },
        "history": [
            {
                "on": "2026-06-12",
                "status": "valid",
                "cause": "issue",
                "revision": 1,
                "until": None,
            }
        ],
        "former_holders": [],
        "holder_merged_into": None,
        "checked_at": "2026-06-12T02:00:00+00:00",
    }


def test_a_suspension_is_public_with_its_cause_and_end(cast, client):
    certificate = suspended(cast)
    found = facts(client, certificate)
    assert found["suspended_until"] == until().isoformat()
    assert [(event["status"], event["cause"], event["until"]) for event in found["history"]] == [
        ("suspended", "misuse", until().isoformat()),
        ("valid", "issue", None),
    ]


def test_the_end_of_a_suspension_is_told_only_while_it_lasts(cast, client):
    certificate = suspended(cast)
    run_out(certificate)
    assert facts(client, certificate)["suspended_until"] is None


@pytest.mark.parametrize("status", ["suspended", "withdrawn", "cancelled"])
def test_words_of_the_decision_stay_with_the_parties(cast, client, status):
    certificate = IN_EVERY_STATUS[status](cast)
    Application.objects.update(processes=CANARY, contact_name=CANARY, contact_email="c@x.example")
    assert Decision.objects.filter(reason=CANARY).count() == 1
    for address in ("/", ".json", "/check-record.pdf"):
        answer = client.get(f"/c/{certificate.code}{address}")
        assert answer.status_code == 200
        pdf = address.endswith(".pdf")
        text = pdf_text(answer.content) if pdf else answer.content.decode()
        assert CANARY not in text
        for person in (cast.owner, cast.certifier, cast.auditor):
            assert person.name not in text


@pytest.mark.parametrize(
    "address", ["/", ".json", "/certificate.pdf", "/check-record.pdf"]
)  # fmt: skip
def test_what_is_being_issued_is_not_public(cast, client, address):
    certificate = granted_case(cast).certificates.get()
    assert client.get(f"/c/{certificate.code}{address}").status_code == 404
    assert client.get(f"/c/NOSUCHCODE{address}").status_code == 404
    assert client.get("/verify/", {"q": certificate.number}).status_code == 404
    assert list(queries.holders()) == []
    assert client.get(f"/directory/organisations/{cast.enterprise.pk}/").status_code == 404


def test_a_revision_being_issued_is_not_public(cast, client):
    certificate = certified(cast)
    act(cast, certificate, "correct", holder={"name_en": "Lanhai Gears Ltd."})
    assert certificate.revisions.count() == 2
    found = facts(client, certificate)
    assert (found["revision"], found["holder"]["name_en"]) == (1, cast.enterprise.name_en)


def test_a_reduced_scope_counts_at_once(cast, client):
    certificate = certified(cast)
    act(cast, certificate, "reduce", scope_zh="齿轮箱的生产", scope_en="Manufacture of gearboxes")
    found = facts(client, certificate)
    assert (found["reduced"], found["scope_en"]) == (True, "Manufacture of gearboxes")
    assert "Scope reduced" in page(client, certificate).content.decode()


def test_the_page_is_one_request_without_a_script_and_may_be_kept_a_minute(cast, client):
    answer = page(client, certified(cast))
    text = answer.content.decode()
    assert "<script" not in text
    assert "stylesheet" not in text
    assert answer["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize(
    "typed",
    [
        "034 26 Q 00001 R0 S",
        "03426q00001r0s",
        "034-26-Q-00001-R0-S",
        "０３４ ２６ Ｑ ００００１ Ｒ０ Ｓ",
        "code",
        "identifier",
        "蓝海精密",
        "lanhai",
    ],
)
def test_a_certificate_is_found_as_people_type(cast, client, typed):
    with time_machine.travel("2026-06-12T02:00:00Z", tick=False):
        certificate = certified(cast)
    typed = {"code": certificate.code.lower(), "identifier": cast.enterprise.identifier}.get(
        typed, typed
    )
    answer = client.get("/verify/", {"q": typed})
    assert (answer.status_code, answer["Location"]) == (302, f"/c/{certificate.code}/")


def test_a_slip_in_the_number_leads_to_what_comes_near(cast, client):
    certificate = certified(cast)
    found = queries.find(certificate.number.replace("00001", "00007"))
    assert (found.certificates, found.near) == ([], [certificate])
    assert queries.find("034").near == []
    assert client.get("/verify/", {"q": "No such thing 77"}).status_code == 404


def test_one_letter_finds_nobody_by_name(cast):
    certified(cast)
    assert queries.find("宁").certificates == []
    assert len(queries.find("宁波").certificates) == 1


def test_several_certificates_are_listed(cast, client):
    certified_case(cast, schemes=("QMS", "EMS"))
    answer = client.get("/verify/", {"q": "lanhai"})
    assert answer.status_code == 200
    assert {row["certificate"].scheme.code for row in answer.context["rows"]} == {"QMS", "EMS"}


def test_ten_check_records_a_minute_are_made(cast, client):
    address = f"/c/{certified(cast).code}/check-record.pdf"
    with time_machine.travel("2026-06-12T02:00:00Z", tick=False):
        answers = [client.get(address) for _n in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert answers[-1]["Retry-After"] == "60"
    other = client.get(address, REMOTE_ADDR="203.0.113.9")
    assert other.status_code == 200


def test_the_check_record_says_what_the_page_said(cast, client):
    certificate = suspended(cast)
    text = pdf_text(client.get(f"/c/{certificate.code}/check-record.pdf").content)
    for words in ("暂停 Suspended", certificate.number, cast.enterprise.identifier):
        assert words in text


def rows_of(answer) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))[1:]


def test_the_directory_names_who_was_ever_certified(cast, client):
    assert client.get("/directory/").context["page"].paginator.count == 0
    certificate = certified(cast)
    Organisation.objects.filter(pk=cast.enterprise.pk).update(name_en="=cmd()")
    line = [cast.enterprise.name_zh, "'=cmd()", cast.enterprise.identifier]
    assert rows_of(client.get("/directory/export/")) == [[*line, "1"]]
    assert rows_of(client.get("/directory/export/", {"q": "nobody"})) == []
    act(cast, certificate, "withdraw", cause=Cause.MISUSE)
    assert rows_of(client.get("/directory/export/")) == [[*line, "0"]]


def test_the_directory_names_the_bodies_that_are_admitted(cast, client):
    def shown() -> set:
        return {row["body"].pk for row in client.get("/directory/").context["bodies"]}

    assert shown() == {cast.body.pk, cast.rival_body.pk}
    BodyProfile.objects.filter(organisation=cast.rival_body).update(status=BodyStatus.SUSPENDED)
    assert shown() == {cast.body.pk}
    assert client.get(f"/directory/bodies/{cast.body.pk}/").status_code == 200
    assert client.get(f"/directory/bodies/{cast.rival_body.pk}/").status_code == 404


def test_ratings_of_a_body_are_public_from_five_on(cast, client):
    case = opened_case(cast)

    def rate(serial):
        Evaluation.objects.create(
            case=case, cycle=1, moment="audit", subject_id=case.pk.__class__(int=serial),
            status="given", ratings={"fairness": 4}, mean=4, comment=CANARY,
            given_at=timezone.now(), given_by=cast.owner,
        )  # fmt: skip

    def rating():
        return client.get(f"/directory/bodies/{cast.body.pk}/").context["rating"]

    for serial in range(1, 5):
        rate(serial)
    assert (rating(), queries.ratings_of(queries.bodies())) == (None, {})
    rate(5)
    assert (rating().mean, rating().count) == (4, 5)
    assert queries.ratings_of(queries.bodies())[cast.body.pk]["count"] == 5
    text = client.get(f"/directory/bodies/{cast.body.pk}/").content.decode()
    assert CANARY not in text
    assert cast.enterprise.name_en not in text


def test_a_holder_s_page_lists_everything_ever_issued_to_it(cast, client):
    case = certified_case(cast, schemes=("QMS", "EMS"))
    act(cast, case.certificates.first(), "withdraw", cause=Cause.MISUSE)
    answer = client.get(f"/directory/organisations/{cast.enterprise.pk}/")
    assert answer.status_code == 200
    assert len(answer.context["rows"]) == 2
    for certificate in case.certificates.all():
        assert f"/c/{certificate.code}/" in answer.content.decode()
    rival = client.get(f"/directory/organisations/{cast.rival_enterprise.pk}/")
    assert rival.status_code == 404
    assert CertificateRevision.objects.count() == 2


# What was issued, and nothing else.


@pytest.mark.parametrize("what", ["document", "content", "missing"])
def test_nobody_vouches_for_what_is_not_what_was_issued(cast, client, what, caplog):
    certificate = certified(cast)
    revision = certificate.current_revision
    if what == "document":
        revision.file.path.write_bytes(revision.file.path.read_bytes()[:-1] + b"X")
    elif what == "missing":
        revision.file.path.unlink()
    else:
        with triggers.suspended(connection):
            type(revision).objects.filter(pk=revision.pk).update(
                content=revision.content | {"scope_en": "Everything"}
            )
    address = f"/c/{certificate.code}/"
    page = client.get(address)
    assert page.status_code == 503
    assert "is not what was issued" in page.content.decode()
    assert certificate.holder_en not in page.content.decode()
    assert client.get(f"{address[:-1]}.json").status_code == 503
    assert client.get(f"{address}certificate.pdf").headers["Location"] == address
    assert certificate.number in caplog.text
