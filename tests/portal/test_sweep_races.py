"""The sweep and somebody else at once: one of them is first, and nothing happens twice."""

import datetime as dt

import pytest
from django.utils import timezone

from certification.enums import Cause, CertificateStatus, DecisionKind, ProposalStatus
from certification.flows.proposals import PROPOSAL_FLOW
from certification.models import CertificateEvent, Decision, Proposal
from certification.services.proposals import sweep
from foundation.models import JournalEntry, Notice
from foundation.workflow import WorkflowRefusal, perform
from tests.certification.casework import act, certified, travel
from tests.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def certificate(cast):
    """A certificate whose first surveillance was missed yesterday."""
    with travel(2026, 6, 12):
        found = certified(cast)
    with travel(2027, 6, 13):
        yield found


@pytest.fixture
def overdue(certificate):
    """One that the rules suspend today, because nobody decided on what was proposed."""
    sweep()
    proposal = Proposal.objects.get()
    after = proposal.due_on + dt.timedelta(days=1)
    with travel(after.year, after.month, after.day):
        yield certificate, proposal


def dismissed(cast, proposal):
    until = timezone.localdate() + dt.timedelta(days=7)
    actor = cast.actor("certifier")
    return perform(PROPOSAL_FLOW, proposal, "dismiss", actor, reason="No.", not_before=until)


def test_two_sweeps_propose_once(cast, certificate):
    results = at_once(sweep, sweep, sweep)
    assert sorted(results) == [0, 0, 1]
    assert Proposal.objects.count() == 1
    assert JournalEntry.objects.filter(verb="proposal.raise").count() == 1
    assert Notice.objects.filter(kind="proposal.raised").count() == 2


def test_two_sweeps_suspend_once(cast, overdue):
    assert sorted(at_once(sweep, sweep)) == [0, 1]
    suspended = CertificateEvent.objects.filter(after=CertificateStatus.SUSPENDED)
    assert suspended.count() == 1
    assert Proposal.objects.get().status == ProposalStatus.FOLLOWED


def test_a_proposal_is_dismissed_or_carried_out(cast, overdue):
    certificate, proposal = overdue
    at_once(sweep, lambda: dismissed(cast, proposal))
    certificate.refresh_from_db()
    proposal.refresh_from_db()
    assert (certificate.status, proposal.status) in [
        (CertificateStatus.SUSPENDED, ProposalStatus.FOLLOWED),
        (CertificateStatus.VALID, ProposalStatus.DISMISSED),
    ]
    assert Proposal.objects.count() == 1


def test_what_was_dismissed_while_another_sweep_looked_is_not_raised_again(cast, certificate):
    at_once(sweep, lambda: [dismissed(cast, row) for row in Proposal.objects.all()], sweep)
    assert Proposal.objects.count() == 1


def test_a_certifier_suspends_or_the_rules_do(cast, overdue):
    certificate, proposal = overdue
    until = timezone.localdate() + dt.timedelta(days=30)
    by_hand = lambda: act(cast, certificate, "suspend", cause=Cause.MISUSE, until=until)  # noqa: E731
    swept, decided = at_once(sweep, by_hand)
    refused = isinstance(decided, WorkflowRefusal)
    assert swept == refused
    (event,) = CertificateEvent.objects.filter(after=CertificateStatus.SUSPENDED)
    assert event.cause == (Cause.SURVEILLANCE_OVERDUE if refused else Cause.MISUSE)
    assert Decision.objects.filter(kind=DecisionKind.SUSPEND).exists() is not refused
    proposal.refresh_from_db()
    assert proposal.status == ProposalStatus.FOLLOWED
