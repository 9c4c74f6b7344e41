"""The sweep as a whole: on demand, again, and after nights that were missed."""

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audits.enums import Grade
from audits.services.escalation import escalate_overdue
from certification.enums import CertificateStatus, DecisionKind, ProposalStatus
from certification.models import Proposal
from certification.services.certificates import expire_due
from certification.services.proposals import sweep
from foundation import jobs, sweeps
from foundation.daily import ask
from foundation.models import Job, JournalEntry
from foundation.models.jobs import JobState
from schemes.models import Rule
from tests.audits.auditwork import fresh, nonconformity
from tests.certification.casework import certified, travel

pytestmark = pytest.mark.django_db
# Certificates are issued on 12 June 2026; their first surveillance is due within a year.
ISSUED, DAY_AFTER = (2026, 6, 12), dt.date(2027, 6, 13)


def on(day):
    return travel(day.year, day.month, day.day)


def swept(*arguments) -> list[str]:
    """Run the command and return its lines."""
    out = StringIO()
    call_command("sweep", *arguments, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def certificate(cast):
    with travel(*ISSUED):
        return certified(cast)


def test_the_command_does_every_step_in_the_order_of_the_night(cast, certificate):
    with on(DAY_AFTER):
        jobs.run_due()
        first = swept()
        entries = JournalEntry.objects.count()
        assert swept() == [
            "expiry: 0 changed", "escalation: 0 changed", "reports: 0 changed",
            "mergers: 0 changed", "proposals: 0 changed", "reminders: 0 changed",
        ]  # fmt: skip
    assert first[:2] == ["expiry: 0 changed", "escalation: 0 changed"]
    assert first[4] == "proposals: 1 changed"
    assert JournalEntry.objects.count() == entries


def test_one_step_alone(cast, certificate):
    with on(DAY_AFTER):
        assert swept("--only", "expiry") == ["expiry: 0 changed"]
        assert not Proposal.objects.exists()
        with pytest.raises(CommandError, match="invalid choice"):
            swept("--only", "weather")


def test_the_command_fails_when_a_record_does(cast, certificate):
    rules = Rule.objects.filter(rule_set=certificate.case.rule_set)
    rules.filter(key="status_change_working_days").delete()
    out = StringIO()
    with on(DAY_AFTER), pytest.raises(CommandError, match="could be done: proposals"):
        call_command("sweep", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[4] == f"proposals: failed for {certificate.pk}"
    assert lines[5].startswith("reminders: ")


def test_each_step_has_a_job_of_its_own_every_night(cast):
    assert [step.name for step in sweeps.in_order()] == [
        "expiry", "escalation", "reports", "mergers", "proposals", "reminders"
    ]  # fmt: skip
    noon = timezone.localtime().replace(hour=12)
    ask(noon)
    asked = set(Job.objects.values_list("kind", flat=True))
    assert {step.kind for step in sweeps.in_order()} <= asked
    assert all(str(step.title) for step in sweeps.in_order())


def test_a_record_that_fails_is_a_failed_job(cast, certificate):
    rules = Rule.objects.filter(rule_set=certificate.case.rule_set)
    rules.filter(key="status_change_working_days").delete()
    with on(DAY_AFTER):
        ask()
        jobs.run_due()
        job = Job.objects.get(kind="certification.proposals")
    assert (job.state, job.error) == (JobState.FAILED, f"NotAllDoneError: {certificate.pk}")


# Nights that were missed


def night(day):
    with on(day):
        for step in sweeps.in_order():
            step.run(sweeps.silent)


def outcome(certificate, finding) -> tuple:
    certificate.refresh_from_db()
    proposals = Proposal.objects.order_by("created_at").values_list("kind", "status")
    return certificate.status, fresh(finding).grade, list(proposals)


def after_nights(certificate, finding, nights) -> tuple:
    """Return how all stands after some nights, without keeping it."""

    with transaction.atomic():
        for day in nights:
            night(day)
        found = outcome(certificate, finding)
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("missed", [1, 30, 400])
def test_missed_nights_come_to_the_same_end(cast, missed):
    with travel(*ISSUED):
        certificate = certified(cast)
    with travel(2027, 6, 1):
        finding = nonconformity(cast)
    begin = DAY_AFTER
    last = begin + dt.timedelta(days=missed)
    # Whoever is told late has the days of the rules all the same, counted from being told.
    grace = [last + dt.timedelta(days=number) for number in range(1, 12)]
    every = [begin + dt.timedelta(days=number) for number in range(missed + 1)]
    if missed == 400:
        every = every[:40] + every[40::7]  # the same, in fewer nights
    kept = after_nights(certificate, finding, [*every, *grace])
    caught_up = after_nights(certificate, finding, [last, *grace])
    assert caught_up[:2] == kept[:2]
    assert caught_up[0] == CertificateStatus.SUSPENDED
    assert caught_up[1] == (Grade.MAJOR if missed > 1 else Grade.MINOR)
    assert caught_up[2][0] == kept[2][0] == (DecisionKind.SUSPEND, ProposalStatus.FOLLOWED)


def test_an_end_that_was_missed_by_years_is_an_end(cast, certificate):
    night(dt.date(2032, 1, 1))
    certificate.refresh_from_db()
    assert certificate.status == CertificateStatus.EXPIRED
    assert not Proposal.objects.exists()


# What it costs


def test_nothing_to_do_costs_the_same_for_one_and_for_three(cast):
    with travel(*ISSUED):
        certified(cast)
    counts = []
    with travel(2026, 7, 1):
        for _ in range(2):
            with CaptureQueriesContext(connection) as asked:
                assert (expire_due(), escalate_overdue(), sweep()) == (0, 0, 0)
            counts.append(len(asked))
            for _ in range(2):
                certified(cast)
    assert counts[0] == counts[1] <= 20
