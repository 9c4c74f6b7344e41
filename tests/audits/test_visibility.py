"""Who sees an audit, its findings, answers and files; everybody else meets a 404."""

import pytest

from audits.enums import Grade, TeamRole
from audits.models import Audit, AuditMember, Finding, FindingAnswer
from audits.services import findings as services
from audits.services import planning
from foundation import files
from foundation.models import Attachment
from tests.audits.auditwork import (
    CANARY,
    answer,
    nonconformity,
    noted,
    picture,
    planned,
    proposed,
    running,
)

EVERYBODY = (
    "owner",
    "member",
    "manager",
    "reviewer",
    "planner",
    "auditor",
    "auditor2",
    "certifier",
    "supervisor",
    "inspector",
    "operator",
    "rival_owner",
    "rival_manager",
    "anonymous",
)
BODY = {"manager", "reviewer", "planner", "auditor", "auditor2", "certifier", "operator"}
ALL_PARTIES = BODY | {"owner", "member", "supervisor", "inspector"}


def seeing(cast, model, pk):
    """Name everybody who sees a row."""
    return {
        who for who in EVERYBODY if model.objects.visible_to(cast.actor(who)).filter(pk=pk).exists()
    }


def test_audit_is_the_bodys_until_it_is_proposed(cast):
    audit = planned(cast)
    assert seeing(cast, Audit, audit.pk) == BODY


def test_audit_is_all_parties_once_proposed(cast):
    assert seeing(cast, Audit, proposed(cast).pk) == ALL_PARTIES


def test_audit_is_hidden_from_auditors_of_the_body_who_are_not_on_the_team(cast):
    audit = planned(cast)
    planning.remove_member(
        audit=audit,
        actor=cast.actor("planner"),
        member=audit.members.get(user=cast.auditor2),
    )
    assert seeing(cast, Audit, audit.pk) == BODY - {"auditor2"}


def test_audit_is_seen_by_trainees_on_the_team(cast):
    audit = planned(cast)
    AuditMember.objects.filter(user=cast.auditor2).update(role=TeamRole.TRAINEE)
    assert "auditor2" in seeing(cast, Audit, audit.pk)


def test_finding_is_the_bodys_until_the_closing_meeting(cast):
    finding = noted(cast, running(cast))
    assert seeing(cast, Finding, finding.pk) == BODY


def test_finding_is_all_parties_after_the_closing_meeting(cast):
    assert seeing(cast, Finding, nonconformity(cast).pk) == ALL_PARTIES


def test_answer_is_the_enterprises_until_it_is_sent(cast):
    finding = nonconformity(cast)
    draft = services.save_answer(finding=finding, actor=cast.actor("member"), root_cause="-")
    assert seeing(cast, FindingAnswer, draft.pk) == {"owner", "member"}
    answer(cast, finding)
    assert seeing(cast, FindingAnswer, draft.pk) == ALL_PARTIES


def readers(cast, file):
    return {who for who in EVERYBODY if files.may_read(cast.actor(who), file)}


def test_evidence_of_a_finding_is_read_by_who_sees_the_finding(cast):
    photo = files.store(picture(), actor=cast.actor("auditor"))
    finding = noted(cast, running(cast), evidence_files=[photo])
    assert readers(cast, photo) == BODY
    Finding.objects.filter(pk=finding.pk).update(shown_at=finding.created_at)
    assert readers(cast, photo) == ALL_PARTIES


def test_evidence_of_a_draft_answer_stays_with_the_enterprise(cast):
    finding = nonconformity(cast)
    photo = files.store(picture(), actor=cast.actor("member"))
    services.save_answer(finding=finding, actor=cast.actor("member"), evidence_files=[photo])
    assert readers(cast, photo) == {"owner", "member", "operator"}
    answer(cast, finding)
    assert readers(cast, photo) == ALL_PARTIES


# The pages


@pytest.fixture
def pages(cast):
    """Return the addresses that belong to one running audit with a noted finding."""
    audit = running(cast)
    finding = noted(cast, audit)
    return {
        "audit": f"/audits/{audit.pk}/",
        "calendar": f"/audits/{audit.pk}/calendar.ics",
        "finding": f"/findings/{finding.pk}/",
        "edit": f"/findings/{finding.pk}/edit/",
        "note": f"/audits/{audit.pk}/findings/new/",
        "report": f"/audits/{audit.pk}/report/",
        "planning": f"/audits/{audit.pk}/planning/",
        "timetable": f"/audits/{audit.pk}/timetable/",
        "close": f"/audits/{audit.pk}/do/close_meeting/",
        "abort": f"/audits/{audit.pk}/do/abort/",
    }


EXPECTED = {
    # who:          audit calendar finding edit note report planning timetable close abort
    "auditor": (200, 200, 200, 200, 200, 200, 403, 403, 200, 200),
    "auditor2": (200, 200, 200, 200, 200, 403, 403, 403, 403, 403),
    "planner": (200, 200, 200, 403, 403, 403, 403, 403, 403, 403),
    "reviewer": (200, 200, 200, 403, 403, 403, 403, 403, 403, 403),
    "owner": (200, 200, 404, 403, 403, 403, 403, 403, 403, 403),
    "supervisor": (200, 200, 404, 403, 403, 403, 403, 403, 403, 403),
    "rival_owner": (404, 404, 404, 403, 403, 403, 403, 403, 404, 404),
    "rival_manager": (404, 404, 404, 403, 403, 403, 403, 403, 404, 404),
    "operator": (403, 403, 403, 403, 403, 403, 403, 403, 403, 403),
    "anonymous": (302, 302, 302, 302, 302, 302, 302, 302, 302, 302),
}


@pytest.mark.parametrize("who", EXPECTED)
def test_pages_answer_each_person_as_declared(cast, client, pages, who):
    client = cast.client(client, who)
    found = tuple(client.get(address).status_code for address in pages.values())
    assert found == EXPECTED[who]


@pytest.mark.parametrize("who", ["owner", "supervisor", "rival_owner", "rival_manager"])
def test_nothing_noted_leaks_before_the_closing_meeting(cast, client, pages, who):
    client = cast.client(client, who)
    lists = ("/audits/", "/findings/", "/audits/export/", "/findings/export/")
    for address in (*pages.values(), *lists):
        answered = client.get(address)
        body = b"".join(answered.streaming_content) if answered.streaming else answered.content
        assert CANARY.encode() not in body
        assert b"Work instruction out of date" not in body


def test_lists_of_rivals_are_empty(cast, client):
    nonconformity(cast)
    for who in ("rival_owner", "rival_manager"):
        signed_in = cast.client(client, who)
        for address in ("/audits/", "/findings/"):
            page = signed_in.get(address).context["page"]
            assert list(page.object_list) == []


@pytest.mark.parametrize("who", ["auditor2", "rival_owner", "rival_manager"])
def test_a_stranger_to_the_team_gets_404_for_an_act(cast, client, who):
    audit = planned(cast)
    AuditMember.objects.filter(user=cast.auditor2).delete()
    client = cast.client(client, who)
    for action in ("declare", "propose", "cancel"):
        assert client.post(f"/audits/{audit.pk}/do/{action}/").status_code == 404


def test_files_of_others_cannot_be_removed(cast, client):
    finding = nonconformity(cast, Grade.MINOR)
    photo = files.store(picture(), actor=cast.actor("member"))
    draft = services.save_answer(
        finding=finding, actor=cast.actor("member"), evidence_files=[photo]
    )
    row = Attachment.objects.get(subject_id=draft.pk)
    address = f"/findings/{finding.pk}/files/{row.pk}/remove/"
    for who, status in (("rival_owner", 404), ("auditor", 403), ("supervisor", 403)):
        assert cast.client(client, who).post(address).status_code == status
    assert cast.client(client, "owner").post(address).status_code == 302
    assert not Attachment.objects.filter(pk=row.pk).exists()
