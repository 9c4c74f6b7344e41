"""A signed contract opens a case; what audits report moves it."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from certification.enums import (
    ApplicationKind,
    AuditKind,
    CaseStatus,
    DecisionKind,
    Moment,
    Part,
    Recommendation,
)
from certification.flows.cases import CASE_FLOW
from certification.models import AuditOutcome, Evaluation, Involvement
from certification.services.cases import open_case, record_involvement
from certification.services.decisions import due_decision
from foundation.actor import SYSTEM
from foundation.models import Notice
from foundation.workflow import NotAllowed, perform
from tests.certification.casework import (
    audited,
    certified_case,
    deciding_case,
    granted_case,
    opened_case,
    signed_application,
)


def programme(case, cycle=1):
    return {row.kind: (row.days, row.on_site_days) for row in case.programme.filter(cycle=cycle)}


def windows(case, cycle=1):
    return {
        row.kind: (row.window_from, row.window_to) for row in case.programme.filter(cycle=cycle)
    }


def test_open_case_gives_number_rule_set_and_programme(cast):
    application, offer = signed_application(cast)
    case = open_case(application=application, offer=offer, actor=cast.actor("owner"))
    application.refresh_from_db()
    assert application.case == case
    assert case.number == f"C-{timezone.localdate().year}-0001"
    assert case.status == CaseStatus.AUDITING
    assert case.rule_set.key == "cnca-2026"
    assert case.thread == application.pk
    assert programme(case) == {
        AuditKind.STAGE_1: (Decimal("2.0"), Decimal("1.6")),
        AuditKind.STAGE_2: (Decimal("4.0"), Decimal("3.2")),
        AuditKind.SURVEILLANCE_1: (Decimal("2.0"), Decimal("1.6")),
        AuditKind.SURVEILLANCE_2: (Decimal("2.0"), Decimal("1.6")),
        AuditKind.RECERTIFICATION: (Decimal("4.0"), Decimal("3.2")),
    }


def test_open_case_keeps_the_reviewer_from_deciding(cast):
    application, offer = signed_application(cast)
    case = open_case(application=application, offer=offer, actor=cast.actor("owner"))
    rows = Involvement.objects.filter(case=case).values_list("user", "part", "cycle")
    assert list(rows) == [(cast.reviewer.pk, Part.REVIEW, 1)]


def test_a_country_without_rules_of_its_own_gets_the_international_ones(cast):
    cast.enterprise.country = "DE"
    cast.enterprise.save(update_fields=["country"])
    assert opened_case(cast).rule_set.key == "iso-17021-1-2015"


def test_a_transfer_is_visited_once(cast):
    case = opened_case(cast, kind=ApplicationKind.TRANSFER)
    assert set(programme(case)) == {
        AuditKind.SPECIAL,
        AuditKind.SURVEILLANCE_1,
        AuditKind.SURVEILLANCE_2,
        AuditKind.RECERTIFICATION,
    }


def test_recertification_of_a_foreign_certificate_ends_a_cycle_of_its_own(cast):
    case = opened_case(cast, kind=ApplicationKind.RECERTIFICATION)
    assert programme(case) == {AuditKind.RECERTIFICATION: (Decimal("6.0"), Decimal("4.8"))}
    assert programme(case, cycle=2) == {
        AuditKind.SURVEILLANCE_1: (Decimal("3.0"), Decimal("2.4")),
        AuditKind.SURVEILLANCE_2: (Decimal("3.0"), Decimal("2.4")),
        AuditKind.RECERTIFICATION: (Decimal("6.0"), Decimal("4.8")),
    }


@pytest.mark.parametrize("kind", [ApplicationKind.EXTENSION, ApplicationKind.CHANGE])
def test_an_extension_goes_on_in_the_present_case(cast, kind):
    case = certified_case(cast)
    application, offer = signed_application(cast, kind=kind)
    assert open_case(application=application, offer=offer, actor=cast.actor("owner")) == case
    special = case.programme.get(kind=AuditKind.SPECIAL)
    assert (special.cycle, special.days) == (1, Decimal("6.0"))


def test_recertification_goes_on_in_the_present_case(cast):
    case = certified_case(cast)
    number = case.certificates.get().number
    application, offer = signed_application(
        cast, kind=ApplicationKind.RECERTIFICATION, previous_number=number
    )
    assert open_case(application=application, offer=offer, actor=cast.actor("owner")) == case
    assert programme(case)[AuditKind.RECERTIFICATION] == (Decimal("6.0"), Decimal("4.8"))


@pytest.mark.parametrize("kind", [ApplicationKind.EXTENSION, ApplicationKind.RECERTIFICATION])
def test_a_contract_signed_before_a_decision_goes_on_in_the_case_too(cast, kind):
    case = certified_case(cast)
    audited(case, AuditKind.SURVEILLANCE_1)
    case.refresh_from_db()
    assert case.status == CaseStatus.DECIDING
    application, offer = signed_application(cast, kind=kind)
    assert open_case(application=application, offer=offer, actor=cast.actor("owner")) == case
    assert due_decision(case) == DecisionKind.MAINTAIN


def test_an_extension_of_another_enterprise_begins_a_case(cast):
    case = certified_case(cast)
    application, offer = signed_application(
        cast, kind=ApplicationKind.EXTENSION, enterprise=cast.rival_enterprise
    )
    assert open_case(application=application, offer=offer, actor=cast.actor("owner")) != case


def test_noting_an_involvement_twice_changes_nothing(cast):
    case = opened_case(cast)
    record_involvement(case=case, user=cast.auditor, part=Part.AUDIT)
    assert Involvement.objects.filter(case=case, user=cast.auditor).count() == 1


def test_a_reviewed_stage_1_leaves_the_case_in_audit(cast):
    case = opened_case(cast)
    audited(case, AuditKind.STAGE_1, recommendation=Recommendation.READY)
    case.refresh_from_db()
    assert case.status == CaseStatus.AUDITING


def test_an_unreviewed_report_leaves_the_case_in_audit(cast):
    case = opened_case(cast)
    audited(case, AuditKind.STAGE_2, report_reviewed=False)
    case.refresh_from_db()
    assert case.status == CaseStatus.AUDITING


def test_a_reviewed_stage_2_hands_the_case_to_the_decision_and_tells_certifiers(cast):
    case = opened_case(cast)
    audited(case, AuditKind.STAGE_2)
    case.refresh_from_db()
    assert case.status == CaseStatus.DECIDING
    told = Notice.objects.filter(kind="case.deciding").values_list("recipient", flat=True)
    assert list(told) == [cast.certifier.pk]


def test_an_outcome_is_updated_and_keeps_its_facts(cast):
    case = opened_case(cast)
    outcome = audited(case, AuditKind.STAGE_2, report_reviewed=False, open_majors=2)
    audited(case, AuditKind.STAGE_2, audit_id=outcome.audit_id, open_majors=0, remote_percent=20)
    kept = AuditOutcome.objects.get(case=case)
    assert (kept.open_majors, kept.report_reviewed) == (0, True)
    assert kept.facts["remote_percent"] == 20
    assert kept.facts["team"] == ["李工", "周牧野"]


def test_a_later_change_of_a_decided_outcome_asks_for_no_new_decision(cast):
    case = certified_case(cast)
    outcome = case.outcomes.get(kind=AuditKind.STAGE_2)
    audited(case, AuditKind.STAGE_2, audit_id=outcome.audit_id, open_majors=0)
    case.refresh_from_db()
    assert case.status == CaseStatus.CERTIFIED


def test_only_the_system_hands_a_case_to_the_decision(cast):
    case = opened_case(cast)
    with pytest.raises(NotAllowed):
        perform(CASE_FLOW, case, "report", cast.actor("certifier"))
    perform(CASE_FLOW, case, "report", SYSTEM)


def test_the_enterprise_is_asked_once_for_each_reviewed_audit(cast):
    case = opened_case(cast)
    audited(case, AuditKind.STAGE_1)
    outcome = audited(case, AuditKind.STAGE_2)
    audited(case, AuditKind.STAGE_2, audit_id=outcome.audit_id)
    asked = Evaluation.objects.filter(case=case).values_list("moment", "subject_id")
    assert list(asked) == [(Moment.AUDIT, outcome.audit_id)]


def test_the_cycle_begins_with_the_decision_by_chinese_rules(cast):
    with time_machine.travel(dt.datetime(2026, 6, 12, 2, tzinfo=dt.UTC), tick=False):
        case = granted_case(cast)
    assert case.cycle_starts_on == dt.date(2026, 6, 12)
    later = windows(case)
    assert later[AuditKind.SURVEILLANCE_1] == (dt.date(2027, 1, 1), dt.date(2027, 6, 12))
    assert later[AuditKind.SURVEILLANCE_2] == (dt.date(2028, 1, 1), dt.date(2028, 6, 12))
    assert later[AuditKind.RECERTIFICATION] == (dt.date(2028, 12, 13), dt.date(2029, 6, 11))


def test_elsewhere_the_second_surveillance_is_due_in_its_calendar_year(cast):
    cast.enterprise.country = "DE"
    cast.enterprise.save(update_fields=["country"])
    with time_machine.travel(dt.datetime(2026, 6, 12, 2, tzinfo=dt.UTC), tick=False):
        case = granted_case(cast)
    assert windows(case)[AuditKind.SURVEILLANCE_2] == (dt.date(2028, 1, 1), dt.date(2028, 12, 31))


def test_the_second_surveillance_follows_the_first_by_chinese_rules(cast):
    with time_machine.travel(dt.datetime(2026, 6, 12, 2, tzinfo=dt.UTC), tick=False):
        case = certified_case(cast)
    with time_machine.travel(dt.datetime(2027, 5, 3, 2, tzinfo=dt.UTC), tick=False):
        audited(case, AuditKind.SURVEILLANCE_1, last_day=dt.date(2027, 4, 28))
    first = case.programme.get(kind=AuditKind.SURVEILLANCE_1)
    assert first.done_on == dt.date(2027, 4, 28)
    assert windows(case)[AuditKind.SURVEILLANCE_2] == (dt.date(2028, 1, 1), dt.date(2028, 4, 28))


def test_elsewhere_an_early_first_surveillance_brings_the_second_forward(cast):
    cast.enterprise.country = "DE"
    cast.enterprise.save(update_fields=["country"])
    with time_machine.travel(dt.datetime(2027, 1, 12, 2, tzinfo=dt.UTC), tick=False):
        case = certified_case(cast)
    with time_machine.travel(dt.datetime(2027, 12, 1, 2, tzinfo=dt.UTC), tick=False):
        audited(case, AuditKind.SURVEILLANCE_1, last_day=dt.date(2027, 11, 23))
    assert windows(case)[AuditKind.SURVEILLANCE_2] == (dt.date(2028, 1, 1), dt.date(2028, 12, 31))


def test_no_second_surveillance_is_due_after_the_end_of_an_earlier_cycle(cast):
    with time_machine.travel(dt.datetime(2026, 6, 12, 2, tzinfo=dt.UTC), tick=False):
        case = certified_case(cast)
    kinds = (AuditKind.SURVEILLANCE_2, AuditKind.RECERTIFICATION)
    case.programme.filter(kind=kinds[1]).update(window_to=dt.date(2027, 12, 1))
    with time_machine.travel(dt.datetime(2027, 5, 3, 2, tzinfo=dt.UTC), tick=False):
        audited(case, AuditKind.SURVEILLANCE_1, last_day=dt.date(2027, 4, 28))
    assert windows(case)[kinds[0]] == (None, None)


def test_the_manager_may_stop_a_case_before_a_decision(cast):
    case = opened_case(cast)
    perform(CASE_FLOW, case, "stop", cast.actor("manager"), reason="The client left.")
    case.refresh_from_db()
    assert case.status == CaseStatus.ENDED


def test_another_body_sees_nothing_of_a_case(cast):
    case = deciding_case(cast)
    model = type(case)
    seen = {
        who: model.objects.visible_to(cast.actor(who)).count()
        for who in ("owner", "certifier", "auditor", "rival_owner", "rival_manager", "anonymous")
    }
    assert seen == {
        "owner": 1,
        "certifier": 1,
        "auditor": 1,
        "rival_owner": 0,
        "rival_manager": 0,
        "anonymous": 0,
    }
