"""Findings and the answers to them, on their pages."""

import json

import pytest

from audits.enums import FindingStatus
from audits.models import Finding, FindingAnswer
from audits.services import findings as services
from foundation import files
from foundation.models import Attachment
from tests.audits.auditwork import (
    act,
    answer,
    clause,
    count_queries,
    evidence,
    fresh,
    nonconformity,
    noted,
    picture,
    running,
)


@pytest.fixture
def as_(cast, client):
    """Return a function that signs somebody in."""
    return lambda who: cast.client(client, who)


def finding_facts(**changed):
    return {
        "grade": "minor",
        "clause": str(clause().pk),
        "title": "Old edition in use",
        "department": "Assembly",
        "requirement": "Current documents.",
        "statement": "An old edition is in use.",
        "evidence": "Station 3.",
    } | changed


def test_note_page_keeps_finding_and_evidence(cast, as_):
    audit = running(cast)
    client = as_("auditor2")
    address = f"/audits/{audit.pk}/findings/new/"
    assert client.get(address).status_code == 200
    facts = finding_facts(evidence_files=[picture("a.png"), picture("b.png", "red")])
    assert client.post(address, facts).status_code == 302
    finding = audit.findings.get()
    assert (finding.number, finding.raised_by) == ("NC-01", cast.auditor2)
    assert sorted(row.file.name for row in files.attachments_of(finding)) == ["a.png", "b.png"]


def test_note_page_hints_at_advice_and_keeps_the_finding(cast, as_):
    audit = running(cast)
    facts = finding_facts(statement="The company should train its people.")
    answered = as_("auditor").post(f"/audits/{audit.pk}/findings/new/", facts, follow=True)
    assert "“should” sounds like a solution." in answered.content.decode()
    assert audit.findings.count() == 1


def test_note_page_offers_the_clauses_of_the_standards_audited(cast, as_):
    audit = running(cast)
    foreign = clause("4.1", "iso-14001-2015")
    answered = as_("auditor").post(
        f"/audits/{audit.pk}/findings/new/", finding_facts(clause=str(foreign.pk))
    )
    assert list(answered.context["form"].errors) == ["clause"]
    groups = [label for label, _options in answered.context["form"].fields["clause"].choices][1:]
    assert groups == ["ISO 9001:2015"]


def test_edit_page_changes_and_strikes_out(cast, as_):
    finding = noted(cast, running(cast))
    client = as_("auditor")
    address = f"/findings/{finding.pk}/edit/"
    assert client.get(address).status_code == 200
    assert client.post(address, finding_facts(title="Other")).status_code == 302
    assert fresh(finding).title == "Other"
    client.post(f"/findings/{finding.pk}/strike-out/")
    assert not Finding.objects.exists()


def test_answer_page_saves_and_leads_to_the_check(cast, as_):
    finding = nonconformity(cast)
    client = as_("member")
    address = f"/findings/{finding.pk}/answer/"
    assert client.get(address).status_code == 200
    answered = client.post(address, {"root_cause": "No list.", "evidence_files": [picture()]})
    assert answered["Location"] == f"/findings/{finding.pk}/do/answer/"
    draft = FindingAnswer.objects.get()
    assert draft.root_cause == "No list."
    assert files.attachments_of(draft).count() == 1
    check = client.get(answered["Location"])
    missing = [str(blocker) for blocker in check.context["blockers"]]
    assert missing[0] == "The correction is missing."
    assert client.post(answered["Location"]).status_code == 409


def test_answer_page_autosaves_the_changed_parts_alone(cast, as_):
    finding = nonconformity(cast)
    services.save_answer(finding=finding, actor=cast.actor("owner"), correction="By the owner")
    answered = as_("member").post(
        f"/findings/{finding.pk}/answer/",
        {"root_cause": "Mine", "correction": "", "_changed": ["root_cause"]},
        headers={"X-Autosave": "1"},
    )
    data = json.loads(answered.content)
    assert data["errors"] == {}
    assert data["saved_at"]
    draft = FindingAnswer.objects.get()
    assert (draft.root_cause, draft.correction) == ("Mine", "By the owner")


def test_answer_page_keeps_what_a_colleague_changed_since_it_was_opened(cast, as_):
    finding = nonconformity(cast)
    services.save_answer(finding=finding, actor=cast.actor("owner"), correction="New")
    as_("member").post(
        f"/findings/{finding.pk}/answer/",
        {
            "root_cause": "Mine",
            "initial-root_cause": "",
            "correction": "Old",
            "initial-correction": "Old",
        },
    )
    draft = FindingAnswer.objects.get()
    assert (draft.root_cause, draft.correction) == ("Mine", "New")


def test_answer_page_autosave_names_what_is_wrong_and_keeps_the_rest(cast, as_):
    finding = nonconformity(cast)
    answered = as_("member").post(
        f"/findings/{finding.pk}/answer/",
        {"root_cause": "Mine", "done_by": "soon", "_changed": ["root_cause", "done_by"]},
        headers={"X-Autosave": "1"},
    )
    assert list(json.loads(answered.content)["errors"]) == ["done_by"]
    assert FindingAnswer.objects.get().root_cause == "Mine"


def test_finding_page_and_acts_of_the_auditor(cast, as_):
    finding = answer(cast, nonconformity(cast))
    client = as_("auditor")
    page = client.get(f"/findings/{finding.pk}/")
    assert [row.transition.action for row in page.context["available"]] == [
        "accept_plan",
        "reject_plan",
    ]
    for action in ("accept_plan", "reject_plan"):
        assert client.get(f"/findings/{finding.pk}/do/{action}/").status_code == 200
    client.post(f"/findings/{finding.pk}/do/reject_plan/", {"reason": "Symptom."})
    assert fresh(finding).status == FindingStatus.PLAN_REJECTED
    answer_page = as_("member").get(f"/findings/{finding.pk}/answer/").content.decode()
    assert "Symptom." in answer_page
    assert "The list is not passed on to the stations." in answer_page


def test_evidence_page_asks_for_evidence_alone(cast, as_):
    finding = answer(cast, nonconformity(cast))
    act(finding, "accept_plan", cast.actor("auditor"))
    client = as_("member")
    page = client.get(f"/findings/{finding.pk}/answer/")
    shown = [name for name in page.context["form"].fields if not name.startswith("rev_")]
    assert shown == ["evidence_note", "evidence_files"]
    done = client.post(f"/findings/{finding.pk}/answer/", {"evidence_note": "All stations."})
    assert done["Location"] == f"/findings/{finding.pk}/do/submit_evidence/"
    assert client.post(done["Location"]).status_code == 302
    assert as_("auditor").post(f"/findings/{finding.pk}/do/verify/").status_code == 302
    assert fresh(finding).status == FindingStatus.CLOSED


def test_finding_page_takes_the_same_queries_for_one_round_and_three(cast, as_):
    finding = answer(cast, nonconformity(cast))
    client = as_("owner")
    address = f"/findings/{finding.pk}/"
    one = count_queries(client, address)
    act(finding, "accept_plan", cast.actor("auditor"))
    evidence(cast, finding)
    act(finding, "reject_evidence", cast.actor("auditor"), reason="No")
    evidence(cast, finding)
    assert count_queries(client, address) == one
    assert one <= 25


def test_file_of_a_noted_finding_can_be_taken_off(cast, as_):
    photo = files.store(picture(), actor=cast.actor("auditor"))
    finding = noted(cast, running(cast), evidence_files=[photo])
    row = Attachment.objects.get(subject_id=finding.pk)
    answered = as_("auditor").post(f"/findings/{finding.pk}/files/{row.pk}/remove/")
    assert answered["Location"] == f"/findings/{finding.pk}/edit/"
    assert not Attachment.objects.filter(pk=row.pk).exists()
