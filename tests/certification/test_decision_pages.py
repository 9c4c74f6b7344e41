"""The decision desk, the register, the page of a certificate, and the confirm pages."""

import csv
import datetime as dt
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from certification.enums import AuditKind, CaseStatus, Cause, CertificateStatus, Part
from certification.models import Case, Certificate, Decision, Involvement
from foundation import jobs
from foundation.models import Job, JournalEntry, Notice
from tests.certification.casework import (
    PDF,
    act,
    audited,
    certified,
    certified_case,
    deciding_case,
    granted_case,
    opened_case,
    pdf_text,
)
from tests.people import PASSWORD

MOST_QUERIES = 25


def desk(case):
    return reverse("certification:decision", args=[case.pk])


def do(obj, action):
    name = "case_do" if isinstance(obj, Case) else "certificate_do"
    return reverse(f"certification:{name}", args=[obj.pk, action])


def in_days(days):
    return (timezone.localdate() + dt.timedelta(days=days)).isoformat()


# The desk.


def test_the_desk_lists_what_stands_in_the_way_with_links(cast, client):
    case = deciding_case(cast)
    case.outcomes.filter(kind=AuditKind.STAGE_2).update(open_majors=1)
    page = cast.client(client, "certifier").get(desk(case))
    assert [str(row.message) for row in page.context["blockers"]] == [
        "Stage 2 audit: 1 major nonconformity is not verified and closed."
    ]
    assert '<a href="/audits/1/">Stage 2 audit: 1 major' in page.content.decode()
    assert do(case, "grant") in page.content.decode()


def test_the_desk_says_why_a_certifier_may_not_decide(cast, client):
    case = deciding_case(cast)
    Involvement.objects.create(case=case, cycle=1, user=cast.certifier, part=Part.AUDIT)
    text = cast.client(client, "certifier").get(desk(case)).content.decode()
    assert "You audited in this cycle, so somebody else decides." in text
    assert do(case, "grant") not in text


def test_the_desk_offers_only_the_decision_that_is_due(cast, client):
    case = certified_case(cast)
    audited(case, AuditKind.SURVEILLANCE_1)
    text = cast.client(client, "certifier").get(desk(case)).content.decode()
    offered = [
        action
        for action in ("grant", "maintain", "renew", "extend", "send_back", "refuse")
        if do(case, action) in text
    ]
    assert offered == ["maintain", "send_back"]
    assert do(case, "decline_change") not in text
    assert "as it would be issued today" not in text


@pytest.mark.parametrize("who", ["reviewer", "planner", "manager"])
def test_colleagues_read_the_desk_without_deciding(cast, client, who):
    case = deciding_case(cast)
    page = cast.client(client, who).get(desk(case))
    assert page.status_code == 200
    assert do(case, "grant") not in page.content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("owner", 403),
        ("auditor", 403),
        ("supervisor", 403),
        ("rival_owner", 403),
        ("rival_manager", 404),
        ("anonymous", 302),
    ],
)
def test_the_desk_is_closed_to_everybody_else(cast, client, who, status):
    case = deciding_case(cast)
    assert cast.client(client, who).get(desk(case)).status_code == status
    draft = reverse("certification:decision_draft", args=[case.pk, 1])
    assert client.get(draft).status_code == status


def test_the_draft_is_a_pdf_marked_as_a_draft(cast, client):
    case = deciding_case(cast)
    address = reverse("certification:decision_draft", args=[case.pk, 1])
    answer = cast.client(client, "certifier").get(address)
    assert answer["Content-Type"] == "application/pdf"
    assert "Draft, not valid" in pdf_text(answer.content)
    assert Certificate.objects.count() == 0
    other = reverse("certification:decision_draft", args=[case.pk, 2])
    assert client.get(other).status_code == 404


def test_a_draft_that_cannot_be_printed_says_which_character(cast, client):
    case = deciding_case(cast)
    type(case.application).objects.update(scope_en="Gears \U0001f600")
    address = reverse("certification:decision_draft", args=[case.pk, 1])
    answer = cast.client(client, "certifier").get(address)
    assert answer.status_code == 409
    assert "No font can print these characters: \U0001f600." in answer.content.decode()


def test_the_desk_takes_as_many_queries_for_one_certificate_as_for_two(
    cast, client, django_assert_max_num_queries
):
    counts = []
    for schemes in (("QMS",), ("QMS", "EMS")):
        case = deciding_case(cast, schemes=schemes)
        cast.client(client, "certifier")
        with django_assert_max_num_queries(MOST_QUERIES) as captured:
            assert client.get(desk(case)).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


# Deciding on pages.


def test_a_decision_needs_the_password_again(cast, client):
    case = deciding_case(cast)
    cast.client(client, "certifier")
    refused = client.post(do(case, "grant"), {"reason": "Conforms.", "password": "wrong"})
    assert refused.status_code == 422
    assert "This is not your password. Nothing was changed." in refused.content.decode()
    assert Decision.objects.count() == 0
    done = client.post(do(case, "grant"), {"reason": "Conforms.", "password": PASSWORD})
    assert (done.status_code, done["Location"]) == (302, desk(case))
    case.refresh_from_db()
    assert case.status == CaseStatus.CERTIFIED


def test_the_password_is_not_kept_anywhere(cast, client):
    case = deciding_case(cast)
    cast.client(client, "certifier")
    client.post(do(case, "grant"), {"reason": "Conforms.", "password": PASSWORD})
    assert Decision.objects.count() == 1
    kept = [list(model._base_manager.values()) for model in (Decision, JournalEntry, Job, Notice)]
    assert PASSWORD not in str(kept)


def test_guessing_the_password_is_slowed_down(cast, client):
    case = deciding_case(cast)
    cast.client(client, "certifier")
    answers = [
        client.post(do(case, "grant"), {"reason": "Conforms.", "password": "wrong"}).status_code
        for _attempt in range(11)
    ]
    assert answers == [422] * 5 + [429] * 6


def test_the_confirm_page_says_what_is_issued_and_who_is_told(cast, client):
    case = deciding_case(cast)
    text = cast.client(client, "certifier").get(do(case, "grant")).content.decode()
    assert "ISO 9001:2015: a document valid until" in text
    assert "Everybody of the enterprise is told" in text
    assert "cannot be changed or deleted" in text


def test_a_blocked_decision_answers_with_the_list(cast, client):
    case = deciding_case(cast)
    case.outcomes.filter(kind=AuditKind.STAGE_2).update(minors_without_plan=2)
    cast.client(client, "certifier")
    answer = client.post(do(case, "grant"), {"reason": "Conforms.", "password": PASSWORD})
    assert answer.status_code == 409
    assert "2 minor nonconformities have no accepted plan." in answer.content.decode()


def test_whoever_comes_second_is_told_kindly(cast, client):
    case = deciding_case(cast)
    cast.client(client, "certifier")
    client.post(do(case, "grant"), {"reason": "Conforms.", "password": PASSWORD})
    answer = client.post(do(case, "refuse"), {"reason": "No.", "password": PASSWORD})
    assert answer.status_code == 409
    assert "the record is now “Certified”" in answer.content.decode()
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 403), ("reviewer", 403), ("rival_manager", 404)]
)
def test_others_cannot_decide_by_address(cast, client, who, status):
    case = deciding_case(cast)
    cast.client(client, who)
    assert client.get(do(case, "grant")).status_code == status
    answer = client.post(do(case, "grant"), {"reason": "Conforms.", "password": PASSWORD})
    assert answer.status_code == status
    assert Decision.objects.count() == 0


@pytest.mark.parametrize("who", ["reviewer", "planner", "manager"])
def test_colleagues_are_not_even_asked_to_decide(cast, client, who):
    case = deciding_case(cast)
    assert cast.client(client, who).get(do(case, "grant")).status_code == 403


def test_the_planner_answers_a_question_on_its_page(cast, client):
    case = deciding_case(cast)
    cast.client(client, "certifier").post(do(case, "ask_more"), {"reason": "Which shifts?"})
    page = cast.client(client, "planner").get(do(case, "answer"))
    assert "Which shifts?" in page.content.decode()
    client.post(do(case, "answer"), {"note": "All three."})
    case.refresh_from_db()
    assert case.status == CaseStatus.DECIDING


# The register.


def numbers(client, **query):
    page = client.get("/certificates/", query)
    return [row.number for row in page.context["page"].object_list]


@pytest.fixture
def several(cast):
    """Three certificates: valid, suspended, withdrawn; each of a case of its own."""
    valid, suspended, withdrawn = (certified(cast) for _number in range(3))
    act(cast, suspended, "suspend", cause=Cause.MISUSE, until=dt.date.fromisoformat(in_days(20)))
    act(cast, withdrawn, "withdraw", cause=Cause.MISUSE)
    return valid, suspended, withdrawn


def test_the_register_is_narrowed_by_its_address(cast, client, several):
    valid, suspended, withdrawn = (row.number for row in several)
    cast.client(client, "certifier")
    assert set(numbers(client)) == {valid, suspended, withdrawn}
    assert numbers(client, status="withdrawn") == [withdrawn]
    assert numbers(client, view="suspensions") == [suspended]
    assert numbers(client, view="ending") == []
    assert numbers(client, q=valid) == [valid]
    assert set(numbers(client, q="蓝海")) == {valid, suspended, withdrawn}
    assert numbers(client, scheme="EMS") == []
    assert set(numbers(client, q=cast.enterprise.identifier.lower())) == {
        valid,
        suspended,
        withdrawn,
    }
    assert numbers(client, sort="-number") == sorted([valid, suspended, withdrawn], reverse=True)
    assert set(numbers(client, status="nonsense", sort="password", view="x")) == {
        valid,
        suspended,
        withdrawn,
    }


def test_the_views_of_the_register_carry_their_counts(cast, client, several):
    page = cast.client(client, "certifier").get("/certificates/")
    assert [view["count"] for view in page.context["views"]] == [3, 1, 0, 1, 1, 0]


def test_an_auditor_counts_each_certificate_once(cast, client):
    certified_case(cast, schemes=("QMS", "EMS"))
    page = cast.client(client, "auditor").get("/certificates/")
    assert page.context["views"][0]["count"] == 2
    assert len(page.context["page"].object_list) == 2


def test_the_export_is_what_the_register_shows(cast, client, several):
    _valid, suspended, _withdrawn = several
    cast.client(client, "certifier")
    answer = client.get("/certificates/export/", {"view": "suspended"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    header, row = csv.reader(io.StringIO(text))
    assert header[:2] == ["Certificate number", "Status"]
    assert row[:2] == [suspended.number, "Suspended"]
    assert row[-1].endswith(f"/c/{suspended.code}/")


@pytest.mark.parametrize("who", ["rival_owner", "rival_manager"])
def test_the_register_of_another_party_is_empty(cast, client, several, who):
    cast.client(client, who)
    assert numbers(client) == []
    text = b"".join(client.get("/certificates/export/").streaming_content).decode()
    assert several[0].number not in text


@pytest.mark.parametrize("who", ["owner", "certifier", "supervisor"])
def test_the_register_takes_as_many_queries_for_one_row_as_for_three(
    cast, client, who, django_assert_max_num_queries
):
    counts = []
    for schemes in (("QMS",), ("QMS", "EMS")):
        certified_case(cast, schemes=schemes)
        cast.client(client, who)
        with django_assert_max_num_queries(MOST_QUERIES) as captured:
            assert client.get("/certificates/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


# The page of a certificate.


def test_all_parties_share_the_page_of_a_certificate(cast, client):
    certificate = certified(cast)
    address = certificate.get_absolute_url()
    statuses = {
        who: cast.client(client, who).get(address).status_code
        for who in ("owner", "member", "manager", "auditor", "supervisor", "rival_owner",
                    "rival_manager", "anonymous")
    }  # fmt: skip
    assert statuses == {
        "owner": 200,
        "member": 200,
        "manager": 200,
        "auditor": 200,
        "supervisor": 200,
        "rival_owner": 404,
        "rival_manager": 404,
        "anonymous": 302,
    }


def test_each_party_is_offered_its_own_acts(cast, client):
    certificate = certified(cast)
    offered = {}
    for who in ("owner", "member", "certifier", "manager", "supervisor"):
        page = cast.client(client, who).get(certificate.get_absolute_url())
        offered[who] = [act.transition.action for act in page.context["acts"]]
    assert offered == {
        "owner": ["request_cancellation"],
        "member": [],
        "certifier": ["suspend", "reduce", "correct", "withdraw", "cancel"],
        "manager": [],
        "supervisor": [],
    }


def test_only_a_valid_certificate_shows_until_when_it_is_valid(cast, client, several):
    shown = {}
    for certificate in several:
        page = cast.client(client, "owner").get(certificate.get_absolute_url())
        text = page.content.decode()
        shown[certificate.status] = ("Valid until" in text, "Printed expiry" in text)
    assert shown == {
        CertificateStatus.VALID: (True, False),
        CertificateStatus.SUSPENDED: (False, True),
        CertificateStatus.WITHDRAWN: (False, True),
    }


def test_a_certificate_being_issued_offers_no_document(cast, client):
    certificate = granted_case(cast).certificates.get()
    document = reverse("certification:certificate_document", args=[certificate.pk])
    page = cast.client(client, "owner").get(certificate.get_absolute_url())
    assert document not in page.content.decode()
    assert "The document is being made" in page.content.decode()
    assert client.get(document).status_code == 404


def test_a_failed_document_can_be_tried_again_from_the_page(cast, client, settings, tmp_path):
    certificate = granted_case(cast).certificates.get()
    job = jobs.Job.objects.get(kind="certification.render_certificate")
    jobs.Job.objects.filter(pk=job.pk).update(state="failed", error="RenderingError: no ink")
    page = cast.client(client, "certifier").get(certificate.get_absolute_url())
    assert reverse("foundation:job_retry", args=[job.pk]) in page.content.decode()


def test_the_page_of_a_certificate_takes_few_queries(cast, client, django_assert_max_num_queries):
    certificate = certified(cast)
    for who in ("owner", "certifier"):
        cast.client(client, who)
        with django_assert_max_num_queries(MOST_QUERIES):
            assert client.get(certificate.get_absolute_url()).status_code == 200


def test_the_document_is_downloaded_as_it_was_issued(cast, client):
    certificate = certified(cast)
    address = reverse("certification:certificate_document", args=[certificate.pk])
    answer = cast.client(client, "owner").get(address)
    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    for who in ("rival_owner", "rival_manager"):
        assert cast.client(client, who).get(address).status_code == 404


def test_the_issued_file_itself_is_not_handed_out_past_the_stamp(cast, client):
    certificate = certified(cast)
    file = certificate.current_revision.file
    for who in ("owner", "certifier", "rival_owner"):
        assert cast.client(client, who).get(file.get_absolute_url()).status_code == 404


def test_another_certificate_s_revision_is_not_found(cast, client):
    certificate = certified(cast)
    cast.client(client, "owner")
    for number, status in ((1, 200), (2, 404)):
        address = reverse("certification:certificate_revision", args=[certificate.pk, number])
        assert client.get(address).status_code == status


# Acts on pages.


def test_suspending_asks_for_the_number_and_the_password(cast, client):
    certificate = certified(cast)
    cast.client(client, "certifier")
    facts = {
        "cause": "misuse",
        "until": in_days(30),
        "reason": "The mark was used on products.",
        "number": "034 26 Q 99999 R0 S",
        "password": "wrong",
    }
    refused = client.post(do(certificate, "suspend"), facts)
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"number", "password"}
    typed = certificate.number.replace(" ", "").lower()
    done = client.post(do(certificate, "suspend"), facts | {"number": typed, "password": PASSWORD})
    assert done.status_code == 302
    certificate.refresh_from_db()
    assert certificate.status == CertificateStatus.SUSPENDED


def test_a_suspension_that_is_too_long_is_refused_at_its_field(cast, client):
    certificate = certified(cast)
    facts = {
        "cause": "misuse",
        "until": in_days(300),
        "reason": "The mark was used on products.",
        "number": certificate.number,
        "password": PASSWORD,
    }
    answer = cast.client(client, "certifier").post(do(certificate, "suspend"), facts)
    assert answer.status_code == 409
    assert "The suspension may last until" in answer.content.decode()


@pytest.mark.parametrize("action", ["suspend", "withdraw", "cancel", "reduce", "correct"])
def test_the_confirm_page_says_what_the_public_sees_and_who_is_told(cast, client, action):
    certificate = certified(cast)
    page = cast.client(client, "certifier").get(do(certificate, action))
    text = page.content.decode()
    assert "ublic page" in text
    assert "Everybody of the holder is told" in text
    assert "cannot be changed or deleted" in text


def test_reducing_on_a_page_keeps_the_sites_that_are_ticked(cast, client):
    certificate = certified(cast)
    answer = cast.client(client, "certifier").post(
        do(certificate, "reduce"),
        {
            "scope_zh": "齿轮箱的生产",
            "scope_en": "Manufacture of gearboxes",
            "sites": ["0"],
            "reason": "Design was given up.",
            "password": PASSWORD,
        },
    )
    assert answer.status_code == 302
    content = certificate.revisions.get(revision=2).content
    assert content["scope_en"] == "Manufacture of gearboxes"
    assert len(content["sites"]) == 1


def test_a_form_that_changes_nothing_is_refused(cast, client):
    certificate = certified(cast)
    content = certificate.revisions.get().content
    facts = {name: content["holder"][name] for name in ("name_zh", "name_en")}
    facts |= {name: content["holder"][name] for name in ("address_zh", "address_en")}
    facts |= {"scope_zh": content["scope_zh"], "scope_en": content["scope_en"]}
    facts |= {"reason": "None.", "password": PASSWORD}
    answer = cast.client(client, "certifier").post(do(certificate, "correct"), facts)
    assert answer.status_code == 422
    assert "Nothing would change: alter at least one of the texts." in answer.content.decode()


def test_the_correction_form_shows_what_is_registered_today(cast, client):
    certificate = certified(cast)
    cast.enterprise.name_en = "Lanhai Gears Ltd."
    cast.enterprise.save(update_fields=["name_en"])
    text = cast.client(client, "certifier").get(do(certificate, "correct")).content.decode()
    assert "Registered today: Lanhai Gears Ltd." in text


def test_the_owner_asks_for_cancellation_on_a_page(cast, client):
    certificate = certified(cast)
    cast.client(client, "owner").post(
        do(certificate, "request_cancellation"),
        {"reason": "We move abroad.", "password": PASSWORD},
    )
    page = cast.client(client, "certifier").get(certificate.get_absolute_url())
    assert "We move abroad." in page.content.decode()
    form = client.get(do(certificate, "cancel")).context["form"]
    assert form.fields["reason"].initial == "We move abroad."


def test_pages_of_another_case_are_not_found(cast, client):
    case = opened_case(cast)
    cast.client(client, "rival_manager")
    assert client.get(do(case, "stop")).status_code == 404
