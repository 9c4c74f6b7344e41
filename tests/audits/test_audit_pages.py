"""The page of an audit and of each act on it, and of its report."""

import io
import json

import pytest
from django.utils import timezone

from audits.enums import AuditStatus, Grade
from audits.models import AuditReport, Finding
from certification.enums import AuditKind
from foundation import files
from foundation.models import StoredFile
from tests.audits.auditwork import (
    act,
    clause,
    closed,
    completed,
    confirmed,
    count_queries,
    fresh,
    picture,
    planned,
    proposed,
    reported,
    running,
    started,
    written,
)


@pytest.fixture
def as_(cast, client):
    """Return a function that signs somebody in."""
    return lambda who: cast.client(client, who)


def primary(response):
    row = response.context["primary"]
    return row.transition.action if row else None


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (planned, {"planner": "propose", "auditor": None, "manager": None}),
        (proposed, {"owner": "confirm", "member": None, "planner": None}),
        (confirmed, {"auditor": "open", "auditor2": None, "owner": None}),
        (running, {"auditor": "close_meeting", "auditor2": None, "owner": None}),
        (written, {"auditor": "submit_report", "owner": None}),
        (reported, {"reviewer": "accept_report", "auditor": None, "owner": None}),
        (completed, {"reviewer": None, "owner": None}),
    ],
)
def test_audit_page_offers_each_person_the_next_step(cast, as_, make, expected):
    audit = make(cast)
    found = {who: primary(as_(who).get(f"/audits/{audit.pk}/")) for who in expected}
    assert found == expected


def test_audit_page_takes_a_fixed_number_of_queries(cast, as_):
    audit = closed(cast, grades=[Grade.MINOR])
    address = f"/audits/{audit.pk}/"
    client = as_("owner")
    one = count_queries(client, address)
    for n in (2, 3):
        Finding.objects.create(
            audit=audit, number=f"NC-0{n}", grade="minor", clause=clause(), title="-",
            raised_by=cast.auditor, shown_at=timezone.now(), status="open",
        )  # fmt: skip
    assert count_queries(client, address) == one
    assert one <= 25


def test_audit_page_keeps_internal_work_from_the_enterprise(cast, as_):
    audit = reported(cast)
    act(audit, "return_report", cast.actor("reviewer"), reason="CANARY-REVIEW-1")
    page = as_("owner").get(f"/audits/{audit.pk}/?history").content.decode()
    assert "CANARY-REVIEW-1" not in page
    assert "Interests declared" not in page
    assert "Report returned" not in page


def test_calendar_is_served_as_a_file(cast, as_):
    audit = proposed(cast)
    answered = as_("owner").get(f"/audits/{audit.pk}/calendar.ics")
    assert answered["Content-Type"] == "text/calendar; charset=utf-8"
    assert answered["Content-Disposition"] == f'attachment; filename="audit-{audit.number}.ics"'
    assert as_("planner").get(f"/audits/{started(cast, AuditKind.STAGE_2, case=audit.case).pk}"
                              "/calendar.ics").status_code == 404  # fmt: skip


# Acts on a page


def test_declare_page_asks_what_stands_against_it(cast, as_):
    audit = planned(cast, declared=False)
    client = as_("auditor")
    address = f"/audits/{audit.pk}/do/declare/"
    assert client.get(address).status_code == 200
    assert client.post(address, {"no_conflict": "no"}).status_code == 422
    assert client.post(address, {"no_conflict": "yes"}).status_code == 302
    assert audit.members.get(user=cast.auditor).no_conflict is True


def test_open_and_close_pages_record_the_meeting(cast, as_):
    audit = confirmed(cast)
    client = as_("auditor")
    facts = {
        "team": [str(member.pk) for member in audit.members.all()],
        "others": "沈若溪，总经理\nHe Jingxing, QA",
        "photos": [picture()],
        "explanation": "Traffic.",
    }
    assert client.get(f"/audits/{audit.pk}/do/open/").status_code == 200
    assert client.post(f"/audits/{audit.pk}/do/open/", facts).status_code == 302
    people = audit.attendance.filter(of_team=False).values_list("name", "function")
    assert list(people) == [("沈若溪", "总经理"), ("He Jingxing", "QA")]
    assert files.attachments_of(audit, "check_in").count() == 1
    facts = facts | {"photos": [], "days_held": "1.5", "disagreement": ""}
    assert client.post(f"/audits/{audit.pk}/do/close_meeting/", facts).status_code == 302
    assert str(fresh(audit).days_held) == "1.5"


def test_open_page_refuses_what_is_no_picture(cast, as_):
    audit = confirmed(cast)
    upload = picture("photo.png")
    upload.file = io.BytesIO(b"MZ\x90\x00 program")
    upload.size = 12
    facts = {
        "team": [str(m.pk) for m in audit.members.all()], "others": "A",
        "explanation": "Traffic.", "photos": [upload]
    }  # fmt: skip
    answered = as_("auditor").post(f"/audits/{audit.pk}/do/open/", facts)
    assert list(answered.context["form"].errors) == ["photos"]
    assert not StoredFile.objects.filter(uploaded_by=cast.auditor).exists()


@pytest.mark.parametrize(
    "step",
    [
        (planned, "planner", "propose", {}, AuditStatus.PROPOSED),
        (proposed, "owner", "confirm", {}, AuditStatus.CONFIRMED),
        (proposed, "owner", "object", {"reason": "No"}, AuditStatus.OBJECTED),
        (proposed, "planner", "replan", {"reason": "Flu"}, AuditStatus.PLANNED),
        (confirmed, "planner", "cancel", {"reason": "Closed"}, AuditStatus.CANCELLED),
        (running, "auditor", "abort", {"reason": "Fire"}, AuditStatus.ABORTED),
        (written, "auditor", "submit_report", {}, AuditStatus.REPORTED),
        (reported, "reviewer", "accept_report", {"note": ""}, AuditStatus.COMPLETED),
        (reported, "reviewer", "return_report", {"reason": "Thin"}, AuditStatus.REPORTING),
    ],
)
def test_act_pages_show_and_act(cast, as_, step):
    make, who, action, data, status = step
    audit = make(cast)
    client = as_(who)
    address = f"/audits/{audit.pk}/do/{action}/"
    assert client.get(address).status_code == 200
    assert client.post(address, data).status_code == 302
    assert fresh(audit).status == status


def test_answer_objection_page(cast, as_):
    audit = act(proposed(cast), "object", cast.actor("owner"), reason="CANARY-OBJECTION")
    client = as_("planner")
    address = f"/audits/{audit.pk}/do/answer_objection/"
    assert "CANARY-OBJECTION" in client.get(address).content.decode()
    assert client.post(address, {"answer": ""}).status_code == 422
    assert client.post(address, {"answer": "No other day."}).status_code == 302


def test_act_page_tells_kindly_that_somebody_was_faster(cast, as_):
    audit = proposed(cast)
    client = as_("owner")
    act(audit, "confirm", cast.actor("owner"))
    answered = client.post(f"/audits/{audit.pk}/do/confirm/")
    assert answered.status_code == 409


# The report


def test_report_page_saves_and_leads_to_the_submission(cast, as_):
    audit = closed(cast)
    client = as_("auditor")
    address = f"/audits/{audit.pk}/report/"
    assert client.get(address).status_code == 200
    answered = client.post(address, {"summary": "All well.", "recommendation": "ready"})
    assert answered["Location"] == f"/audits/{audit.pk}/do/submit_report/"
    report = AuditReport.objects.get()
    assert (report.summary, report.recommendation) == ("All well.", "ready")


def test_report_page_autosaves(cast, as_):
    audit = running(cast)
    answered = as_("auditor").post(
        f"/audits/{audit.pk}/report/",
        {
            "summary": "Notes",
            "recommendation": "certify",
            "_changed": ["summary", "recommendation"],
        },
        headers={"X-Autosave": "1"},
    )
    assert list(json.loads(answered.content)["errors"]) == ["recommendation"]
    report = AuditReport.objects.get()
    assert (report.summary, report.recommendation) == ("Notes", "")


def test_report_page_shows_why_it_came_back(cast, as_):
    audit = act(reported(cast), "return_report", cast.actor("reviewer"), reason="Thin evidence.")
    page = as_("auditor").get(f"/audits/{audit.pk}/report/")
    assert "Thin evidence." in page.content.decode()
