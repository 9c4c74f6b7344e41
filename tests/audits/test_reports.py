"""The report: complete before it is submitted, reviewed by somebody outside the team."""

import datetime as dt

import pytest

from audits.checks.report import fields_for, report_blockers
from audits.enums import AuditStatus, Grade, Mode
from audits.flows.audits import REPORT, REPORT_DRAFT
from audits.models import Audit, AuditMember, AuditReport
from audits.services.reports import save_report
from certification.enums import AuditKind, CaseStatus
from certification.models import AuditOutcome, Case
from foundation import files
from foundation.models import JournalEntry, Notice
from foundation.workflow import Incomplete, NotAllowed, WrongState
from organisations.enums import Role
from organisations.models import Membership
from tests.audits.auditwork import (
    act,
    answer,
    closed,
    completed,
    evidence,
    fresh,
    report_facts,
    reported,
    running,
    written,
)


def lacking(audit):
    return [str(blocker) for blocker in report_blockers(fresh(audit))]


@pytest.mark.parametrize(
    ("kind", "mode", "own"),
    [
        (AuditKind.STAGE_1, Mode.ON_SITE, {"concerns"}),
        (AuditKind.STAGE_2, Mode.ON_SITE, {"conforms", "effective", "not_audited"}),
        (
            AuditKind.STAGE_2,
            Mode.REMOTE,
            {"conforms", "effective", "not_audited", "remote_statement"},
        ),
        (
            AuditKind.SURVEILLANCE_1,
            Mode.MIXED,
            {
                "conforms",
                "effective",
                "changes",
                "previous_findings",
                "marks_controlled",
                "not_audited",
                "remote_statement",
            },
        ),
    ],
)
def test_fields_for_asks_what_the_kind_of_audit_needs(kind, mode, own):
    always = {
        "summary",
        "deviations",
        "issues",
        "unresolved",
        "objectives_met",
        "scope_fits",
        "internal_audit_ok",
        "recommendation",
    }
    fields = fields_for(Audit(kind=kind, mode=mode))
    assert set(fields) == always | own
    assert len(fields) == len(set(fields))


def test_submit_report_lists_everything_missing(cast):
    audit = closed(cast)
    assert lacking(audit) == ["The report is not written yet."]
    save_report(audit=audit, actor=cast.actor("auditor"), summary="Short.")
    assert lacking(audit) == [
        "Missing in the report: areas of concern that could become nonconformities.",
        "Missing in the report: deviations from the plan.",
        "Missing in the report: significant issues.",
        "Missing in the report: unresolved issues.",
        "Missing in the report: the audit objectives were met.",
        "Missing in the report: the scope is appropriate.",
        "Missing in the report: internal audit and management review work.",
        "Missing in the report: recommendation.",
    ]


@pytest.mark.parametrize("field", fields_for(Audit(kind=AuditKind.STAGE_1, mode=Mode.REMOTE)))
def test_submit_report_wants_each_part(cast, field):
    audit = written(cast, report={field: ""})
    Audit.objects.filter(pk=audit.pk).update(mode=Mode.REMOTE)
    with pytest.raises(Incomplete) as caught:
        act(audit, "submit_report", cast.actor("auditor"))
    label = AuditReport._meta.get_field(field).verbose_name
    assert [str(b) for b in caught.value.blockers] == [f"Missing in the report: {label}."]


def test_submit_report_refuses_to_recommend_past_an_open_major(cast):
    audit = written(cast, grades=[Grade.MAJOR], report={"recommendation": "certify"})
    assert lacking(audit) == [
        "A major nonconformity is open; the recommendation cannot be unconditional."
    ]


def test_submit_report_freezes_what_it_says(cast):
    audit = act(written(cast, grades=[Grade.MINOR]), "submit_report", cast.actor("auditor"))
    report = audit.report
    assert (audit.status, report.version) == (AuditStatus.REPORTED, 1)
    assert report.snapshot["findings"][0]["number"] == "NC-01"
    assert [row["name"] for row in report.snapshot["attendance"]] == [
        "李工",
        "周牧野",
        "沈若溪",
        "李工",
        "周牧野",
        "沈若溪",
    ]
    assert [n.recipient for n in Notice.objects.filter(kind="audits.report_to_review")] == [
        cast.reviewer
    ]


@pytest.mark.parametrize("who", ["auditor2", "planner", "reviewer", "owner"])
def test_submit_report_is_the_leaders(cast, who):
    with pytest.raises(NotAllowed):
        act(written(cast), "submit_report", cast.actor(who))


def test_save_report_is_closed_while_it_is_reviewed(cast):
    audit = reported(cast)
    with pytest.raises(WrongState):
        save_report(audit=audit, actor=cast.actor("auditor"), summary="Other")


def test_save_report_may_begin_during_the_audit(cast):
    audit = running(cast)
    save_report(audit=audit, actor=cast.actor("auditor"), summary="First notes.")
    assert fresh(audit).report.summary == "First notes."


# The review


@pytest.mark.parametrize("action", ["accept_report", "return_report"])
def test_review_by_a_member_of_the_team_is_refused(cast, action):
    Membership.objects.create(user=cast.auditor2, organisation=cast.body, role=Role.REVIEWER)
    audit = reported(cast)
    with pytest.raises(NotAllowed, match="on the team"):
        act(audit, action, cast.actor("auditor2"), reason="-")
    AuditMember.objects.filter(user=cast.auditor2).delete()
    assert (
        act(audit, action, cast.actor("auditor2"), reason="-").report.reviewed_by == cast.auditor2
    )


@pytest.mark.parametrize("who", ["auditor", "planner", "certifier", "manager", "owner"])
def test_review_is_the_reviewers(cast, who):
    with pytest.raises(NotAllowed):
        act(reported(cast), "accept_report", cast.actor(who))


def test_accept_report_waits_for_its_pdf(cast):
    audit = reported(cast)
    AuditReport.objects.update(file=None)
    with pytest.raises(Incomplete) as caught:
        act(audit, "accept_report", cast.actor("reviewer"))
    assert [str(b) for b in caught.value.blockers] == ["The PDF of the report is not ready yet."]


def test_return_report_keeps_its_reason_from_the_enterprise(cast):
    audit = act(reported(cast), "return_report", cast.actor("reviewer"), reason="Evidence is thin.")
    assert audit.status == AuditStatus.REPORTING
    entry = JournalEntry.objects.get(verb="audit.return_report")
    assert entry.internal_to == cast.body.pk
    assert entry not in JournalEntry.objects.visible_to(cast.actor("owner"))
    assert [n.recipient for n in Notice.objects.filter(kind="audits.report_returned")] == [
        cast.auditor
    ]
    audit = act(audit, "submit_report", cast.actor("auditor"))
    assert audit.report.version == 2


def test_report_is_the_enterprises_once_accepted(cast):
    audit = reported(cast)
    file = audit.report.file
    assert files.may_read(cast.actor("reviewer"), file) is True
    assert files.may_read(cast.actor("owner"), file) is False
    act(audit, "accept_report", cast.actor("reviewer"))
    assert files.may_read(cast.actor("owner"), file) is True
    assert files.may_read(cast.actor("rival_owner"), file) is False
    labels = [row.label for row in files.attachments_of(audit, actor=cast.actor("owner"))]
    assert labels == [REPORT]
    own = [row.label for row in files.attachments_of(audit, actor=cast.actor("reviewer"))]
    assert own == [REPORT_DRAFT, REPORT]


def test_accept_report_tells_the_case_what_it_needs(cast):
    audit = completed(cast, grades=[Grade.MINOR])
    outcome = AuditOutcome.objects.get()
    assert (outcome.report_reviewed, outcome.recommendation) == (True, "ready")
    assert outcome.last_day == audit.ends_on
    assert (outcome.days_computed, outcome.days_held) == (audit.days, audit.days_held)
    assert outcome.facts["report_url"] == fresh(audit).report.file.get_absolute_url()
    assert fresh(audit.programme_item).done_on == audit.ends_on


def test_accept_report_of_stage_1_leaves_the_case_in_audit(cast):
    audit = completed(cast)
    assert Case.objects.get(pk=audit.case_id).status == CaseStatus.AUDITING


def test_accept_report_of_a_decisive_audit_makes_the_case_ready(cast):
    audit = completed(cast, grades=[Grade.MAJOR])
    Audit.objects.filter(pk=audit.pk).update(kind=AuditKind.STAGE_2)
    AuditOutcome.objects.update(kind=AuditKind.STAGE_2)
    finding = audit.findings.get()
    answer(cast, finding)
    act(finding, "accept_plan", cast.actor("auditor"))
    evidence(cast, finding)
    assert AuditOutcome.objects.get().open_majors == 1
    act(finding, "verify", cast.actor("auditor"))
    assert AuditOutcome.objects.get().open_majors == 0
    assert Case.objects.get(pk=audit.case_id).status == CaseStatus.DECIDING


def test_competence_that_had_lapsed_is_told_to_the_case(cast):
    audit = reported(cast)
    cast.auditor2.competences.update(valid_until=audit.starts_on.replace(year=2025))
    act(audit, "accept_report", cast.actor("reviewer"))
    assert AuditOutcome.objects.get().competence_gaps == 1


def test_competence_counts_on_the_days_the_audit_was_held(cast):
    audit = reported(cast)
    closed = audit.ends_on + dt.timedelta(days=60)
    cast.auditor2.competences.update(valid_until=audit.ends_on + dt.timedelta(days=30))
    at = dt.datetime.combine(closed, dt.time(9), dt.UTC)
    Audit.objects.filter(pk=audit.pk).update(opened_at=at, closed_at=at)
    act(Audit.objects.get(pk=audit.pk), "accept_report", cast.actor("reviewer"))
    assert AuditOutcome.objects.get().competence_gaps == 1


def test_report_facts_are_whole(cast):
    audit = written(cast)
    assert lacking(audit) == []
    assert set(fields_for(audit)) <= set(report_facts(audit))
