"""Appeals of an enterprise: what they are against, what they stop, what an upheld one changes."""

import pytest
from django.db import IntegrityError, transaction

from audits.enums import FindingStatus, Grade
from certification import appeals
from certification.doctor import outcomes_count_appeals
from certification.enums import About, Cause, CertificateStatus, ComplaintStatus
from certification.flows.cases import CASE_FLOW
from certification.models import Application, AuditOutcome, Complaint, Decision
from certification.queries.complaints import independent_people
from certification.services.periods import suspension_ends_by
from foundation.models import Notice, WorkItem
from foundation.workflow import Incomplete, NotAllowed, perform
from tests.audits.auditwork import closed as closed_audit
from tests.certification.casework import act as act_on_certificate
from tests.certification.casework import audited, certified, deciding_case, signed_application
from tests.certification.complaintwork import act, appealed, decide_appeal

pytestmark = pytest.mark.django_db
_S = ComplaintStatus


def suspended(cast):
    certificate = certified(cast)
    return act_on_certificate(
        cast, certificate, "suspend", cause=Cause.MISUSE, until=suspension_ends_by(certificate)
    )


def against_suspension(cast):
    certificate = suspended(cast)
    decision = Decision.objects.get(certificate=certificate, kind="suspend")
    return certificate, appealed(cast, About.DECISION, decision.pk)


@pytest.fixture
def finding(cast):
    """A major nonconformity that the enterprise was shown at the closing meeting."""
    return closed_audit(cast, grades=(Grade.MAJOR,)).findings.get()


def outcome_of(finding):
    return AuditOutcome.objects.get(audit_id=finding.audit_id)


def test_an_appeal_names_what_it_is_against(cast):
    certificate, appeal = against_suspension(cast)
    assert appeal.number.startswith("AP-")
    assert (appeal.case, appeal.certificate) == (certificate.case, certificate)
    assert appeal.title == f"Appeal: Suspend, {certificate.number}"
    assert appeal.matter_url == certificate.get_absolute_url()
    assert appeal.filed_by == cast.owner
    told = Notice.objects.filter(kind="complaint.received")
    assert {notice.recipient for notice in told} == {cast.manager}


def test_only_what_was_taken_from_it_can_be_appealed_against(cast):
    certificate = suspended(cast)
    owner = cast.actor("owner")
    grant = Decision.objects.get(kind="grant")
    assert appeals.find(About.DECISION, grant.pk, owner) is None
    assert appeals.find(About.APPLICATION, certificate.case.application.pk, owner) is None
    assert appeals.find("body", grant.pk, owner) is None
    suspension = Decision.objects.get(kind="suspend")
    assert appeals.find(About.DECISION, suspension.pk, cast.actor("rival_owner")) is None


def test_one_appeal_against_one_thing_until_it_is_withdrawn(cast):
    _certificate, appeal = against_suspension(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        appealed(cast, About.DECISION, appeal.matter_id)
    act(cast, appeal, "withdraw", "owner")
    assert appealed(cast, About.DECISION, appeal.matter_id).status == _S.RECEIVED


def test_nobody_who_audited_or_decided_handles_it(cast):
    _certificate, appeal = against_suspension(cast)
    assert set(independent_people(appeal)) == {cast.manager, cast.planner}
    found = act(cast, appeal, "acknowledge")
    for who in ("auditor", "reviewer", "certifier"):
        with pytest.raises(Incomplete, match="took no part"):
            act(cast, found, "admit", handler=getattr(cast, who))


@pytest.mark.parametrize("who", ["member", "manager", "rival_owner", "supervisor"])
def test_only_an_owner_acts_for_the_enterprise(cast, who):
    _certificate, appeal = against_suspension(cast)
    with pytest.raises(NotAllowed):
        act(cast, appeal, "withdraw", who)


def test_an_appeal_does_not_stop_a_withdrawal(cast):
    certificate, _appeal = against_suspension(cast)
    done = act_on_certificate(cast, certificate, "withdraw", cause=Cause.NONCONFORMITY)
    assert done.status == CertificateStatus.WITHDRAWN


def test_an_open_appeal_stands_in_the_way_of_the_next_decision(cast):
    certificate, appeal = against_suspension(cast)
    case = certificate.case
    audited(case, "surveillance_1")
    case.refresh_from_db()
    with pytest.raises(Incomplete, match=f"Appeal {appeal.number} is not decided"):
        perform(CASE_FLOW, case, "maintain", cast.actor("certifier"), reason="Conforms.")
    decide_appeal(cast, appeal, "not_upheld")
    case.refresh_from_db()
    done = perform(CASE_FLOW, case, "maintain", cast.actor("certifier"), reason="Conforms.")
    assert done.status == "certified"


def test_an_upheld_appeal_against_a_decision_waits_for_a_new_one(cast):
    certificate, appeal = against_suspension(cast)
    found = decide_appeal(cast, appeal, "upheld")
    certificate.refresh_from_db()
    assert certificate.status == CertificateStatus.SUSPENDED
    with pytest.raises(Incomplete, match="new decision"):
        act(cast, found, "close", text="Done.")
    with pytest.raises(NotAllowed):
        act(cast, found, "settle", "certifier", text="I decide again on my own decision.")
    cast.planner.memberships.model.objects.create(
        user=cast.planner, organisation=cast.body, role="certifier"
    )
    found = act(cast, found, "settle", "planner", text="Reinstated.")
    assert found.settled_at is not None
    assert act(cast, found, "close", text="Reinstated.").status == _S.CLOSED


def test_a_refusal_is_taken_up_again_by_somebody_else(cast):
    case = perform(
        CASE_FLOW, deciding_case(cast), "refuse", cast.actor("certifier"), reason="Too little."
    )
    with pytest.raises(NotAllowed, match="You decided"):
        perform(CASE_FLOW, case, "reconsider", cast.actor("certifier"))
    cast.planner.memberships.model.objects.create(
        user=cast.planner, organisation=cast.body, role="certifier"
    )
    with pytest.raises(Incomplete, match="No upheld appeal"):
        perform(CASE_FLOW, case, "reconsider", cast.actor("planner"))
    decision = Decision.objects.get(kind="refuse")
    appeal = appealed(cast, About.DECISION, decision.pk)
    decide_appeal(cast, appeal, "upheld")
    assert not AuditOutcome.objects.filter(case=case, decision=None).exists()
    case.refresh_from_db()
    case = perform(CASE_FLOW, case, "reconsider", cast.actor("planner"))
    assert case.status == "deciding"
    assert not AuditOutcome.objects.exclude(decision=None).exists()


def test_one_that_is_not_upheld_needs_no_new_decision(cast):
    _certificate, appeal = against_suspension(cast)
    found = decide_appeal(cast, appeal, "not_upheld")
    assert act(cast, found, "close", text="It stays.").status == _S.CLOSED


def test_a_declined_application_can_be_appealed_against(cast):
    application, _offer = signed_application(cast)
    Application.objects.filter(pk=application.pk).update(status="declined")
    appeal = appealed(cast, About.APPLICATION, application.pk)
    assert (appeal.application, appeal.case) == (application, None)
    assert cast.reviewer not in independent_people(appeal)
    found = decide_appeal(cast, appeal, "partly")
    assert found.needs_new_decision


# Findings


def test_a_disputed_finding_holds_up_the_decision(cast, finding):
    appeal = appealed(cast, About.FINDING, finding.pk)
    assert (appeal.audit_id, appeal.case) == (finding.audit_id, finding.audit.case)
    assert outcome_of(finding).open_appeals == 1
    decide_appeal(cast, appeal, "not_upheld")
    assert outcome_of(finding).open_appeals == 0
    finding.refresh_from_db()
    assert (finding.status, finding.grade) == (FindingStatus.OPEN, Grade.MAJOR)


def test_the_doctor_counts_appeals_again(cast, finding):
    appealed(cast, About.FINDING, finding.pk)
    assert list(outcomes_count_appeals()) == []
    AuditOutcome.objects.update(open_appeals=0)
    (found,) = outcomes_count_appeals()
    found.repair()
    assert outcome_of(finding).open_appeals == 1


def test_a_refusal_waits_for_what_is_disputed(cast, finding):
    appeal = appealed(cast, About.FINDING, finding.pk)
    case = deciding_of(finding)
    with pytest.raises(Incomplete, match=appeal.number):
        perform(CASE_FLOW, case, "refuse", cast.actor("certifier"), reason="No.")


def deciding_of(finding):
    case = finding.audit.case
    type(case).objects.filter(pk=case.pk).update(status="deciding")
    case.refresh_from_db()
    return case


def test_a_withdrawn_appeal_holds_up_nothing(cast, finding):
    act(cast, appealed(cast, About.FINDING, finding.pk), "withdraw", "owner")
    assert outcome_of(finding).open_appeals == 0


def test_an_upheld_appeal_closes_the_finding(cast, finding):
    assert outcome_of(finding).open_majors == 1
    decide_appeal(cast, appealed(cast, About.FINDING, finding.pk), "upheld")
    finding.refresh_from_db()
    assert finding.status == FindingStatus.CLOSED
    assert finding.closed_at is not None
    assert outcome_of(finding).open_majors == 0
    assert outcome_of(finding).open_appeals == 0


def test_a_partly_upheld_one_makes_a_major_a_minor(cast, finding):
    decide_appeal(cast, appealed(cast, About.FINDING, finding.pk), "partly")
    finding.refresh_from_db()
    assert (finding.status, finding.grade) == (FindingStatus.OPEN, Grade.MINOR)
    assert finding.due_from == "rejected"
    assert outcome_of(finding).open_majors == 0


def test_a_closed_finding_is_not_disputed(cast, finding):
    type(finding).objects.filter(pk=finding.pk).update(status=FindingStatus.CLOSED)
    assert appeals.find(About.FINDING, finding.pk, cast.actor("owner")) is None


def test_a_finding_that_is_disputed_does_not_become_a_major(cast):
    from audits.flows.findings import past_grace

    found = closed_audit(cast, grades=(Grade.MINOR,)).findings.get()
    appealed(cast, About.FINDING, found.pk)
    said = [str(blocker) for blocker in past_grace(found, cast.actor("system"), None)]
    assert "An appeal against it is not decided." in said


def test_the_whole_desk_and_both_sides_see_an_appeal(cast, finding):
    appealed(cast, About.FINDING, finding.pk)
    sees = {
        who: Complaint.objects.visible_to(cast.actor(who)).exists()
        for who in ("owner", "member", "manager", "planner", "reviewer", "certifier", "auditor",
                    "supervisor", "rival_owner", "rival_manager")
    }  # fmt: skip
    assert {who for who, seen in sees.items() if seen} == {
        "owner", "member", "manager", "planner", "reviewer", "certifier"
    }  # fmt: skip


def test_a_question_waits_on_the_desk_of_the_owner(cast, finding):
    appeal = appealed(cast, About.FINDING, finding.pk)
    found = act(cast, appeal, "acknowledge")
    found = act(cast, found, "admit", handler=cast.manager)
    act(cast, found, "ask", text="Which record do you mean?")
    item = WorkItem.objects.get(subject_id=found.pk, action="answer")
    assert item.sole == cast.owner
    act(cast, found, "answer", "owner", text="This one.")
    assert not WorkItem.objects.filter(subject_id=found.pk, action="answer").exists()
    kinds = Notice.objects.filter(recipient=cast.owner, kind__startswith="appeal.")
    assert set(kinds.values_list("kind", flat=True)) == {
        "appeal.acknowledged", "appeal.admitted", "appeal.question"
    }  # fmt: skip


def test_a_case_without_appeals_is_decided_as_before(cast):
    case = deciding_case(cast)
    done = perform(CASE_FLOW, case, "grant", cast.actor("certifier"), reason="Conforms.")
    assert done.status == "certified"
