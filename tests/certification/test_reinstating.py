"""A suspension ends when its cause is gone and verified (ISO/IEC 17021-1:2015 9.6.5)."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from certification.enums import AuditKind, Cause, CertificateStatus, SpecialPurpose
from certification.models import AuditOutcome, Certificate, Decision
from certification.services.proposals import sweep
from foundation.models import Notice
from foundation.workflow import Incomplete, NotAllowed
from schemes.models import BodyApproval
from tests.certification.casework import act, audited, certified, decide_as, travel

pytestmark = pytest.mark.django_db

ISSUED = (2026, 6, 12)
MISSED = (2027, 6, 14)
LATER = (2027, 7, 20)
NOT_HELD = (
    "First surveillance audit: not held, or its report not reviewed. Hold it, or an audit to end "
    "the suspension."
)


@pytest.fixture
def certificate(cast):
    with travel(*ISSUED):
        return certified(cast)


def suspended(cast, certificate, cause=Cause.SURVEILLANCE_OVERDUE, on=MISSED):
    with travel(*on):
        until = timezone.localdate() + dt.timedelta(days=120)
        fresh = Certificate.objects.get(pk=certificate.pk)
        return act(cast, fresh, "suspend", cause=cause, until=until)


def refusals(cast, certificate) -> list[str]:
    with pytest.raises(Incomplete) as refusal:
        act(cast, Certificate.objects.get(pk=certificate.pk), "reinstate")
    return [str(one) for one in refusal.value.blockers]


def reinstate(cast, certificate):
    return act(cast, Certificate.objects.get(pk=certificate.pk), "reinstate")


def plan(cast, certificate, who="planner", **changed):
    today = timezone.localdate()
    facts = {
        "days": Decimal(1),
        "window_from": today,
        "window_to": today + dt.timedelta(days=30),
        "reason": "To end the suspension.",
    } | changed
    act(cast, Certificate.objects.get(pk=certificate.pk), "plan_reinstatement", who, **facts)
    return certificate.case.programme.get(purpose=SpecialPurpose.REINSTATEMENT)


def test_a_missed_surveillance_is_held_first(cast, certificate):
    suspended(cast, certificate)
    with travel(*LATER):
        assert refusals(cast, certificate) == [NOT_HELD]
        audited(certificate.case, AuditKind.SURVEILLANCE_1, report_reviewed=False)
        assert refusals(cast, certificate) == [NOT_HELD]
        AuditOutcome.objects.filter(kind=AuditKind.SURVEILLANCE_1).delete()
        audited(certificate.case, AuditKind.SURVEILLANCE_1)
        assert reinstate(cast, certificate).status == CertificateStatus.VALID
        assert Decision.objects.filter(kind="reinstate").count() == 1


def test_a_special_audit_may_stand_for_it(cast, certificate):
    suspended(cast, certificate)
    with travel(*LATER):
        item = plan(cast, certificate)
        case = certificate.case
        audited(case, AuditKind.SPECIAL, item=item, last_day=timezone.localdate())
        assert reinstate(cast, certificate).status == CertificateStatus.VALID
        missed = case.programme.get(kind=AuditKind.SURVEILLANCE_1, cycle=1)
        assert missed.done_on == timezone.localdate()
        case.refresh_from_db()
        decide_as(cast, case, "maintain")
        assert sweep() == 0


def test_one_held_before_the_suspension_does_not(cast, certificate):
    suspended(cast, certificate)
    with travel(*LATER):
        item = plan(cast, certificate)
        audited(certificate.case, AuditKind.SPECIAL, item=item, last_day=dt.date(2027, 6, 13))
        assert refusals(cast, certificate) == [NOT_HELD]


def test_no_major_is_open_whatever_the_cause(cast, certificate):
    with travel(2027, 5, 3):
        outcome = audited(certificate.case, AuditKind.SURVEILLANCE_1, open_majors=1)
    suspended(cast, certificate, Cause.MISUSE, on=(2027, 5, 10))
    with travel(*LATER):
        assert refusals(cast, certificate) == [
            "First surveillance audit: 1 major nonconformity is not verified and closed."
        ]
        audited(
            certificate.case,
            AuditKind.SURVEILLANCE_1,
            audit_id=outcome.audit_id,
            last_day=outcome.last_day,
            open_majors=0,
        )
        assert reinstate(cast, certificate).status == CertificateStatus.VALID


def test_another_cause_does_not_ask_for_the_surveillance(cast, certificate):
    suspended(cast, certificate, Cause.OBLIGATIONS)
    with travel(*LATER):
        assert reinstate(cast, certificate).status == CertificateStatus.VALID


def test_only_the_last_suspension_counts(cast, certificate):
    suspended(cast, certificate, on=MISSED)
    with travel(*LATER):
        audited(certificate.case, AuditKind.SURVEILLANCE_1)
        reinstate(cast, certificate)
    suspended(cast, certificate, Cause.CLIENT, on=(2027, 8, 2))
    with travel(2027, 8, 20):
        assert reinstate(cast, certificate).status == CertificateStatus.VALID


def test_the_holder_who_asked_for_it_no_longer_asks_to_cancel(cast, certificate):
    suspended(cast, certificate, Cause.CLIENT, on=(2026, 9, 1))
    with travel(2026, 9, 20):
        row = Certificate.objects.get(pk=certificate.pk)
        act(cast, row, "request_cancellation", "owner")
        assert refusals(cast, certificate) == ["The holder still asks to cancel the certificate."]
        act(cast, Certificate.objects.get(pk=row.pk), "retract_cancellation", "owner")
        assert reinstate(cast, certificate).status == CertificateStatus.VALID


def test_the_audit_is_planned_once_from_the_certificate(cast, certificate):
    suspended(cast, certificate)
    with travel(*LATER):
        item = plan(cast, certificate, who="manager")
        assert (item.kind, item.reason, item.short_notice) == (
            AuditKind.SPECIAL, "To end the suspension.", False
        )  # fmt: skip
        assert Notice.objects.filter(kind="case.special_planned", recipient=cast.owner).exists()
        with pytest.raises(Incomplete, match="in the programme already"):
            plan(cast, certificate)
        with pytest.raises(NotAllowed):
            plan(cast, certificate, who="certifier")


def test_one_click_from_the_page(cast, client, certificate):
    row = Certificate.objects.get(pk=certificate.pk)
    until = timezone.localdate() + dt.timedelta(days=60)
    act(cast, row, "suspend", cause=Cause.MISUSE, until=until)
    address = reverse("certification:certificate_do", args=[certificate.pk, "plan_reinstatement"])
    cast.client(client, "planner")
    assert address in client.get(certificate.get_absolute_url()).content.decode()
    form = client.get(address)
    assert form.context["form"].fields["window_to"].initial == until
    assert "Misuse of the certificate or mark" in form.content.decode()
    bad = client.post(address, {"days": "0.3", "window_from": until, "window_to": until})
    assert (bad.status_code, set(bad.context["form"].errors)) == (422, {"days", "reason"})
    facts = {"days": "1", "window_from": until, "window_to": until, "reason": "Look at it."}
    assert client.post(address, facts).status_code == 302
    assert certificate.case.programme.filter(purpose="reinstatement").count() == 1
    cast.client(client, "owner")
    assert address not in client.get(certificate.get_absolute_url()).content.decode()


def test_nothing_becomes_valid_again_that_the_body_is_not_approved_for(cast, certificate):
    suspended(cast, certificate, Cause.OBLIGATIONS)
    with travel(*LATER):
        yesterday = timezone.localdate() - dt.timedelta(days=1)
        rows = BodyApproval.objects.filter(body=cast.body, scheme__code="QMS")
        rows.update(valid_to=yesterday)
        assert refusals(cast, certificate) == [
            "The body is not approved today for Quality management."
        ]
        rows.update(valid_to=None)
        assert reinstate(cast, certificate).status == CertificateStatus.VALID
