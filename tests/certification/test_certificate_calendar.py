"""What the calendar does to a certificate: reminders, expiry, restoration."""

import datetime as dt

import pytest

from certification.enums import AuditKind, CaseStatus, Cause, CertificateStatus
from certification.flows.cases import CASE_FLOW
from certification.services import certificates as services
from foundation.workflow import Incomplete, perform
from tests.certification.casework import (
    act,
    audited,
    certified,
    certified_case,
    events,
    put_all_in_force,
    travel,
)


def test_a_certificate_expires_the_day_after_its_last(cast):
    with travel(2026, 6, 12):
        certificate = certified(cast)
    with travel(2029, 6, 11):
        assert services.expire_due() == 0
    with travel(2029, 6, 12):
        assert services.expire_due() == 1
        assert services.expire_due() == 0
    certificate.refresh_from_db()
    assert certificate.status == CertificateStatus.EXPIRED
    assert events(certificate)[-1] == ("valid", "expired", Cause.EXPIRY)


def test_expiry_ends_the_case_where_nothing_can_be_restored(cast):
    with travel(2026, 6, 12):
        certificate = certified(cast)
    with travel(2029, 6, 12):
        services.expire_due()
    certificate.case.refresh_from_db()
    assert certificate.case.status == CaseStatus.ENDED


@pytest.fixture
def abroad(cast):
    """Let the enterprise work under the international rules."""
    cast.enterprise.country = "DE"
    cast.enterprise.save(update_fields=["country"])


def test_an_expired_certificate_is_restored_within_half_a_year_elsewhere(cast, abroad):
    with travel(2026, 6, 12):
        case = certified_case(cast)
    with travel(2029, 6, 12):
        services.expire_due()
        case.refresh_from_db()
        assert case.status == CaseStatus.CERTIFIED
    with travel(2029, 11, 20):
        audited(case, AuditKind.RECERTIFICATION, last_day=dt.date(2029, 11, 10))
        case.refresh_from_db()
        perform(CASE_FLOW, case, "renew", cast.actor("certifier"), reason="Conforms.")
        certificate = case.certificates.get()
        assert certificate.status == CertificateStatus.EXPIRED
        put_all_in_force(case)
    certificate.refresh_from_db()
    assert certificate.status == CertificateStatus.VALID
    assert certificate.effective_on == dt.date(2029, 11, 20)
    assert certificate.expires_on == dt.date(2032, 6, 11)
    assert events(certificate)[-1] == ("expired", "valid", Cause.RENEWAL)


def test_what_expired_while_it_was_suspended_is_not_restored(cast, abroad):
    with travel(2026, 6, 12):
        case = certified_case(cast)
    certificate = case.certificates.get()
    with travel(2029, 2, 10):
        act(cast, certificate, "suspend", cause=Cause.MISUSE, until=dt.date(2029, 6, 11))
    with travel(2029, 6, 12):
        services.expire_due()
        audited(case, AuditKind.RECERTIFICATION, last_day=dt.date(2029, 6, 1))
    with travel(2029, 7, 5):
        case.refresh_from_db()
        with pytest.raises(Incomplete) as refusal:
            perform(CASE_FLOW, case, "renew", cast.actor("certifier"), reason="Conforms.")
    assert str(refusal.value.blockers[0]) == (
        f"Certificate {certificate.number} expired on 11 June 2029 while it was suspended, so it "
        "cannot be restored; an initial certification is possible."
    )


def test_half_a_year_after_expiry_the_case_ends_elsewhere(cast, abroad):
    with travel(2026, 6, 12):
        case = certified_case(cast)
    with travel(2029, 12, 11):
        services.expire_due()
        case.refresh_from_db()
        assert case.status == CaseStatus.CERTIFIED
    with travel(2029, 12, 12):
        services.expire_due()
    case.refresh_from_db()
    assert case.status == CaseStatus.ENDED


def test_longer_after_expiry_nothing_is_restored(cast, abroad):
    with travel(2026, 6, 12):
        case = certified_case(cast)
    number = case.certificates.get().number
    with travel(2029, 6, 12):
        services.expire_due()
        audited(case, AuditKind.RECERTIFICATION, last_day=dt.date(2029, 6, 1))
    with travel(2030, 1, 5):
        case.refresh_from_db()
        with pytest.raises(Incomplete) as refusal:
            perform(CASE_FLOW, case, "renew", cast.actor("certifier"), reason="Conforms.")
    assert str(refusal.value.blockers[0]) == (
        f"Certificate {number} expired on 11 June 2029 and cannot be restored any more; an "
        "initial certification is possible."
    )
