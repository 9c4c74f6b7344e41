"""Missed limits call for a suspension or a withdrawal: proposed, decided, dismissed, automatic."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from certification.enums import (
    AuditKind,
    Cause,
    CertificateStatus,
    DecisionKind,
    Ground,
    ProposalStatus,
)
from certification.flows.certificates import CERTIFICATE_FLOW
from certification.flows.proposals import PROPOSAL_FLOW
from certification.models import Certificate, Decision, Proposal
from certification.services import proposals as services
from certification.services.certificates import expire_due
from certification.services.programme import audit_begun
from certification.services.proposals import Missed, sweep
from foundation import jobs
from foundation.actor import SYSTEM
from foundation.calendar import add_working_days
from foundation.daily import ask
from foundation.models import JournalEntry, Notice
from foundation.sweeps import NotAllDoneError
from foundation.workflow import Incomplete, NotAllowed, NotConfirmed, perform
from organisations.actors import actor_for
from schemes.models import Rule, RuleSet
from tests.certification.casework import act, audited, certified, certified_case, events, travel
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db

# The certificate is issued on 12 June 2026; under CN rules the first surveillance is due in a year.
ISSUED, MISSED = (2026, 6, 12), dt.date(2027, 6, 12)
WHY = "First surveillance audit: due by 12 June 2027 and not carried out."


@pytest.fixture
def certificate(cast):
    with travel(*ISSUED):
        return certified(cast)


@pytest.fixture
def abroad(cast):
    """Let the enterprise work under the international rules."""
    cast.enterprise.country = "DE"
    cast.enterprise.save(update_fields=["country"])


def dismiss(cast, proposal, who="certifier", days=30):
    return perform(
        PROPOSAL_FLOW,
        proposal,
        "dismiss",
        cast.actor(who),
        reason="Records are late.",
        not_before=timezone.localdate() + dt.timedelta(days=days),
    )


def statuses():
    return list(Proposal.objects.order_by("created_at").values_list("status", flat=True))


def suspended(cast, certificate, until=dt.date(2026, 9, 1), cause=Cause.MISUSE):
    with travel(2026, 6, 20):
        return act(cast, certificate, "suspend", cause=cause, until=until)


def test_a_surveillance_not_held_calls_for_a_suspension(cast, certificate):
    with travel(2027, 6, 12):
        assert sweep() == 0
    with travel(2027, 6, 13):
        assert sweep() == 1
        assert sweep() == 0
        due = add_working_days(timezone.localdate(), 5, "CN")
    proposal = Proposal.objects.get()
    assert (proposal.certificate, proposal.kind, proposal.ground, proposal.cause) == (
        certificate, DecisionKind.SUSPEND, Ground.SURVEILLANCE, Cause.SURVEILLANCE_OVERDUE
    )  # fmt: skip
    assert (proposal.missed_on, proposal.due_on, proposal.automatic) == (MISSED, due, True)
    assert proposal.why == WHY
    assert certificate.status == CertificateStatus.VALID
    entry = JournalEntry.objects.get(verb="proposal.raise")
    assert entry.data == {"ground": "surveillance", "missed_on": "2027-06-12"}
    assert entry.internal_to == cast.body.pk
    told = Notice.objects.filter(kind="proposal.raised")
    assert {notice.recipient for notice in told} == {cast.certifier, cast.manager}


@pytest.mark.parametrize("day", [dt.date(2027, 6, 1), dt.date(2027, 6, 13)])
def test_one_that_was_held_calls_for_nothing(cast, certificate, day):
    with travel(2027, 6, 14):
        audited(certificate.case, AuditKind.SURVEILLANCE_1, last_day=day, report_reviewed=False)
        assert sweep() == 0


def test_a_proposal_lapses_when_the_audit_was_held(cast, certificate):
    with travel(2027, 6, 13):
        sweep()
    with travel(2027, 6, 14):
        audited(certificate.case, AuditKind.SURVEILLANCE_1, report_reviewed=False)
        assert sweep() == 1
    assert statuses() == [ProposalStatus.LAPSED]


def test_the_rules_suspend_when_nobody_decides_in_time(cast, certificate):
    with travel(2027, 6, 13):
        sweep()
    due = Proposal.objects.get().due_on
    with travel(due.year, due.month, due.day):
        assert sweep() == 0
    after = due + dt.timedelta(days=1)
    with travel(after.year, after.month, after.day):
        assert sweep() == 1
        assert sweep() == 0
    certificate.refresh_from_db()
    assert certificate.status == CertificateStatus.SUSPENDED
    assert certificate.suspended_until == dt.date(after.year, after.month + 6, after.day)
    assert events(certificate)[-1] == ("valid", "suspended", Cause.SURVEILLANCE_OVERDUE)
    assert statuses() == [ProposalStatus.FOLLOWED]
    assert not Decision.objects.filter(kind=DecisionKind.SUSPEND).exists()
    told = Notice.objects.filter(kind="certificate.suspended").order_by("recipient__email")
    assert [notice.recipient for notice in told] == [cast.member, cast.owner]
    assert told[0].params["reason_en"] == WHY
    told = Notice.objects.filter(kind="certificate.suspended_by_rule")
    assert {notice.recipient for notice in told} == {cast.certifier, cast.manager}


def test_other_rules_leave_it_to_the_certifier(cast, abroad, certificate):
    with travel(2027, 6, 13):
        sweep()
    proposal = Proposal.objects.get()
    assert (proposal.automatic, proposal.due_on) == (False, None)
    with travel(2027, 9, 1):
        assert sweep() == 0
    certificate.refresh_from_db()
    assert certificate.status == CertificateStatus.VALID


def test_what_was_dismissed_comes_again_on_the_day_that_was_named(cast, certificate):
    with travel(2027, 6, 13):
        sweep()
        done = dismiss(cast, Proposal.objects.get(), days=20)
    assert (done.status, done.dismissal) == (ProposalStatus.DISMISSED, "Records are late.")
    assert (done.dismissed_by, done.not_before, done.cycle) == (
        cast.certifier, dt.date(2027, 7, 3), 1
    )  # fmt: skip
    with travel(2027, 7, 2):
        assert sweep() == 0
    certificate.refresh_from_db()
    assert certificate.status == CertificateStatus.VALID
    with travel(2027, 7, 3):
        assert sweep() == 1
        assert sweep() == 0
    assert statuses() == [ProposalStatus.DISMISSED, ProposalStatus.OPEN]


def test_what_was_dismissed_does_not_come_again_once_it_was_held(cast, certificate):
    with travel(2027, 6, 13):
        sweep()
        dismiss(cast, Proposal.objects.get())
    with travel(2027, 7, 1):
        audited(certificate.case, AuditKind.SURVEILLANCE_1)
    with travel(2027, 9, 1):
        assert sweep() == 0


@pytest.mark.parametrize(("days", "fits"), [(0, False), (1, True), (30, True), (31, False)])
def test_a_dismissal_rests_no_longer_than_the_rules_say(cast, certificate, days, fits):
    with travel(2027, 6, 13):
        sweep()
        if fits:
            dismiss(cast, Proposal.objects.get(), days=days)
            return
        with pytest.raises(Incomplete, match="at the latest 13 July 2027"):
            dismiss(cast, Proposal.objects.get(), days=days)


def test_one_that_began_in_time_is_not_missed_while_it_goes_on(cast, certificate):
    item = certificate.case.programme.get(kind=AuditKind.SURVEILLANCE_1)
    audit_begun(item, MISSED)
    with travel(2027, 6, 13):
        assert sweep() == 0
    audit_begun(item, None)  # broken off
    with travel(2027, 6, 13):
        assert sweep() == 1
    audit_begun(item, MISSED + dt.timedelta(days=1))
    with travel(2027, 6, 14):
        assert sweep() == 0
    assert statuses() == [ProposalStatus.OPEN]


def test_a_fault_of_the_database_is_not_taken_for_another_sweep(cast, certificate, monkeypatch):
    broken = Missed(certificate.pk, None, MISSED, Cause.SURVEILLANCE_OVERDUE)
    monkeypatch.setattr(services, "SOURCES", [lambda today: [broken]])
    monkeypatch.setitem(services._KIND, None, DecisionKind.SUSPEND)
    with travel(2027, 6, 13), pytest.raises(NotAllDoneError, match=str(certificate.pk)):
        sweep()


@pytest.mark.parametrize("who", ["owner", "auditor", "reviewer", "manager", "rival_manager"])
def test_only_an_independent_certifier_dismisses(cast, certificate, who):
    with travel(2027, 6, 13):
        sweep()
        with pytest.raises(NotAllowed):
            dismiss(cast, Proposal.objects.get(), who)


def test_it_is_dismissed_in_person(cast, certificate):
    with travel(2027, 6, 13):
        sweep()
        with pytest.raises(NotConfirmed):
            perform(
                PROPOSAL_FLOW, Proposal.objects.get(), "dismiss",
                actor_for(cast.certifier), reason="Records are late.",
            )  # fmt: skip


def test_a_suspension_follows_it(cast, certificate):
    with travel(2027, 6, 13):
        sweep()
        act(cast, certificate, "suspend", cause=Cause.MISUSE, until=dt.date(2027, 9, 1))
    assert statuses() == [ProposalStatus.FOLLOWED]


def test_a_withdrawal_makes_it_lapse(cast, certificate):
    with travel(2027, 6, 13):
        sweep()
        act(cast, certificate, "withdraw", cause=Cause.MISUSE)
    assert statuses() == [ProposalStatus.LAPSED]


def test_a_lapsed_one_can_come_again(cast, certificate):
    with travel(2027, 6, 13):
        Proposal.objects.create(
            certificate=certificate, ground=Ground.SURVEILLANCE, missed_on=MISSED,
            about=AuditKind.SURVEILLANCE_1, kind=DecisionKind.SUSPEND, due_on=MISSED,
            cause=Cause.SURVEILLANCE_OVERDUE, status=ProposalStatus.LAPSED,
        )  # fmt: skip
        assert sweep() == 1
    assert sorted(statuses()) == [ProposalStatus.LAPSED, ProposalStatus.OPEN]


def test_it_comes_again_when_it_was_reinstated_and_is_still_not_held(cast, certificate):
    with travel(2027, 6, 13):
        sweep()
        act(cast, certificate, "suspend", cause=Cause.MISUSE, until=dt.date(2027, 9, 1))
        assert sweep() == 0
    with travel(2027, 7, 1):
        act(cast, certificate, "reinstate")
        assert sweep() == 1
    assert sorted(statuses()) == [ProposalStatus.FOLLOWED, ProposalStatus.OPEN]


def test_the_rules_suspend_nothing_that_was_dismissed_meanwhile(cast, certificate):
    with travel(2027, 6, 13):
        sweep()
        listed = Proposal.objects.get()
        dismiss(cast, Proposal.objects.get())
        facts = {"cause": listed.cause, "until": dt.date(2027, 9, 1), "proposal": listed}
        with pytest.raises(Incomplete, match="not proposed any more"):
            perform(CERTIFICATE_FLOW, certificate, "suspend_by_rule", SYSTEM, **facts)


def test_a_certificate_that_came_later_has_missed_nothing(cast, certificate):
    Certificate.objects.update(first_issued_on=MISSED + dt.timedelta(days=1))
    with travel(2027, 6, 20):
        assert sweep() == 0


def test_each_valid_certificate_of_a_case_is_proposed_and_no_other(cast):
    with travel(*ISSUED):
        case = certified_case(cast, schemes=("QMS", "EMS", "OHSMS"))
    with travel(2026, 6, 20):
        gone = case.certificates.get(scheme__code="EMS")
        act(cast, gone, "suspend", cause=Cause.MISUSE, until=dt.date(2026, 12, 1))
        act(cast, gone, "withdraw", cause=Cause.MISUSE)
    with travel(2027, 6, 13):
        assert sweep() == 2
    rows = Proposal.objects.values_list("certificate__scheme__code", flat=True)
    assert sorted(rows) == ["OHSMS", "QMS"]


def test_an_expiry_makes_it_lapse(cast, certificate):
    with travel(2027, 6, 13):
        sweep()
    with travel(2029, 6, 12):
        assert expire_due() == 1
    assert statuses() == [ProposalStatus.LAPSED]


def test_a_suspension_that_ended_cannot_be_dismissed(cast, certificate, client):
    suspended(cast, certificate)
    with travel(2026, 9, 2):
        sweep()
        with pytest.raises(Incomplete, match="is resolved"):
            dismiss(cast, Proposal.objects.get())
        page = cast.client(client, "certifier").get(certificate.get_absolute_url())
    assert f'href="/certificates/{certificate.pk}/do/withdraw/"' in page.content.decode()
    assert "/do/dismiss/" not in page.content.decode()


def test_a_suspension_that_ended_undecided_calls_for_a_withdrawal(cast, certificate):
    suspended(cast, certificate)
    with travel(2026, 9, 1):
        assert sweep() == 0
    with travel(2026, 9, 2):
        assert sweep() == 1
        assert sweep() == 0
    proposal = Proposal.objects.get()
    assert (proposal.kind, proposal.ground, proposal.cause, proposal.automatic) == (
        DecisionKind.WITHDRAW, Ground.SUSPENSION, Cause.MISUSE, False
    )  # fmt: skip
    assert proposal.why == "It was suspended until 1 September 2026, and nothing was decided since."
    told = Notice.objects.filter(kind="certificate.suspension_over")
    assert {notice.recipient for notice in told} == {cast.certifier, cast.manager}
    assert told.count() == 2


def test_a_suspension_at_the_holders_wish_ends_for_a_cause_of_withdrawals(cast, certificate):
    suspended(cast, certificate, cause=Cause.CLIENT)
    with travel(2026, 9, 2):
        sweep()
    assert Proposal.objects.get().cause == Cause.OBLIGATIONS


@pytest.mark.parametrize(
    ("action", "facts", "status"),
    [
        ("reinstate", {}, ProposalStatus.LAPSED),
        ("withdraw", {"cause": Cause.MISUSE}, ProposalStatus.FOLLOWED),
        ("cancel", {}, ProposalStatus.LAPSED),
    ],
)
def test_what_becomes_of_a_proposed_withdrawal(cast, certificate, action, facts, status):
    suspended(cast, certificate)
    with travel(2026, 9, 2):
        sweep()
        act(cast, certificate, action, **facts)
    assert statuses() == [status]


def test_a_suspension_that_was_decided_calls_for_nothing(cast, certificate):
    suspended(cast, certificate)
    with travel(2026, 8, 20):
        act(cast, certificate, "reinstate")
    with travel(2026, 9, 2):
        assert sweep() == 0


def test_the_night_does_it_and_catches_up_what_it_missed(cast, certificate):
    suspended(cast, certificate)
    with travel(2026, 10, 1):
        ask()
        jobs.run_due()
        ask()
        jobs.run_due()
    assert statuses() == [ProposalStatus.OPEN]


def test_a_record_that_fails_does_not_hold_up_the_others(cast):
    with travel(*ISSUED):
        broken, other = certified(cast), certified(cast)
    case = other.case
    case.rule_set = RuleSet.objects.exclude(pk=case.rule_set_id).get()
    case.save(update_fields=["rule_set"])
    rules = Rule.objects.filter(rule_set=broken.case.rule_set)
    rules.filter(key="status_change_working_days").delete()
    with travel(2027, 6, 13), pytest.raises(NotAllDoneError, match=str(broken.pk)):
        sweep()
    assert [row.certificate for row in Proposal.objects.all()] == [other]


def test_the_certifier_finds_it_on_the_desk_and_on_the_certificate(cast, certificate, client):
    with travel(2027, 6, 13):
        sweep()
        proposal = Proposal.objects.get()
        cast.client(client, "certifier")
        rows = [row for row in client.get("/work/").context["rows"] if row.action == "dismiss"]
        assert [row.subject_id for row in rows] == [proposal.pk]
        page = client.get(certificate.get_absolute_url()).content.decode()
        assert WHY in page
        assert f'href="/certificates/{certificate.pk}/do/suspend/"' in page
        form = client.get(f"/certificates/{certificate.pk}/do/suspend/").context["form"]
        assert form["cause"].value() == Cause.SURVEILLANCE_OVERDUE
        assert form["reason"].value() == WHY
        address = reverse("certification:proposal_do", args=[proposal.pk, "dismiss"])
        assert client.post(address, {"reason": "", "password": PASSWORD}).status_code == 422
        page = client.get(address)
        assert page.context["form"]["not_before"].value() == dt.date(2027, 7, 13)
        assert WHY in page.content.decode()
        facts = {"not_before": "2027-07-13", "password": PASSWORD}
        client.post(address, {"reason": "Records are late.", **facts})
        assert WHY not in client.get(certificate.get_absolute_url()).content.decode()
    assert statuses() == [ProposalStatus.DISMISSED]


@pytest.mark.parametrize(
    ("who", "sees"), [("manager", True), ("auditor", True), ("owner", False), ("supervisor", False)]
)
def test_it_is_the_bodys_until_it_is_decided(cast, certificate, client, who, sees):
    with travel(2027, 6, 13):
        sweep()
        page = cast.client(client, who).get(certificate.get_absolute_url())
    assert (WHY in page.content.decode()) is sees
    assert Proposal.objects.visible_to(cast.actor(who)).exists() is sees
