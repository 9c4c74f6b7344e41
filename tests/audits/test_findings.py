"""The life of a finding: noted, answered in rounds, judged, verified, told to the case."""

import datetime as dt

import pytest
from django.utils import timezone

from audits.checks.findings import advice_in
from audits.enums import AnswerStage, FindingStatus, Grade
from audits.models import Finding, FindingAnswer
from audits.services import findings as services
from certification.models import AuditOutcome
from foundation import files
from foundation.models import Notice
from foundation.workflow import Incomplete, NotAllowed, StaleState, WrongState, perform
from tests.audits.auditwork import (
    FINDING_FLOW,
    accepted,
    act,
    answer,
    clause,
    evidence,
    fresh,
    nonconformity,
    noted,
    picture,
    present,
    running,
)


def refusal(finding, action, actor, **data):
    with pytest.raises(Incomplete) as caught:
        act(finding, action, actor, **data)
    return [str(blocker) for blocker in caught.value.blockers]


def outcome():
    row = AuditOutcome.objects.get()
    return row.open_majors, row.minors_without_plan


# Noting


def test_note_finding_numbers_each_series_by_itself(cast):
    audit = running(cast)
    grades = [Grade.MINOR, Grade.OPPORTUNITY, Grade.MAJOR, Grade.CONFORMITY, Grade.OPPORTUNITY]
    assert [noted(cast, audit, grade).number for grade in grades] == [
        "NC-01",
        "OFI-01",
        "NC-02",
        "OK-01",
        "OFI-02",
    ]


def test_change_finding_to_another_series_gives_another_number(cast):
    finding = noted(cast, running(cast), Grade.OPPORTUNITY)
    facts = {name: getattr(finding, name) for name in services.FACTS} | {"grade": Grade.MINOR}
    changed = services.change_finding(finding=finding, actor=cast.actor("auditor2"), **facts)
    assert changed.number == "NC-01"


@pytest.mark.parametrize("who", ["planner", "reviewer", "owner", "manager"])
def test_note_finding_is_the_teams(cast, who):
    audit = running(cast)
    with pytest.raises(NotAllowed):
        services.note_finding(
            audit=audit, actor=cast.actor(who), grade=Grade.MINOR, clause=clause(), title="-"
        )


def test_drop_finding_is_over_once_the_enterprise_has_seen_it(cast):
    audit = running(cast)
    services.drop_finding(finding=noted(cast, audit), actor=cast.actor("auditor2"))
    assert not Finding.objects.exists()
    shown = noted(cast, audit)
    act(audit, "close_meeting", cast.actor("auditor"), **present(audit))
    with pytest.raises(WrongState):
        services.drop_finding(finding=shown, actor=cast.actor("auditor"))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("The company should train its people.", "should"),
        ("We recommend a second check.", "recommend"),
        ("建议增加培训", "建议"),
        ("The record of 3 May is missing.", ""),
        ("It should have been calibrated on 1 May.", ""),
    ],
)
def test_advice_in_notices_solutions(text, word):
    assert advice_in(text) == word


# Answering


def test_answer_wants_its_parts(cast):
    finding = nonconformity(cast)
    assert refusal(finding, "answer", cast.actor("owner")) == ["The answer is not written yet."]
    services.save_answer(finding=finding, actor=cast.actor("member"), containment="Blocked.")
    assert refusal(finding, "answer", cast.actor("member")) == [
        "The root cause is missing.",
        "The correction is missing.",
        "The corrective action is missing.",
        "The date by which it will be done is missing.",
    ]


@pytest.mark.parametrize("who", ["owner", "member"])
def test_answer_is_sent_by_either_of_the_enterprise(cast, who):
    finding = answer(cast, nonconformity(cast), who)
    assert finding.status == FindingStatus.ANSWERED
    sent = finding.answers.get()
    assert (sent.sent_by, sent.stage, sent.round) == (getattr(cast, who), AnswerStage.PLAN, 1)
    notices = Notice.objects.filter(kind="audits.answered")
    assert [notice.recipient for notice in notices] == [cast.auditor]


@pytest.mark.parametrize("who", ["auditor", "planner", "rival_owner"])
def test_answer_is_the_enterprises(cast, who):
    finding = nonconformity(cast)
    with pytest.raises(NotAllowed):
        services.save_answer(finding=finding, actor=cast.actor(who), root_cause="-")
    with pytest.raises(NotAllowed):
        act(finding, "answer", cast.actor(who))


def test_answer_cannot_be_changed_once_sent(cast):
    finding = answer(cast, nonconformity(cast))
    with pytest.raises(WrongState):
        services.save_answer(finding=finding, actor=cast.actor("member"), root_cause="Other")


def test_save_answer_keeps_what_a_colleague_wrote_meanwhile(cast):
    finding = nonconformity(cast)
    services.save_answer(finding=finding, actor=cast.actor("owner"), root_cause="Cause")
    services.save_answer(finding=finding, actor=cast.actor("member"), correction="Cure")
    draft = FindingAnswer.objects.get()
    assert (draft.root_cause, draft.correction) == ("Cause", "Cure")


# Judging


def test_reject_plan_keeps_the_round_and_begins_another_with_its_words(cast):
    finding = answer(cast, nonconformity(cast))
    finding = act(finding, "reject_plan", cast.actor("auditor"), reason="That is a symptom.")
    assert finding.status == FindingStatus.PLAN_REJECTED
    first = finding.answers.get()
    assert (first.accepted, first.judgement, first.judged_by) == (
        False,
        "That is a symptom.",
        cast.auditor,
    )
    services.save_answer(finding=finding, actor=cast.actor("member"), root_cause="No list.")
    finding = act(finding, "answer", cast.actor("owner"))
    rounds = list(finding.answers.values_list("round", "root_cause", "correction", "accepted"))
    assert rounds == [
        (1, "The list is not passed on to the stations.", "Edition D is posted.", False),
        (2, "No list.", "Edition D is posted.", None),
    ]
    finding = act(finding, "accept_plan", cast.actor("auditor"), note="Good.")
    assert finding.answers.get(round=2).judgement == "Good."


def test_reject_plan_needs_a_reason(cast):
    finding = answer(cast, nonconformity(cast))
    assert refusal(finding, "reject_plan", cast.actor("auditor"), reason="") == ["Say why."]


@pytest.mark.parametrize("action", ["accept_plan", "reject_plan"])
@pytest.mark.parametrize("who", ["planner", "reviewer", "certifier", "manager", "owner"])
def test_judging_is_the_teams(cast, action, who):
    finding = answer(cast, nonconformity(cast))
    with pytest.raises(NotAllowed):
        act(finding, action, cast.actor(who), reason="-")


def test_accept_plan_moves_the_due_date_of_a_minor_to_its_actions(cast):
    finding = accepted(cast, nonconformity(cast))
    assert finding.status == FindingStatus.PLAN_ACCEPTED
    assert fresh(finding).due_on == timezone.localdate() + dt.timedelta(days=20)


def test_accept_plan_leaves_the_due_date_of_a_major(cast):
    finding = nonconformity(cast, Grade.MAJOR)
    due = finding.due_on
    accepted(cast, finding)
    assert fresh(finding).due_on == due


# Evidence


def test_submit_evidence_wants_words_or_a_file(cast):
    finding = accepted(cast, nonconformity(cast))
    assert refusal(finding, "submit_evidence", cast.actor("member")) == [
        "Describe the evidence or attach a file."
    ]
    photo = files.store(picture(), actor=cast.actor("member"))
    services.save_answer(finding=finding, actor=cast.actor("member"), evidence_files=[photo])
    finding = act(finding, "submit_evidence", cast.actor("member"))
    assert finding.status == FindingStatus.EVIDENCE
    assert finding.answers.last().stage == AnswerStage.EVIDENCE


def test_reject_evidence_asks_for_more_and_keeps_the_round(cast):
    finding = evidence(cast, accepted(cast, nonconformity(cast)))
    finding = act(finding, "reject_evidence", cast.actor("auditor"), reason="Station 4 is missing.")
    assert finding.status == FindingStatus.EVIDENCE_REJECTED
    finding = evidence(cast, finding, "All stations now.")
    finding = act(finding, "verify", cast.actor("auditor2"))
    assert finding.status == FindingStatus.CLOSED
    assert fresh(finding).closed_at is not None
    assert list(finding.answers.values_list("round", "stage", "accepted")) == [
        (1, "plan", True),
        (2, "evidence", False),
        (3, "evidence", True),
    ]


def test_verify_wants_evidence(cast):
    finding = accepted(cast, nonconformity(cast))
    assert refusal(finding, "verify", cast.actor("auditor")) == [
        "The enterprise has sent no evidence yet."
    ]


def test_verify_wants_evidence_even_where_it_is_said_to_be_sent(cast):
    finding = accepted(cast, nonconformity(cast))
    Finding.objects.filter(pk=finding.pk).update(status=FindingStatus.EVIDENCE)
    assert refusal(fresh(finding), "verify", cast.actor("auditor")) == [
        "The enterprise has sent no evidence yet."
    ]


def test_verify_takes_evidence_that_came_with_the_plan(cast):
    finding = answer(cast, nonconformity(cast), evidence_note="Photo of station 3.")
    act(finding, "accept_plan", cast.actor("auditor"))
    assert act(finding, "verify", cast.actor("auditor")).status == FindingStatus.CLOSED


def test_two_judgements_at_once_leave_one(cast):
    finding = answer(cast, nonconformity(cast))
    stale = fresh(finding)
    act(finding, "accept_plan", cast.actor("auditor"))
    with pytest.raises(StaleState):
        perform(FINDING_FLOW, stale, "reject_plan", cast.actor("auditor2"), reason="No")


# What the case is told


def test_outcome_of_a_minor_counts_until_its_plan_is_accepted(cast):
    finding = nonconformity(cast)
    assert outcome() == (0, 1)
    answer(cast, finding)
    assert outcome() == (0, 1)
    act(finding, "reject_plan", cast.actor("auditor"), reason="No")
    assert outcome() == (0, 1)
    accepted(cast, finding)
    assert outcome() == (0, 0)


def test_outcome_of_a_major_counts_until_it_is_verified(cast):
    finding = nonconformity(cast, Grade.MAJOR)
    accepted(cast, finding)
    evidence(cast, finding)
    assert outcome() == (1, 0)
    act(finding, "reject_evidence", cast.actor("auditor"), reason="No")
    assert outcome() == (1, 0)
    evidence(cast, finding)
    act(finding, "verify", cast.actor("auditor"))
    assert outcome() == (0, 0)
    facts = AuditOutcome.objects.get().facts["findings"]
    assert [(row["number"], row["status"]) for row in facts] == [("NC-01", "closed")]


def test_show_and_conclude_are_the_portals_own(cast):
    finding = noted(cast, running(cast))
    for action in ("show", "conclude"):
        with pytest.raises(NotAllowed):
            act(finding, action, cast.actor("auditor"))
