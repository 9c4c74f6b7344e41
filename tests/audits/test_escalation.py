"""An overdue minor nonconformity becomes a major one: when, what follows, whom it is told."""

import datetime as dt
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.utils import timezone

from audits.checks.findings import EVIDENCE, draft_of
from audits.enums import AnswerStage, DueFrom, FindingStatus, Grade
from audits.models import Finding
from audits.services import limits
from audits.services.escalation import escalate_overdue
from certification.enums import AuditKind, CaseStatus, Cause, Ground, ProposalStatus
from certification.flows.guards import majors_are_closed
from certification.models import AuditOutcome, Case, Proposal
from certification.services import proposals
from certification.services.decisions import decide
from foundation import jobs
from foundation.actor import SYSTEM
from foundation.daily import ask
from foundation.files import attachments_of, store
from foundation.models import JournalEntry, Notice
from foundation.sweeps import NotAllDoneError
from foundation.workflow import Incomplete
from schemes.models import Rule, RuleSet
from schemes.queries import book_of
from tests.audits.auditwork import (
    accepted,
    act,
    answer,
    closed,
    evidence,
    fresh,
    nonconformity,
    picture,
    ready_for_stage_2,
)
from tests.certification.casework import certified, travel

pytestmark = pytest.mark.django_db

GRACE = 14


def after(finding, days):
    """Let it be noon, some days after the limit of a finding."""
    noon = dt.datetime.combine(finding.due_on + dt.timedelta(days=days), dt.time(4), dt.UTC)
    return time_machine.travel(noon, tick=False)


@pytest.mark.parametrize(("days", "grade"), [(GRACE, Grade.MINOR), (GRACE + 1, Grade.MAJOR)])
def test_a_minor_becomes_a_major_when_its_grace_is_over(cast, days, grade):
    finding = nonconformity(cast)
    with after(finding, days):
        assert escalate_overdue() == (grade == Grade.MAJOR)
        assert escalate_overdue() == 0
        today = timezone.localdate()
    found = fresh(finding)
    assert (found.grade, found.status) == (grade, FindingStatus.OPEN)
    limit = today + dt.timedelta(days=60) if grade == Grade.MAJOR else finding.due_on
    assert found.due_on == limit


def test_it_counts_by_the_calendar_day_of_the_portal(cast):
    finding = nonconformity(cast)
    last = finding.due_on + dt.timedelta(days=GRACE)
    # Midnight in China is four in the afternoon before, by universal time.
    midnight = dt.datetime.combine(last, dt.time(16), dt.UTC)
    with time_machine.travel(midnight - dt.timedelta(seconds=1), tick=False):
        assert escalate_overdue() == 0
    with time_machine.travel(midnight, tick=False):
        assert escalate_overdue() == 1


@pytest.mark.parametrize(
    ("bring", "count"),
    [
        (lambda cast, finding: None, 1),
        (answer, 0),
        (accepted, 1),
        (lambda cast, finding: (accepted(cast, finding), evidence(cast, finding)), 0),
    ],
    ids=["open", "answered", "plan accepted", "evidence sent"],
)
def test_only_what_waits_for_the_enterprise_escalates(cast, bring, count):
    finding = nonconformity(cast)
    bring(cast, finding)
    with after(fresh(finding), 30):
        assert escalate_overdue() == count


@pytest.mark.parametrize("grade", [Grade.MAJOR, Grade.OPPORTUNITY])
def test_nothing_else_escalates(cast, grade):
    nonconformity(cast, grade)
    with time_machine.travel(timezone.now() + dt.timedelta(days=400), tick=False):
        assert escalate_overdue() == 0


@pytest.mark.parametrize("status", [CaseStatus.REFUSED, CaseStatus.ENDED])
def test_a_case_that_is_over_is_left_alone(cast, status):
    finding = nonconformity(cast)
    Case.objects.update(status=status)
    with after(finding, 30):
        assert escalate_overdue() == 0
        with pytest.raises(Incomplete):
            act(finding, "escalate", SYSTEM)


def test_the_case_its_parties_and_the_journal_learn_of_it(cast):
    finding = nonconformity(cast)
    assert AuditOutcome.objects.get().open_majors == 0
    with after(finding, GRACE + 1):
        escalate_overdue()
        limit = timezone.localdate() + dt.timedelta(days=60)
    outcome = AuditOutcome.objects.get()
    assert (outcome.open_majors, outcome.minors_without_plan) == (1, 0)
    told = Notice.objects.filter(kind="audits.finding_escalated")
    assert {notice.recipient for notice in told} == {cast.owner, cast.member}
    told = Notice.objects.filter(kind="audits.finding_escalated_here")
    assert {notice.recipient for notice in told} == {cast.auditor, cast.planner}
    entry = JournalEntry.objects.get(verb="finding.escalate")
    assert entry.data == {"number": "NC-01", "due_on": limit.isoformat()}


def test_the_night_does_it_and_catches_up_what_it_missed(cast):
    finding = nonconformity(cast)
    with after(finding, GRACE + 5):
        ask()
        jobs.run_due()
        assert fresh(finding).grade == Grade.MAJOR
        ask()
        jobs.run_due()
    assert Notice.objects.filter(kind="audits.finding_escalated", recipient=cast.owner).count() == 1


def test_a_late_judgement_gives_time_to_act_again(cast):
    finding = nonconformity(cast)
    answer(cast, finding)
    with after(finding, 20):
        act(finding, "reject_plan", cast.actor("auditor"), reason="No cause.")
        found = fresh(finding)
        assert (found.due_from, found.due_on) == (
            DueFrom.REJECTED, timezone.localdate() + dt.timedelta(days=14)
        )  # fmt: skip
        assert escalate_overdue() == 0
    with after(found, GRACE + 1):
        assert escalate_overdue() == 1


def test_an_early_rejection_brings_no_limit_nearer(cast):
    finding = nonconformity(cast)
    answer(cast, finding)
    act(finding, "reject_plan", cast.actor("auditor"), reason="No cause.")
    found = fresh(finding)
    assert (found.due_from, found.due_on) == (DueFrom.SHOWN, finding.due_on)


def test_a_plan_accepted_after_its_day_gives_time_for_the_evidence(cast):
    finding = nonconformity(cast)
    answer(cast, finding, done_by=timezone.localdate() + dt.timedelta(days=5))
    with after(finding, 40):
        act(finding, "accept_plan", cast.actor("auditor"))
        found = fresh(finding)
        assert (found.due_from, found.due_on) == (
            DueFrom.ACCEPTED, timezone.localdate() + dt.timedelta(days=14)
        )  # fmt: skip
        assert escalate_overdue() == 0


def test_evidence_that_came_with_the_plan_is_there_to_be_sent(cast):
    finding = nonconformity(cast)
    photo = store(picture(), actor=cast.actor("member"))
    answer(cast, finding, evidence_note="Photos of all stations.", evidence_files=[photo])
    act(finding, "accept_plan", cast.actor("auditor"))
    draft = draft_of(finding)
    assert (draft.round, draft.stage) == (2, AnswerStage.EVIDENCE)
    assert draft.evidence_note == "Photos of all stations."
    assert [row.file for row in attachments_of(draft, EVIDENCE)] == [photo]
    act(finding, "submit_evidence", cast.actor("member"))
    with after(fresh(finding), 100):
        assert escalate_overdue() == 0


def test_evidence_that_came_with_the_plan_and_was_never_sent_counts_for_nothing(cast):
    finding = nonconformity(cast)
    answer(cast, finding, evidence_note="Photos of all stations.")
    act(finding, "accept_plan", cast.actor("auditor"))
    with after(fresh(finding), GRACE + 1):
        assert escalate_overdue() == 1


def test_a_plan_without_evidence_begins_no_round(cast):
    finding = accepted(cast, nonconformity(cast))
    assert draft_of(finding) is None


def test_after_a_decision_it_stands_in_the_way_of_the_next_one(cast):
    finding = nonconformity(cast)
    accepted(cast, finding)
    case = finding.audit.case
    decision = decide(case=case, kind="grant", actor=cast.actor("certifier"), reason="Conforms.")
    AuditOutcome.objects.update(decision=decision)
    with after(fresh(finding), GRACE + 1):
        assert escalate_overdue() == 1
    blockers = list(majors_are_closed(Case.objects.get(), None, {}))
    assert [str(one) for one in blockers] == [
        f"Stage 1 audit {finding.audit.number}: 1 major nonconformity is not verified and closed."
    ]


def test_a_refusal_excuses_no_surveillance(cast):
    finding = nonconformity(cast)
    case = finding.audit.case
    decision = decide(case=case, kind="refuse", actor=cast.actor("certifier"), reason="Too far.")
    AuditOutcome.objects.update(decision=decision, kind=AuditKind.SURVEILLANCE_1)
    with after(finding, GRACE + 1):
        assert escalate_overdue() == 1
    assert len(list(majors_are_closed(Case.objects.get(), None, {}))) == 1


def test_what_was_refused_asks_for_nothing_more(cast):
    finding = nonconformity(cast)
    case = finding.audit.case
    decision = decide(case=case, kind="refuse", actor=cast.actor("certifier"), reason="Too far.")
    AuditOutcome.objects.update(decision=decision, open_majors=1)
    with after(finding, GRACE + 1):
        assert escalate_overdue() == 0
        with pytest.raises(Incomplete):
            act(finding, "escalate", SYSTEM)
    assert list(majors_are_closed(Case.objects.get(), None, {})) == []


def test_the_calendar_hands_no_case_to_the_decision(cast):
    finding = nonconformity(cast)
    Case.objects.update(open_question="Which stations?")
    AuditOutcome.objects.update(kind="stage_2", report_reviewed=True)
    with after(finding, GRACE + 1):
        assert escalate_overdue() == 1
    case = Case.objects.get()
    assert (case.status, case.open_question) == (CaseStatus.AUDITING, "Which stations?")


def test_who_left_the_body_is_not_told(cast):
    finding = nonconformity(cast)
    cast.auditor.memberships.update(ended_at=timezone.now())
    with after(finding, GRACE + 1):
        escalate_overdue()
    told = Notice.objects.filter(kind="audits.finding_escalated_here")
    assert {notice.recipient for notice in told} == {cast.planner}


# Limits after a judgement.


def limit(finding):
    found = fresh(finding)
    return found.due_from, found.due_since, found.due_on


@pytest.mark.parametrize(("days", "grade"), [(5, Grade.MINOR), (13, Grade.MINOR)])
def test_a_promise_in_a_few_days_leaves_time_to_send_the_evidence(cast, days, grade):
    finding = nonconformity(cast, grade)
    today = timezone.localdate()
    answer(cast, finding, done_by=today + dt.timedelta(days=days))
    act(finding, "accept_plan", cast.actor("auditor"))
    assert limit(finding) == (DueFrom.ACCEPTED, today, today + dt.timedelta(days=14))


def test_a_promise_holds(cast):
    finding = nonconformity(cast)
    today = timezone.localdate()
    answer(cast, finding, done_by=today + dt.timedelta(days=15))
    act(finding, "accept_plan", cast.actor("auditor"))
    assert limit(finding) == (DueFrom.PLAN, today, today + dt.timedelta(days=15))


@pytest.mark.parametrize(
    ("act_of", "since"), [("accept_plan", "accepted"), ("reject_plan", "rejected")]
)
def test_a_late_judgement_of_a_major_gives_time_too(cast, act_of, since):
    finding = nonconformity(cast, Grade.MAJOR)
    answer(cast, finding)
    with after(finding, 10):
        act(finding, act_of, cast.actor("auditor"), reason="Judged.")
        today = timezone.localdate()
        assert limit(finding) == (since, today, today + dt.timedelta(days=14))


def test_an_early_acceptance_keeps_the_limit_of_a_major(cast):
    finding = nonconformity(cast, Grade.MAJOR)
    before = limit(finding)
    accepted(cast, finding)
    assert limit(finding) == before


def stage_2_finding(cast, grade):
    """Return a nonconformity of stage 2, shown on the last day of March."""
    with travel(2026, 3, 20):
        case = ready_for_stage_2(cast)
    with travel(2026, 3, 31):
        return nonconformity(cast, grade, kind=AuditKind.STAGE_2, case=case, days=2)


def test_a_major_of_stage_2_is_due_within_the_half_year_for_its_verification(cast):
    finding = stage_2_finding(cast, Grade.MAJOR)
    with travel(2026, 4, 1):
        answer(cast, finding)
    with travel(2026, 9, 20):
        act(finding, "reject_plan", cast.actor("auditor"), reason="No cause.")
    assert limit(finding) == (DueFrom.STAGE_2, dt.date(2026, 3, 31), dt.date(2026, 9, 30))


def test_after_that_half_year_there_is_time_for_the_next_stage_2(cast):
    finding = stage_2_finding(cast, Grade.MINOR)
    with travel(2026, 10, 1):
        assert escalate_overdue() == 1
    assert limit(finding) == (DueFrom.ESCALATED, dt.date(2026, 10, 1), dt.date(2026, 11, 30))


def test_a_decision_ends_the_half_year(cast):
    finding = stage_2_finding(cast, Grade.MINOR)
    case = finding.audit.case
    decision = decide(case=case, kind="grant", actor=cast.actor("certifier"), reason="Conforms.")
    AuditOutcome.objects.update(decision=decision)
    with travel(2026, 9, 20):
        assert escalate_overdue() == 1
    assert limit(finding) == (DueFrom.ESCALATED, dt.date(2026, 9, 20), dt.date(2026, 11, 19))


# The night.


def set_rule(key, **facts):
    """Change a rule of the set by which the case of the cast is judged."""
    case = Case.objects.order_by("created_at").first()
    Rule.objects.filter(rule_set=case.rule_set, key=key).update(**facts)


def test_where_the_rules_know_no_grace_a_minor_stays_one(cast):
    finding = nonconformity(cast)
    set_rule("minor_grace_days", value=None)
    with after(finding, 1000):
        assert escalate_overdue() == 0


def test_a_record_that_fails_does_not_hold_up_the_others(cast):
    broken = nonconformity(cast)
    with time_machine.travel(timezone.now() + dt.timedelta(days=1), tick=False):
        other = nonconformity(cast)
    case = other.audit.case
    case.rule_set = RuleSet.objects.exclude(pk=case.rule_set_id).get()
    case.save(update_fields=["rule_set"])
    Rule.objects.filter(rule_set=broken.audit.case.rule_set, key="major_due_days").delete()
    seen = []
    with after(other, GRACE + 1), pytest.raises(NotAllDoneError, match=str(broken.pk)):
        escalate_overdue(seen.append)
    assert (fresh(broken).grade, fresh(other).grade) == (Grade.MINOR, Grade.MAJOR)
    assert seen == [0, 50]


# What was there before these limits.


def test_limits_of_before_get_their_beginning_and_late_judgements_their_time(cast):
    shown, promised = closed(cast, grades=[Grade.MINOR] * 2).findings.order_by("number")
    accepted(cast, promised)
    today = timezone.localdate()
    promise = today + dt.timedelta(days=20)
    Finding.objects.update(due_from="", due_since=None)
    begin = import_module("audits.migrations.0003_findings_from").name_the_beginnings
    begin(apps, None)
    assert limit(shown) == (DueFrom.SHOWN, today, shown.due_on)
    assert limit(promised) == (DueFrom.PLAN, today, promise)
    evidence(cast, promised)
    act(promised, "reject_evidence", cast.actor("auditor"), reason="Not all stations.")
    Finding.objects.update(due_from="", due_since=None)
    begin(apps, None)
    assert limit(promised) == (DueFrom.PLAN, today, promise)
    Finding.objects.filter(pk=promised.pk).update(due_on=today - dt.timedelta(days=40))
    begin(apps, None)
    assert limit(promised) == (DueFrom.REJECTED, today, today + dt.timedelta(days=14))


def test_a_finding_shown_by_an_older_release_has_its_limit(cast):
    finding = nonconformity(cast)
    Finding.objects.update(due_from="", due_since=None)
    found = limits.limit_of(fresh(finding), book_of(finding.audit.case.rule_set))
    assert (found.on, found.event, found.since) == (
        finding.due_on, "shown", timezone.localdate(finding.shown_at)
    )  # fmt: skip


def test_where_the_rules_know_no_limit_for_majors_there_is_none(cast):
    finding = nonconformity(cast)
    set_rule("major_due_days", value=None)
    with after(finding, GRACE + 1):
        assert escalate_overdue() == 1
    assert limit(finding)[2] is None


# A major that is not resolved in time.


def test_a_major_past_its_limit_calls_for_a_suspension(cast):
    with travel(2026, 6, 12):
        certificate = certified(cast)
    with travel(2027, 5, 3):
        finding = nonconformity(
            cast, Grade.MAJOR, kind=AuditKind.SURVEILLANCE_1, case=certificate.case
        )
    with travel(2027, 7, 2):
        assert proposals.sweep() == 0
    with travel(2027, 7, 3):
        assert proposals.sweep() == 1
    proposal = Proposal.objects.get()
    assert (proposal.ground, proposal.cause, proposal.missed_on, proposal.automatic) == (
        Ground.MAJOR, Cause.NONCONFORMITY, fresh(finding).due_on, False
    )  # fmt: skip
    assert proposal.about == f"{finding.audit.number} {finding.number}"
    assert proposal.about_url == finding.get_absolute_url()
    with travel(2027, 7, 4):
        answer(cast, finding)
        assert proposals.sweep() == 1
    proposal.refresh_from_db()
    assert proposal.status == ProposalStatus.LAPSED
