"""A day begins at midnight in China, wherever the machine and its clock stand."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from certification.enums import AuditKind, CertificateStatus
from certification.models import Application, Proposal
from certification.services import proposals
from certification.services.certificates import expire_due
from foundation.workflow import Incomplete
from tests.certification import contractwork
from tests.certification.casework import act, audited, certified, certified_case, travel

SECOND = dt.timedelta(seconds=1)
# Midnight in China is four in the afternoon of the day before, by universal time.
SHIFT = dt.timedelta(hours=8)
MONTH_END = dt.date(2026, 8, 31)


def midnight(day):
    """Return the moment at which a day begins in China."""
    return dt.datetime.combine(day, dt.time(), dt.UTC) - SHIFT


def last_second(day):
    """Let it be the last second of a day in China."""
    return time_machine.travel(midnight(day + dt.timedelta(days=1)) - SECOND, tick=False)


def first_second(day):
    """Let it be the first second of a day in China."""
    return time_machine.travel(midnight(day), tick=False)


AROUND = pytest.mark.parametrize(
    ("moment", "today"),
    [(last_second(MONTH_END), MONTH_END), (first_second(dt.date(2026, 9, 1)), dt.date(2026, 9, 1))],
    ids=["before", "after"],
)


@AROUND
def test_a_cycle_begins_on_the_day_of_its_decision(cast, moment, today):
    with moment:
        case = certified_case(cast)
    certificate = case.certificates.get()
    item = case.programme.get(kind=AuditKind.SURVEILLANCE_1)
    year = today.year
    assert (case.cycle_starts_on, certificate.effective_on) == (today, today)
    assert certificate.expires_on == today.replace(year=year + 3) - dt.timedelta(days=1)
    assert item.window_to == today.replace(year=year + 1)


@AROUND
def test_a_promise_is_counted_from_the_day_of_the_act(cast, moment, today):
    with moment:
        application = contractwork.submitted(cast)
    due = {MONTH_END: dt.date(2026, 9, 7), dt.date(2026, 9, 1): dt.date(2026, 9, 8)}
    assert Application.objects.get(pk=application.pk).review_due_on == due[today]


def test_a_certificate_holds_until_its_last_second(cast):
    with travel(2026, 9, 1):
        certificate = certified(cast)
    with last_second(dt.date(2029, 8, 31)):
        assert expire_due() == 0
    with first_second(dt.date(2029, 9, 1)):
        assert expire_due() == 1
    certificate.refresh_from_db()
    assert certificate.status == CertificateStatus.EXPIRED
    assert certificate.events.get(after=CertificateStatus.EXPIRED).on == dt.date(2029, 9, 1)


def test_an_offer_is_signed_until_the_last_second_of_its_last_day(cast):
    with travel(2026, 8, 1):
        application = contractwork.offered(cast)
        offer = application.offers.get()
        facts = contractwork.signing(cast, application)
    with first_second(offer.valid_until + dt.timedelta(days=1)), pytest.raises(Incomplete):
        contractwork.act(application, "sign", cast.actor("owner"), **facts)
    with last_second(offer.valid_until):
        signed = contractwork.act(application, "sign", cast.actor("owner"), **facts)
    assert signed.status == "signed"


@AROUND
def test_a_suspension_is_counted_from_its_own_day(cast, moment, today):
    latest = {MONTH_END: dt.date(2027, 2, 28), dt.date(2026, 9, 1): dt.date(2027, 3, 1)}[today]
    with travel(2026, 8, 1):
        certificate = certified(cast)
    with moment:
        with pytest.raises(Incomplete):
            act(cast, certificate, "suspend", cause="misuse", until=latest + dt.timedelta(days=1))
        suspended = act(cast, certificate, "suspend", cause="misuse", until=latest)
    assert suspended.suspended_until == latest
    with last_second(latest):
        assert proposals.sweep() == 0
    with first_second(latest + dt.timedelta(days=1)):
        assert proposals.sweep() == 1


def test_a_missed_surveillance_is_proposed_and_followed_by_the_day(cast):
    with travel(2026, 9, 1):
        certificate = certified(cast)
    with last_second(dt.date(2027, 9, 1)):
        assert proposals.sweep() == 0
    with first_second(dt.date(2027, 9, 2)):
        assert proposals.sweep() == 1
    proposal = Proposal.objects.get()
    # Five days of work later.
    assert proposal.due_on == dt.date(2027, 9, 9)
    with last_second(proposal.due_on):
        assert proposals.sweep() == 0
    with first_second(proposal.due_on + dt.timedelta(days=1)):
        assert proposals.sweep() == 1
        assert timezone.localdate() == dt.date(2027, 9, 10)
    certificate.refresh_from_db()
    assert certificate.suspended_until == dt.date(2028, 3, 10)


def test_a_surveillance_on_the_last_day_is_in_time(cast):
    with travel(2026, 9, 1):
        case = certified_case(cast)
    with last_second(dt.date(2027, 9, 1)):
        audited(case, AuditKind.SURVEILLANCE_1, last_day=timezone.localdate())
    with first_second(dt.date(2027, 9, 2)):
        assert proposals.sweep() == 0
    assert not Proposal.objects.exists()
