"""Mergers (ISO/IEC 17021-1:2015 8.5.3): agreed by both, carried over case by case, completed."""

import datetime as dt
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audits.models import Audit
from certification.enums import (
    ApplicationKind,
    ApplicationStatus,
    AuditKind,
    CaseStatus,
    Cause,
    CertificateStatus,
    ChangeKind,
    ChangeStatus,
    DecisionKind,
    MergerStatus,
)
from certification.flows.applications import APPLICATION_FLOW
from certification.flows.changes import CHANGE_FLOW
from certification.flows.mergers import MERGER_FLOW
from certification.jobs.mergers import sweep_mergers
from certification.models import (
    Application,
    Case,
    Certificate,
    ChangeReport,
    Complaint,
    Decision,
    FormerHolder,
    Merger,
)
from certification.services import changes
from certification.services import mergers as services
from certification.services.applications import application_start
from foundation import files, jobs, journal, reminders, work
from foundation.actor import SYSTEM
from foundation.calendar import add_working_days
from foundation.checkup import CHECKS
from foundation.models import JournalEntry, Notice, WorkItem
from foundation.workflow import Incomplete, NotAllowed, NotConfirmed, WrongState, perform
from organisations.models import Organisation
from schemes.models import StandardEdition
from tests.audits.auditwork import picture
from tests.certification.casework import act, certified_case, opened_case, put_all_in_force, travel
from tests.people import make_enterprise
from verification.queries import certificate_by_code, facts, find, holders

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast):
    return certified_case(cast)


def reported(cast, who="rival_owner", **facts) -> Merger:
    usual = {
        "absorbed": cast.enterprise,
        "absorbing": cast.rival_enterprise,
        "description": "Lanhai goes up in its rival.",
        "takes_effect_on": timezone.localdate(),
        "uploads": [picture("notice.png")],
    }
    return services.report(actor=cast.actor(who), **usual | facts)


def do(cast, merger, action, who="owner", **facts) -> Merger:
    facts.setdefault("reason", "As agreed.")
    actor = SYSTEM if who == "system" else cast.actor(who)
    return perform(MERGER_FLOW, Merger.objects.get(pk=merger.pk), action, actor, **facts)


def agreed(cast, **facts) -> Merger:
    return do(cast, reported(cast, **facts), "confirm")


def handle(cast, change, action, who="reviewer", **facts) -> ChangeReport:
    facts.setdefault("reason", "Because of the merger.")
    row = ChangeReport.objects.get(pk=change.pk)
    return perform(CHANGE_FLOW, row, action, cast.actor(who), **facts)


def carried(cast, case, **facts) -> Merger:
    """Carry a case over to the rival, as its body decides."""
    merger = agreed(cast, **facts)
    change = ChangeReport.objects.get(case=case, merger=merger)
    handle(cast, change, "hand_over", certificates=[])
    handle(cast, change, "carry_over", "certifier")
    put_all_in_force(case)
    return merger


def told(kind) -> set:
    return {row.recipient for row in Notice.objects.filter(kind=kind)}


def status(merger) -> str:
    return Merger.objects.get(pk=merger.pk).status


def waiting(cast, who) -> set[tuple]:
    work.rebuild()
    rows = WorkItem.objects.waiting_for(cast.actor(who)).filter(
        subject_type__in=("certification.merger", "certification.changereport")
    )
    return {(row.subject_type.split(".")[1], row.action) for row in rows}


# Agreement


def test_the_other_side_is_asked_and_nothing_moves(cast, case):
    merger = reported(cast)
    year = timezone.localdate().year
    assert merger.number == f"MG-{year}-0001"
    assert merger.due_on == add_working_days(timezone.localdate(), 20, "CN")
    assert told("merger.asked") == {cast.owner}
    assert waiting(cast, "owner") == {("merger", "confirm")}
    assert waiting(cast, "rival_owner") == set()
    cast.enterprise.refresh_from_db()
    assert cast.enterprise.successor is None
    assert not ChangeReport.objects.exists()
    assert [row.label for row in files.attachments_of(merger, services.EVIDENCE)] == ["merger"]


@pytest.mark.parametrize("who", ["member", "manager", "certifier", "supervisor"])
def test_only_an_owner_of_one_side_reports(cast, who):
    with pytest.raises(NotAllowed):
        reported(cast, who)


def test_nobody_reports_a_merger_of_others(cast):
    third = make_enterprise(77, "第三企业", "Third Works")
    with pytest.raises(NotAllowed):
        reported(cast, absorbing=third)


@pytest.mark.parametrize("who", ["rival_owner", "member", "manager", "certifier", "supervisor"])
def test_only_the_owner_asked_confirms(cast, case, who):
    merger = reported(cast)
    with pytest.raises(NotAllowed):
        do(cast, merger, "confirm", who)
    assert status(merger) == MergerStatus.PROPOSED


def test_confirming_needs_a_proof_of_the_person(cast, case):
    merger = reported(cast)
    actor = cast.actor("owner")
    actor = type(actor)(**{**vars(actor), "confirmed": False})
    with pytest.raises(NotConfirmed):
        perform(MERGER_FLOW, merger, "confirm", actor)


def test_the_one_that_ends_may_report_too(cast, case):
    merger = reported(cast, "owner")
    assert told("merger.asked") == {cast.rival_owner}
    with pytest.raises(NotAllowed):
        do(cast, merger, "confirm", "owner")
    assert do(cast, merger, "confirm", "rival_owner").status == MergerStatus.AGREED


def test_agreed_every_body_hears_of_its_case(cast, case):
    merger = agreed(cast)
    change = ChangeReport.objects.get()
    assert (change.case, change.kind, change.merger) == (case, ChangeKind.MERGER, merger)
    assert change.status == ChangeStatus.REPORTED
    assert told("change.reported") == {cast.reviewer, cast.manager}
    assert told("merger.agreed") == {cast.owner, cast.member, cast.rival_owner}
    [evidence] = files.attachments_of(change, changes.EVIDENCE)
    assert evidence.file == files.attachments_of(merger, services.EVIDENCE).get().file
    assert waiting(cast, "reviewer") == {("changereport", "no_consequence")}
    cast.enterprise.refresh_from_db()
    assert cast.enterprise.successor == cast.rival_enterprise
    assert cast.enterprise.ended_on is None
    case.refresh_from_db()
    assert case.enterprise == cast.enterprise


def test_a_case_not_yet_certified_is_told_of_too(cast):
    case = opened_case(cast)
    agreed(cast)
    assert ChangeReport.objects.get().case == case


def test_refused_and_taken_back_nothing_changes(cast, case):
    assert do(cast, reported(cast), "refuse").status == MergerStatus.REFUSED
    assert told("merger.refused") == {cast.rival_owner}
    assert do(cast, reported(cast), "withdraw", "rival_owner").status == MergerStatus.WITHDRAWN
    assert told("merger.withdrawn") == {cast.owner}
    cast.enterprise.refresh_from_db()
    assert cast.enterprise.successor is None
    assert not ChangeReport.objects.exists()


def test_it_lapses_after_its_limit(cast, case):
    with travel(2026, 3, 2):
        merger = reported(cast)
    last = add_working_days(dt.date(2026, 3, 2), 20, "CN")
    with travel(last.year, last.month, last.day):
        assert sweep_mergers() == 0
    after = last + dt.timedelta(days=1)
    with travel(after.year, after.month, after.day):
        assert sweep_mergers() == 1
    assert status(merger) == MergerStatus.LAPSED
    assert told("merger.lapsed") == {cast.owner, cast.member, cast.rival_owner}


def test_the_one_asked_is_reminded(cast, case):
    with travel(2026, 3, 2):
        merger = reported(cast)
    on = merger.confirm_by
    near = next(
        day
        for day in (on - dt.timedelta(days=n) for n in range(1, 15))
        if add_working_days(day, 3, "CN") == on
    )
    with travel(near.year, near.month, near.day):
        reminders.run(timezone.localdate())
    assert told("merger.due") == {cast.owner}


# What contradicts


def test_one_merger_at_a_time_for_the_one_that_ends(cast):
    reported(cast)
    third = make_enterprise(78, "第三企业", "Third Works")
    with pytest.raises(WrongState, match="reported already"):
        reported(cast, "owner", absorbing=third)
    row = Merger.objects.get()
    row.pk, row.number, row.absorbing = uuid4(), "MG-2026-9999", third
    row.reporter, row._state.adding = cast.enterprise, True
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_a_cycle_is_refused(cast, case):
    merger = reported(cast)
    with pytest.raises(WrongState, match="opposite"):
        reported(cast, "owner", absorbed=cast.rival_enterprise, absorbing=cast.enterprise)
    do(cast, merger, "confirm")
    with pytest.raises(WrongState, match="already"):
        reported(cast, "owner", absorbed=cast.rival_enterprise, absorbing=cast.enterprise)


def test_a_chain_is_refused_until_it_is_complete(cast, case):
    agreed(cast)
    third = make_enterprise(79, "第三企业", "Third Works")
    with pytest.raises(WrongState, match="complete that first"):
        reported(cast, absorbed=cast.rival_enterprise, absorbing=third)
    with pytest.raises(WrongState, match="has merged, already"):
        reported(cast, "owner", absorbing=third)


def test_what_came_between_is_seen_when_confirming(cast, case):
    merger = reported(cast)
    Organisation.objects.filter(pk=cast.rival_enterprise.pk).update(
        successor=make_enterprise(80, "第四企业", "Fourth Works")
    )
    with pytest.raises(Incomplete):
        do(cast, merger, "confirm")


def test_an_enterprise_that_goes_up_applies_no_more(cast, case):
    draft = Application.objects.create(
        kind=ApplicationKind.INITIAL, enterprise=cast.enterprise, created_by=cast.owner
    )
    merger = agreed(cast)
    with pytest.raises(NotAllowed, match="merges into"):
        application_start(actor=cast.actor("owner"), kind="initial", schemes=[])
    with pytest.raises(Incomplete) as refusal:
        perform(APPLICATION_FLOW, draft, "submit", cast.actor("owner"), declared=True)
    assert "merges into" in str(refusal.value)
    do(cast, merger, "call_off")
    assert application_start(
        actor=cast.actor("owner"), kind="initial", schemes=[StandardEdition.objects.first()]
    )


def test_called_off_everything_is_as_before(cast, case):
    merger = agreed(cast)
    with pytest.raises(NotAllowed):
        do(cast, merger, "call_off", "member")
    assert do(cast, merger, "call_off", "rival_owner").status == MergerStatus.WITHDRAWN
    assert ChangeReport.objects.get().status == ChangeStatus.LAPSED
    cast.enterprise.refresh_from_db()
    assert cast.enterprise.successor is None
    assert reported(cast)


# At the body


@pytest.mark.parametrize("action", ["no_consequence", "plan_audit", "need_application"])
def test_the_desk_can_only_hand_it_over(cast, case, action):
    agreed(cast)
    facts = {
        "days": 1,
        "window_from": timezone.localdate(),
        "window_to": timezone.localdate(),
        "application_kind": ApplicationKind.CHANGE,
    }
    with pytest.raises(Incomplete, match="hand it to the certifiers"):
        handle(cast, ChangeReport.objects.get(), action, **facts)


def test_the_enterprise_does_not_take_it_back_alone(cast, case):
    agreed(cast)
    with pytest.raises(Incomplete):
        handle(cast, ChangeReport.objects.get(), "withdraw", "owner")


def test_carried_over_under_the_same_number(cast, case):
    before = case.certificates.get()
    agreed(cast)
    change = ChangeReport.objects.get()
    handle(cast, change, "hand_over", certificates=[])
    assert waiting(cast, "certifier") == {("changereport", "carry_over")}
    handle(cast, change, "carry_over", "certifier", reason="The system goes on unchanged.")
    case.refresh_from_db()
    certificate = case.certificates.get()
    assert case.enterprise == certificate.enterprise == cast.rival_enterprise
    assert certificate.number == before.number
    assert certificate.holder_identifier == cast.enterprise.identifier  # until it is issued
    put_all_in_force(case)
    certificate.refresh_from_db()
    assert certificate.status == CertificateStatus.VALID
    assert certificate.holder_identifier == cast.rival_enterprise.identifier
    content = certificate.current_revision.content
    assert content["holder"]["name_en"] == cast.rival_enterprise.name_en
    assert content["revisions"][-1]["reason_en"] == "Holder merged into another enterprise"
    assert certificate.events.latest("created_at").cause == Cause.MERGER
    decision = Decision.objects.get(kind=DecisionKind.CARRY)
    assert (decision.certificate, decision.decided_by) == (certificate, cast.certifier)
    assert Application.objects.get(case=case).enterprise == cast.rival_enterprise
    change.refresh_from_db()
    assert change.status == ChangeStatus.DONE
    assert told("merger.carried") == {cast.owner, cast.member, cast.rival_owner}
    assert doctor() == []


def doctor() -> list[str]:
    """Return what the doctor finds wrong with mergers."""
    return [row.text for row in CHECKS["mergers.parties"].find()]


def test_the_doctor_sees_what_does_not_add_up(cast, case):
    carried(cast, case)
    assert doctor() == []
    Certificate.objects.update(enterprise=cast.enterprise)
    Merger.objects.update(status=MergerStatus.WITHDRAWN)
    assert len(doctor()) == 2


def test_nothing_passes_over_before_its_day(cast, case):
    agreed(cast, takes_effect_on=timezone.localdate() + dt.timedelta(days=3))
    change = handle(cast, ChangeReport.objects.get(), "hand_over", certificates=[])
    with pytest.raises(Incomplete, match="nothing passes over before"):
        handle(cast, change, "carry_over", "certifier")


def test_an_application_under_way_is_settled_first(cast, case):
    agreed(cast)
    Application.objects.create(
        kind=ApplicationKind.EXTENSION,
        enterprise=cast.enterprise,
        body=cast.body,
        number="A-2026-0777",
        status=ApplicationStatus.IN_REVIEW,
        submitted_at=timezone.now(),
        created_by=cast.owner,
    )
    change = handle(cast, ChangeReport.objects.get(), "hand_over", certificates=[])
    with pytest.raises(Incomplete, match="A-2026-0777"):
        handle(cast, change, "carry_over", "certifier")


def test_a_revision_under_way_comes_first(cast, case):
    agreed(cast)
    change = handle(cast, ChangeReport.objects.get(), "hand_over", certificates=[])
    act(cast, case.certificates.get(), "correct", scope_en="Other words of the same.")
    with pytest.raises(Incomplete, match="still being issued"):
        handle(cast, change, "carry_over", "certifier")
    put_all_in_force(case)
    change.refresh_from_db()
    assert change.status == ChangeStatus.REVISION  # a correction settles no merger
    handle(cast, change, "carry_over", "certifier")


@pytest.mark.parametrize("who", ["owner", "rival_owner", "reviewer", "manager", "supervisor"])
def test_only_a_certifier_carries_over(cast, case, who):
    agreed(cast)
    change = handle(cast, ChangeReport.objects.get(), "hand_over", certificates=[])
    with pytest.raises(NotAllowed):
        handle(cast, change, "carry_over", who)


def test_other_changes_are_not_carried_over(cast, case):
    change = changes.report(
        case=case,
        actor=cast.actor("owner"),
        kind=ChangeKind.NAME,
        description="Another name.",
        takes_effect_on=timezone.localdate(),
    )
    handle(cast, change, "hand_over", certificates=list(case.certificates.all()))
    with pytest.raises(NotAllowed, match="No merger"):
        handle(cast, change, "carry_over", "certifier")


def test_suspended_it_stays_suspended(cast, case):
    certificate = case.certificates.get()
    until = timezone.localdate() + dt.timedelta(days=30)
    act(cast, certificate, "suspend", cause=Cause.OBLIGATIONS, until=until)
    carried(cast, case)
    certificate.refresh_from_db()
    assert certificate.status == CertificateStatus.SUSPENDED
    assert certificate.enterprise == cast.rival_enterprise


def test_a_case_in_audit_passes_over_without_a_certificate(cast):
    case = opened_case(cast)
    carried(cast, case)
    case.refresh_from_db()
    assert (case.enterprise, case.status) == (cast.rival_enterprise, CaseStatus.AUDITING)
    assert not Decision.objects.exists()


def test_cancelled_instead_the_merger_is_the_cause(cast, case):
    merger = agreed(cast)
    certificate = act(cast, case.certificates.get(), "cancel")
    assert certificate.events.latest("created_at").cause == Cause.MERGER
    assert ChangeReport.objects.get().status == ChangeStatus.LAPSED
    assert sweep_mergers() == 1
    assert status(merger) == MergerStatus.DONE
    shown = facts(certificate_by_code(certificate.code))
    assert shown["holder_merged_into"]["identifier"] == cast.rival_enterprise.identifier


def test_once_a_case_has_passed_it_is_not_called_off(cast, case):
    merger = agreed(cast)
    other = opened_case(cast)
    sweep_mergers()
    assert ChangeReport.objects.filter(case=other, merger=merger).count() == 1
    sweep_mergers()
    assert ChangeReport.objects.filter(merger=merger).count() == 2
    change = ChangeReport.objects.get(case=case)
    handle(cast, change, "hand_over", certificates=[])
    handle(cast, change, "carry_over", "certifier")
    with pytest.raises(Incomplete, match="passed over already"):
        do(cast, merger, "call_off")


# Who sees what


def audit_of(case, number) -> Audit:
    """Return an audit of a case that its enterprise may read."""
    return Audit.objects.create(
        case=case,
        programme_item=case.programme.get(kind=AuditKind.SURVEILLANCE_1),
        cycle=case.cycle,
        kind=AuditKind.SURVEILLANCE_1,
        enterprise=case.enterprise,
        body=case.body,
        number=number,
        days=1,
        proposed_at=timezone.now(),
    )


def pages(client, cast, who, *objects) -> list[int]:
    cast.client(client, who)
    return [client.get(row.get_absolute_url()).status_code for row in objects]


def test_before_it_passes_the_new_holder_sees_nothing(client, cast, case):
    merger = agreed(cast)
    change, certificate = ChangeReport.objects.get(), case.certificates.get()
    application = Application.objects.get(case=case)
    rows = (merger, case, certificate, change, application)
    assert pages(client, cast, "rival_owner", *rows) == [200, 404, 404, 404, 404]
    assert pages(client, cast, "owner", *rows) == [200] * 5
    assert pages(client, cast, "reviewer", *rows) == [404, 200, 200, 200, 200]
    assert pages(client, cast, "rival_manager", *rows) == [404] * 5
    assert pages(client, cast, "supervisor", *rows)[0] == 200


def test_afterwards_the_old_holder_reads_its_past_alone(client, cast, case):
    carried(cast, case)
    certificate = case.certificates.get()
    application = Application.objects.get(case=case)
    rows = (case, certificate, application, ChangeReport.objects.get())
    assert pages(client, cast, "rival_owner", *rows) == [200] * 4
    assert pages(client, cast, "owner", *rows) == [200] * 4
    assert pages(client, cast, "rival_manager", *rows) == [404] * 4
    audit = audit_of(Case.objects.get(pk=case.pk), "later")
    assert audit not in Audit.objects.visible_to(cast.actor("owner"))
    assert audit in Audit.objects.visible_to(cast.actor("rival_owner"))
    with pytest.raises(NotAllowed):
        act(cast, certificate, "request_cancellation", "owner")
    later = journal.record(case, "case.later", cast.actor("planner"))
    assert later not in journal.history(case.thread, cast.actor("owner"))
    assert later in journal.history(case.thread, cast.actor("rival_owner"))
    seen = {row.verb for row in journal.history(case.thread, cast.actor("owner"))}
    assert "case.pass_over" in seen


def test_audits_follow_the_case(cast, case):
    audit = audit_of(case, "before")
    carried(cast, case)
    audit.refresh_from_db()
    assert audit.enterprise == cast.rival_enterprise
    assert audit in Audit.objects.visible_to(cast.actor("owner"))


def test_people_do_not_pass_over(cast, case):
    carried(cast, case)
    assert not cast.rival_enterprise.memberships.filter(user__in=[cast.owner, cast.member]).exists()
    assert cast.actor("owner").organisation == cast.enterprise


# The public


def test_the_public_finds_it_by_the_old_name_and_identifier(client, cast, case):
    carried(cast, case)
    certificate = case.certificates.get()
    for words in (cast.enterprise.identifier, cast.enterprise.name_en, cast.enterprise.name_zh):
        assert find(words).certificates == [certificate], words
    assert find(cast.rival_enterprise.identifier).certificates == [certificate]
    page = client.get(reverse("verification:certificate", args=[certificate.code]))
    text = page.content.decode()
    assert cast.rival_enterprise.name_en in text
    assert cast.enterprise.identifier in text
    shown = facts(certificate_by_code(certificate.code))
    [former] = shown["former_holders"]
    assert former["identifier"] == cast.enterprise.identifier
    assert shown["holder_merged_into"] is None


def test_the_directory_leads_from_the_old_holder_to_the_new_one(client, cast, case):
    old = reverse("verification:holder", args=[cast.enterprise.pk])
    assert client.get(old).status_code == 200
    carried(cast, case)
    assert list(holders(cast.enterprise.name_zh)) == [cast.rival_enterprise]
    assert client.get(old).status_code == 404  # until the old one has ended
    jobs.run_due()
    new = reverse("verification:holder", args=[cast.rival_enterprise.pk])
    assert client.get(old).url == new
    assert client.get(new).status_code == 200


def test_no_former_holder_is_shown_without_a_merger(client, cast, case):
    certificate = case.certificates.get()
    assert facts(certificate_by_code(certificate.code))["former_holders"] == []


# The end


def test_it_ends_when_nothing_is_left(cast, case):
    merger = carried(cast, case)
    assert status(merger) == MergerStatus.AGREED
    jobs.run_due()
    assert status(merger) == MergerStatus.DONE
    cast.enterprise.refresh_from_db()
    assert cast.enterprise.ended_on == timezone.localdate()
    assert not cast.enterprise.sites.filter(active=True).exists()
    assert cast.rival_enterprise.sites.filter(active=True, is_central=True).count() == 1
    assert cast.rival_enterprise.sites.filter(active=True).count() == 2
    assert told("merger.completed") == {cast.owner, cast.member, cast.rival_owner}
    assert doctor() == []
    third = make_enterprise(81, "第五企业", "Fifth Works")
    again = reported(cast, absorbed=cast.rival_enterprise, absorbing=third)
    assert again.status == MergerStatus.PROPOSED  # the chain goes on, one after the other


def test_what_is_left_keeps_it(cast, case):
    merger = carried(cast, case)
    application = Application.objects.create(
        kind=ApplicationKind.INITIAL,
        enterprise=cast.enterprise,
        body=cast.rival_body,
        number="A-2026-0778",
        status=ApplicationStatus.OFFERED,
        submitted_at=timezone.now(),
        created_by=cast.owner,
    )
    jobs.run_due()
    assert status(merger) == MergerStatus.AGREED
    assert [row for _words, row in services.left_over(merger)] == [application]
    with pytest.raises(Incomplete):
        do(cast, merger, "complete", "system")
    Application.objects.update(status=ApplicationStatus.REJECTED)
    assert sweep_mergers() == 1
    assert status(merger) == MergerStatus.DONE


# Pages


def filled(cast, **facts):
    return {
        "own": "goes_on",
        "country": "CN",
        "identifier": cast.enterprise.identifier,
        "takes_effect_on": timezone.localdate().isoformat(),
        "description": "They merge.",
        "uploads": picture("notice.png"),
    } | facts


def test_reported_in_the_browser(client, cast, case):
    cast.client(client, "rival_owner")
    page = client.post(reverse("certification:merger_new"), filled(cast))
    merger = Merger.objects.get()
    assert page.url == merger.get_absolute_url()
    assert (merger.absorbed, merger.absorbing) == (cast.enterprise, cast.rival_enterprise)
    assert merger.reporter == cast.rival_enterprise
    text = client.get(page.url).content.decode()
    assert cast.enterprise.name_en in text


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"identifier": "91330200MA00000000"}, "identifier"),
        ({"identifier": ""}, "identifier"),
        ({"own": ""}, "own"),
        ({"uploads": ""}, "uploads"),
        ({"takes_effect_on": "2001-01-01"}, "takes_effect_on"),
    ],
)
def test_mistakes_are_said_at_their_field(client, cast, facts, field):
    cast.client(client, "rival_owner")
    page = client.post(reverse("certification:merger_new"), filled(cast, **facts))
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert "They merge." in page.content.decode()


def test_ones_own_enterprise_is_no_other(client, cast):
    cast.client(client, "owner")
    page = client.post(reverse("certification:merger_new"), filled(cast))
    assert list(page.context["form"].errors) == ["identifier"]


def test_what_contradicts_is_said_on_the_form(client, cast):
    reported(cast)
    cast.client(client, "rival_owner")
    page = client.post(reverse("certification:merger_new"), filled(cast))
    assert page.status_code == 422
    assert "reported already" in page.content.decode()


def test_the_list_asks_the_same_for_one_and_three(client, cast):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("certification:mergers")).status_code == 200
        return len(queries)

    reported(cast)
    cast.client(client, "rival_owner")
    asked()
    one = asked()
    for serial in (82, 83):
        other = make_enterprise(serial, f"企业{serial}", f"Works {serial}")
        reported(cast, absorbed=other)
    assert asked() == one <= 25


def test_the_page_stays_small(client, cast, case):
    merger = agreed(cast)
    cast.client(client, "owner")
    client.get(merger.get_absolute_url())
    with CaptureQueriesContext(connection) as queries:
        client.get(merger.get_absolute_url())
    assert len(queries) <= 25


def test_the_journal_of_a_merger_is_whole(cast, case):
    merger = carried(cast, case)
    verbs = set(JournalEntry.objects.filter(thread=merger.pk).values_list("verb", flat=True))
    assert {"merger.report", "merger.confirm"} <= verbs
    assert FormerHolder.objects.get().case == case
    assert Complaint.objects.count() == 0
    assert Certificate.objects.get().enterprise == cast.rival_enterprise
