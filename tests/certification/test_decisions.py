"""Who may decide, what stands in the way, and what each decision brings about."""

import datetime as dt
import threading
from decimal import Decimal

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import User
from certification.enums import (
    ApplicationKind,
    AuditKind,
    CaseStatus,
    CertificateStatus,
    DecisionKind,
    Moment,
    Part,
)
from certification.flows.cases import CASE_FLOW
from certification.models import (
    Application,
    Case,
    Certificate,
    Decision,
    Evaluation,
    Involvement,
)
from certification.services.decisions import decide
from foundation.models import Notice
from foundation.workflow import Incomplete, NotAllowed, StaleState, WrongState, perform
from organisations.enums import BodyStatus, Role
from organisations.models import Membership
from schemes.models import BodyApproval, Competence, TechnicalArea
from tests.certification.casework import (
    REASON,
    audited,
    decide_as,
    deciding_case,
    granted_case,
    opened_case,
    reasons,
)
from tests.people import make_competent


def set_outcome(case, kind=AuditKind.STAGE_2, **facts):
    case.outcomes.filter(kind=kind).update(**facts)


# What stands in the way, each alone.


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (
            {"open_majors": 2},
            "Stage 2 audit: 2 major nonconformities are not verified and closed.",
        ),
        (
            {"minors_without_plan": 1},
            "Stage 2 audit: 1 minor nonconformity has no accepted plan.",
        ),
        ({"report_reviewed": False}, "Stage 2 audit: the report is not reviewed."),
        (
            {"unexplained_anomalies": 1},
            "Stage 2 audit: 1 anomaly of the check-in is not explained.",
        ),
        (
            {"competence_gaps": 3},
            "Stage 2 audit: the team lacked competence on the audit days in 3 points.",
        ),
        (
            {"days_held": Decimal("3.5")},
            "Stage 2 audit: less audit time was held than computed, and no reason is recorded.",
        ),
        ({"open_appeals": 1}, "Stage 2 audit: 1 appeal is not decided."),
    ],
)
def test_each_open_point_of_an_audit_blocks_the_decision_alone(cast, facts, expected):
    case = deciding_case(cast)
    set_outcome(case, **facts)
    assert reasons(cast, case) == [expected]


def test_stage_1_blocks_as_well(cast):
    case = deciding_case(cast)
    set_outcome(case, AuditKind.STAGE_1, open_appeals=1)
    assert reasons(cast, case) == ["Stage 1 audit: 1 appeal is not decided."]


def test_a_reason_makes_up_for_less_audit_time(cast):
    case = deciding_case(cast)
    outcome = case.outcomes.get(kind=AuditKind.STAGE_2)
    outcome.days_held = Decimal("3.5")
    outcome.facts = outcome.facts | {"time_reason": "Night shift was stopped for good."}
    outcome.save()
    decide_as(cast, case, "grant")


def test_a_missing_stage_blocks_the_decision(cast):
    case = opened_case(cast)
    audited(case, AuditKind.STAGE_2)
    case.refresh_from_db()
    assert reasons(cast, case) == ["Stage 1 audit: not carried out."]


def test_a_major_not_verified_within_half_a_year_asks_for_another_stage_2(cast):
    case = deciding_case(cast)
    set_outcome(case, open_majors=1, last_day=timezone.localdate() - dt.timedelta(days=200))
    assert reasons(cast, case) == [
        "Stage 2 audit: 1 major nonconformity is not verified and closed.",
        "Stage 2 audit: a major nonconformity was not verified in time; another stage 2 is due.",
    ]


def test_a_lapsed_approval_of_the_scheme_blocks_the_decision(cast):
    case = deciding_case(cast)
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    BodyApproval.objects.filter(body=cast.body, scheme__code="QMS").update(valid_to=yesterday)
    assert reasons(cast, case) == ["The body is not approved today for Quality management."]


def test_an_approval_without_the_area_blocks_the_decision(cast):
    case = deciding_case(cast)
    approval = BodyApproval.objects.get(body=cast.body, scheme__code="QMS")
    approval.areas.set(TechnicalArea.objects.filter(code="17"))
    assert reasons(cast, case) == [
        "The body is not approved today for Quality management in area 18 Machinery and equipment."
    ]


def test_a_suspended_body_decides_nothing(cast):
    case = deciding_case(cast)
    profile = cast.body.body_profile
    type(profile).objects.filter(pk=profile.pk).update(status=BodyStatus.SUSPENDED)
    assert reasons(cast, case) == ["The body is not approved today for Quality management."]


def test_a_certifier_without_competence_decides_nothing(cast):
    case = deciding_case(cast)
    Competence.objects.filter(user=cast.certifier, scheme__code="QMS").update(
        valid_until=timezone.localdate() - dt.timedelta(days=1)
    )
    assert reasons(cast, case) == [
        "韩书远 has no valid competence as Certifier for QMS in area 18 Machinery and equipment."
    ]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"scope_zh": "", "scope_en": ""}, "The certificate states no scope."),
        (
            {"scope_zh": "制造\U0001f600齿轮"},
            (
                "No font can print these characters: \U0001f600. Correct the text before anything "
                "is issued."
            ),
        ),
    ],
)
def test_an_incomplete_text_blocks_the_decision(cast, facts, expected):
    case = deciding_case(cast)
    Application.objects.filter(case=case).update(**facts)
    assert reasons(cast, case) == [expected]


def test_a_certificate_without_a_site_blocks_the_decision(cast):
    case = deciding_case(cast)
    case.application.sites.all().delete()
    assert reasons(cast, case) == ["The certificate covers no site."]


def test_a_pattern_that_cannot_count_blocks_the_decision(cast):
    case = deciding_case(cast)
    profile = cast.body.body_profile
    type(profile).objects.filter(pk=profile.pk).update(number_pattern="{letter} {serial}")
    [reason] = reasons(cast, case)
    assert reason.startswith("The body’s pattern of certificate numbers cannot be used: ")


def test_a_missing_signatory_blocks_the_decision(cast):
    case = deciding_case(cast)
    profile = cast.body.body_profile
    type(profile).objects.filter(pk=profile.pk).update(signatory_zh="", signatory_en="")
    assert reasons(cast, case) == ["Nobody is named who signs the certificates."]


def test_an_expired_foreign_certificate_cannot_be_taken_over(cast):
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    case = opened_case(cast, kind=ApplicationKind.TRANSFER, previous_expires_on=yesterday)
    audited(case, AuditKind.SPECIAL)
    case.refresh_from_db()
    [first, *_others] = reasons(cast, case)
    assert first.startswith("The certificate to be taken over expired on ")


def test_a_decision_without_a_reason_is_refused(cast):
    case = deciding_case(cast)
    with pytest.raises(Incomplete) as refusal:
        decide_as(cast, case, "grant", reason="")
    assert [blocker.field for blocker in refusal.value.blockers] == ["reason"]


def test_everything_that_blocks_is_said_at_once_and_linked(cast):
    case = deciding_case(cast)
    set_outcome(case, open_majors=1, minors_without_plan=1)
    with pytest.raises(Incomplete) as refusal:
        decide_as(cast, case, "grant")
    assert [blocker.url for blocker in refusal.value.blockers] == ["/audits/1/", "/audits/1/"]
    assert Decision.objects.count() == 0


# Independence.


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        (Part.AUDIT, "You audited in this cycle, so somebody else decides."),
        (
            Part.REVIEW,
            "You reviewed the application of this cycle, so somebody else decides.",
        ),
    ],
)
def test_whoever_took_part_in_the_cycle_does_not_decide(cast, part, sentence):
    case = deciding_case(cast)
    Involvement.objects.create(case=case, cycle=1, user=cast.certifier, part=part)
    with pytest.raises(NotAllowed) as refusal:
        decide_as(cast, case, "grant")
    assert str(refusal.value) == sentence
    case.refresh_from_db()
    assert case.status == CaseStatus.DECIDING


def test_a_part_in_an_earlier_cycle_does_not_matter(cast):
    case = deciding_case(cast)
    Involvement.objects.create(case=case, cycle=0, user=cast.certifier, part=Part.AUDIT)
    decide_as(cast, case, "grant")


@pytest.mark.parametrize(
    "who", ["owner", "manager", "reviewer", "planner", "auditor", "supervisor", "rival_manager"]
)
def test_only_a_certifier_of_the_body_decides(cast, who):
    case = deciding_case(cast)
    for action in ("grant", "refuse", "ask_more"):
        with pytest.raises(NotAllowed):
            decide_as(cast, case, action, who)


def test_the_database_refuses_a_decision_by_somebody_involved(cast):
    case = deciding_case(cast)
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.create(
            case=case,
            cycle=1,
            kind=DecisionKind.GRANT,
            decided_by=cast.auditor,
            decided_on=timezone.localdate(),
            reason="No.",
        )


def test_the_database_refuses_to_involve_somebody_who_decided(cast):
    case = granted_case(cast)
    with pytest.raises(DatabaseError), transaction.atomic():
        Involvement.objects.create(case=case, cycle=1, user=cast.certifier, part=Part.AUDIT)


def test_the_service_refuses_a_decision_by_somebody_involved(cast):
    case = deciding_case(cast)
    Membership.objects.create(user=cast.auditor, organisation=cast.body, role=Role.CERTIFIER)
    with pytest.raises(NotAllowed):
        decide(case=case, kind=DecisionKind.REFUSE, actor=cast.actor("auditor"), reason="Not fit.")


@pytest.mark.parametrize("how", ["update", "delete"])
def test_a_decision_is_never_changed(cast, how):
    granted_case(cast)
    rows = Decision.objects.all()
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(reason="Other.") if how == "update" else rows._raw_delete(rows.db)


# The decisions.


def test_granting_writes_decision_certificates_and_question_to_the_enterprise(cast):
    case = granted_case(cast, schemes=("QMS", "EMS"))
    decision = Decision.objects.get(case=case)
    assert (decision.kind, decision.decided_by, decision.cycle) == (
        DecisionKind.GRANT,
        cast.certifier,
        1,
    )
    assert set(case.outcomes.values_list("decision", flat=True)) == {decision.pk}
    year = timezone.localdate().year % 100
    assert list(case.certificates.order_by("number").values_list("number", "status")) == [
        (f"034 {year} E 00001 R0 S", CertificateStatus.ISSUING),
        (f"034 {year} Q 00001 R0 S", CertificateStatus.ISSUING),
    ]
    asked = Evaluation.objects.filter(moment=Moment.DECISION)
    assert [row.subject_id for row in asked] == [decision.pk]


def test_a_certificate_ends_three_years_after_the_decision_less_a_day(cast):
    with time_machine.travel(dt.datetime(2028, 2, 29, 2, tzinfo=dt.UTC), tick=False):
        certificate = granted_case(cast).certificates.get()
    assert certificate.effective_on == dt.date(2028, 2, 29)
    assert certificate.expires_on == dt.date(2031, 2, 27)
    assert certificate.first_issued_on == dt.date(2028, 2, 29)


def test_a_certificate_is_never_effective_before_its_decision(cast):
    certificate = granted_case(cast).certificates.get()
    decision = certificate.revisions.get().decision
    assert certificate.effective_on >= decision.decided_on


def test_a_transferred_certificate_keeps_the_end_of_its_cycle(cast):
    ends = timezone.localdate() + dt.timedelta(days=400)
    case = opened_case(cast, kind=ApplicationKind.TRANSFER, previous_expires_on=ends)
    audited(case, AuditKind.SPECIAL)
    case.refresh_from_db()
    decide_as(cast, case, "grant")
    assert case.certificates.get().expires_on == ends


def test_a_foreign_certificate_is_renewed_into_the_second_cycle(cast):
    case = opened_case(cast, kind=ApplicationKind.RECERTIFICATION)
    audited(case, AuditKind.RECERTIFICATION)
    case.refresh_from_db()
    decide_as(cast, case, "grant")
    case.refresh_from_db()
    assert case.cycle == 2
    assert case.certificates.get().number.endswith("R1 S")


def test_refusing_ends_the_case_and_tells_the_owner_why(cast):
    case = deciding_case(cast)
    decide_as(cast, case, "refuse", reason="The system is not effective.")
    case.refresh_from_db()
    assert case.status == CaseStatus.REFUSED
    assert Certificate.objects.count() == 0
    notice = Notice.objects.get(kind="case.refused")
    assert notice.recipient == cast.owner
    assert notice.params["reason"] == "The system is not effective."


def test_asking_for_more_sends_the_case_back_with_the_question(cast):
    case = deciding_case(cast)
    decide_as(cast, case, "ask_more", reason="Which shifts were audited?")
    case.refresh_from_db()
    assert (case.status, case.open_question) == (
        CaseStatus.AUDITING,
        "Which shifts were audited?",
    )
    told = set(Notice.objects.filter(kind="case.question").values_list("recipient", flat=True))
    assert told == {cast.planner.pk, cast.reviewer.pk, cast.manager.pk}


def test_the_answer_brings_the_case_back_to_the_decision(cast):
    case = deciding_case(cast)
    decide_as(cast, case, "ask_more", reason="Which shifts were audited?")
    case.refresh_from_db()
    perform(CASE_FLOW, case, "answer", cast.actor("planner"), note="All three.")
    case.refresh_from_db()
    assert (case.status, case.open_question) == (CaseStatus.DECIDING, "")


def test_there_is_nothing_to_answer_without_a_question(cast):
    with pytest.raises(NotAllowed):
        perform(CASE_FLOW, opened_case(cast), "answer", cast.actor("planner"), note="All three.")


def test_a_reported_change_brings_the_case_back_to_the_decision(cast):
    case = deciding_case(cast)
    outcome = case.outcomes.get(kind=AuditKind.STAGE_2)
    decide_as(cast, case, "ask_more")
    audited(Case.objects.get(pk=case.pk), AuditKind.STAGE_2, audit_id=outcome.audit_id)
    case.refresh_from_db()
    assert case.status == CaseStatus.DECIDING


def test_the_enterprise_sees_nothing_of_a_question_of_the_decider(cast, client):
    case = deciding_case(cast)
    decide_as(cast, case, "ask_more", reason="CANARY question")
    seen = Notice.objects.filter(recipient__in=[cast.owner, cast.member])
    assert "case.question" not in set(seen.values_list("kind", flat=True))


@pytest.mark.django_db(transaction=True)
def test_of_two_certifiers_at_once_exactly_one_decides(cast):
    other = User.objects.create_user("certifier2@demo.example", "portal-demo", name="二号")
    Membership.objects.create(user=other, organisation=cast.body, role=Role.CERTIFIER)
    make_competent(other, cast.body, "certifier")
    cast.certifier2 = other
    case = deciding_case(cast)
    barrier = threading.Barrier(2)
    told = {}

    def decide_in_thread(who, action):
        try:
            mine = Case.objects.get(pk=case.pk)
            actor = cast.actor(who)
            barrier.wait(timeout=10)
            perform(CASE_FLOW, mine, action, actor, reason=REASON)
            told[who] = "done"
        except (StaleState, WrongState) as refusal:
            told[who] = str(refusal)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=decide_in_thread, args=args)
        for args in (("certifier", "grant"), ("certifier2", "refuse"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert Decision.objects.count() == 1
    case.refresh_from_db()
    words = {"certified": "Certified", "refused": "Refused"}[case.status]
    assert sorted(told.values()) == sorted(
        [
            "done",
            f"Somebody else was faster: the record is already “{words}”. Nothing was changed.",
        ]
    )
