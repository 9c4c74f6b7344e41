"""Reported changes (ISO/IEC 17021-1:2015 8.5.3): reported, assessed, followed, closed."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from certification.enums import (
    ApplicationStatus,
    AuditKind,
    CaseStatus,
    Cause,
    ChangeKind,
    ChangeStatus,
)
from certification.flows import changes as flow
from certification.flows.applications import APPLICATION_FLOW
from certification.flows.cases import CASE_FLOW
from certification.flows.changes import CHANGE_FLOW
from certification.models import Application, Case, Certificate, ChangeReport, Decision
from certification.services import changes as services
from foundation import reminders, work
from foundation.calendar import add_working_days
from foundation.models import JournalEntry, Notice, WorkItem
from foundation.workflow import Incomplete, NotAllowed, WrongState, perform
from organisations.hints import hints_of
from organisations.models import Organisation
from tests.audits.auditwork import picture
from tests.certification.casework import (
    act,
    audited,
    certified_case,
    decide_as,
    opened_case,
    put_all_in_force,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast):
    return certified_case(cast)


def reported(cast, case, who="member", **facts) -> ChangeReport:
    usual = {
        "kind": ChangeKind.NAME,
        "description": "From Lanhai Machinery to Lanhai Gears.",
        "takes_effect_on": timezone.localdate(),
    }
    return services.report(case=case, actor=cast.actor(who), **usual | facts)


def do(cast, change, action, who="reviewer", **facts) -> ChangeReport:
    facts.setdefault("reason", "Because of what was sent.")
    row = ChangeReport.objects.get(pk=change.pk)
    return perform(CHANGE_FLOW, row, action, cast.actor(who), **facts)


def status(change) -> str:
    return ChangeReport.objects.get(pk=change.pk).status


def told(kind) -> set:
    return {row.recipient for row in Notice.objects.filter(kind=kind)}


def waiting(cast, who) -> set[str]:
    work.rebuild()
    rows = WorkItem.objects.waiting_for(cast.actor(who)).filter(
        subject_type="certification.changereport"
    )
    return {row.action for row in rows}


# Reporting


def test_it_is_numbered_told_and_due(cast, case):
    change, second = reported(cast, case), reported(cast, case, kind=ChangeKind.SITES)
    year = timezone.localdate().year
    assert [change.number, second.number] == [f"M-{year}-0001", f"M-{year}-0002"]
    assert change.status == ChangeStatus.REPORTED
    assert change.due_on == add_working_days(timezone.localdate(), 10, "CN")
    assert told("change.reported") == {cast.reviewer, cast.manager}
    entry = JournalEntry.objects.filter(verb="change.report").first()
    assert (entry.thread, entry.internal_to) == (case.thread, None)
    assert waiting(cast, "reviewer") == waiting(cast, "manager") == {"no_consequence"}
    assert waiting(cast, "owner") == set()


@pytest.mark.parametrize("who", ["manager", "reviewer", "rival_owner", "supervisor"])
def test_only_the_enterprise_reports(cast, case, who):
    with pytest.raises(NotAllowed):
        reported(cast, case, who)


def test_what_is_not_certified_is_not_reported_on(cast):
    with pytest.raises(WrongState):
        reported(cast, opened_case(cast))


def test_who_sees_it(cast, case):
    change = reported(cast, case)
    seen = {
        who: ChangeReport.objects.visible_to(cast.actor(who)).filter(pk=change.pk).exists()
        for who in ("owner", "member", "manager", "reviewer", "certifier", "auditor",
                    "supervisor", "rival_owner", "rival_manager", "operator", "anonymous")
    }  # fmt: skip
    assert {who for who, found in seen.items() if not found} == {
        "rival_owner", "rival_manager", "anonymous"
    }  # fmt: skip


# Assessing


def test_nothing_may_follow(cast, case):
    change = reported(cast, case, kind=ChangeKind.MANAGEMENT)
    do(cast, change, "no_consequence")
    assert status(change) == ChangeStatus.UNCHANGED
    assert told("change.unchanged") == {cast.owner, cast.member}
    assert ChangeReport.objects.get().due_on is None
    assert waiting(cast, "reviewer") == set()


def test_a_question_is_asked_and_answered(cast, case):
    change = reported(cast, case)
    with time_machine.travel(timezone.now() + dt.timedelta(days=8), tick=False):
        do(cast, change, "ask", reason="From which day?")
        assert told("change.question") == {cast.owner, cast.member}
        assert waiting(cast, "member") == {"answer"}
    later = timezone.now() + dt.timedelta(days=20)
    with time_machine.travel(later, tick=False):
        do(cast, change, "answer", "member", answer="From May.", uploads=[picture()])
        row = ChangeReport.objects.get()
        assert (row.status, row.question, row.answer) == (
            ChangeStatus.REPORTED, "From which day?", "From May."
        )  # fmt: skip
        assert row.due_on == add_working_days(timezone.localdate(), 10, "CN")
    assert told("change.answered") == {cast.reviewer, cast.manager}


def test_it_is_taken_back_while_nothing_follows(cast, case):
    change = reported(cast, case)
    do(cast, change, "withdraw", "owner")
    assert status(change) == ChangeStatus.WITHDRAWN
    change = reported(cast, case)
    do(cast, change, "hand_over", certificates=list(case.certificates.all()))
    with pytest.raises(WrongState):
        do(cast, change, "withdraw", "owner")


# A new revision


def handed_over(cast, case, **facts) -> ChangeReport:
    change = reported(cast, case, **facts)
    return do(cast, change, "hand_over", certificates=list(case.certificates.all()))


def test_the_certifier_revises_and_the_report_closes(cast, case):
    change = handed_over(cast, case)
    assert cast.certifier in told("change.handed_over")
    assert waiting(cast, "certifier") == {"decline"}
    assert status(change) == ChangeStatus.REVISION
    certificate = case.certificates.get()
    act(cast, certificate, "correct", holder={"name_en": "Lanhai Gears Ltd."})
    assert status(change) == ChangeStatus.DONE
    assert told("change.done") == {cast.owner, cast.member}


def test_it_closes_with_the_last_of_several(cast):
    case = certified_case(cast, schemes=("QMS", "EMS"))
    change = handed_over(cast, case)
    first, second = case.certificates.order_by("number")
    act(cast, first, "correct", holder={"name_en": "Lanhai Gears Ltd."})
    assert status(change) == ChangeStatus.REVISION
    act(cast, second, "withdraw", cause=Cause.MISUSE)
    assert status(change) == ChangeStatus.DONE


def test_a_revision_of_before_does_not_count(cast, case):
    certificate = case.certificates.get()
    act(cast, certificate, "correct", holder={"name_en": "Lanhai Gears Ltd."})
    put_all_in_force(case)
    change = handed_over(cast, case)
    flow.certificate_changed(Certificate.objects.get(pk=certificate.pk))
    assert status(change) == ChangeStatus.REVISION
    scope = {"scope_en": "Manufacture of gearboxes", "scope_zh": "齿轮箱的生产"}
    act(cast, Certificate.objects.get(pk=certificate.pk), "reduce", **scope)
    assert status(change) == ChangeStatus.DONE


def test_a_certifier_declines_and_the_desk_assesses_again(cast, case):
    change = handed_over(cast, case)
    with pytest.raises(NotAllowed):
        do(cast, change, "decline", "reviewer")
    do(cast, change, "decline", "certifier", reason="The licence still says otherwise.")
    assert status(change) == ChangeStatus.REPORTED
    assert told("change.declined") == {cast.reviewer, cast.manager}
    assert waiting(cast, "reviewer") == {"no_consequence"}
    assert JournalEntry.objects.get(verb="change.decline").internal_to == cast.body.pk


def test_only_certificates_of_the_case_in_force_are_revised(cast, case):
    change = reported(cast, case)
    with pytest.raises(Incomplete, match="Choose the certificates"):
        do(cast, change, "hand_over", certificates=[Certificate(pk=case.pk)])


def test_the_form_begins_with_what_is_registered(cast, client, case):
    Organisation.objects.filter(pk=cast.enterprise.pk).update(name_en="Lanhai Gears Ltd.")
    certificate = case.certificates.get()
    address = reverse("certification:certificate_do", args=[certificate.pk, "correct"])
    cast.client(client, "certifier")
    before = client.get(address).context["form"]
    assert before.fields["name_en"].initial != "Lanhai Gears Ltd."
    change = handed_over(cast, case)
    form = client.get(address).context["form"]
    assert form.fields["name_en"].initial == "Lanhai Gears Ltd."
    assert change.number in form.fields["reason"].initial
    page = client.get(certificate.get_absolute_url()).content.decode()
    assert change.get_absolute_url() in page


# An audit


def planned(cast, case) -> ChangeReport:
    today = timezone.localdate()
    facts = {"days": Decimal(1), "window_from": today, "window_to": today + dt.timedelta(40)}
    return do(cast, reported(cast, case, kind=ChangeKind.SYSTEM), "plan_audit", **facts)


def test_it_closes_with_the_decision_on_its_audit(cast, case):
    change = planned(cast, case)
    row = ChangeReport.objects.get()
    assert (row.status, row.item.purpose, row.item.days) == (
        ChangeStatus.AUDIT, "change", Decimal("1.0")
    )  # fmt: skip
    assert told("case.special_planned") == {cast.owner}
    audited(case, AuditKind.SURVEILLANCE_1)
    case.refresh_from_db()
    decide_as(cast, case, "maintain")
    assert status(change) == ChangeStatus.AUDIT
    audited(case, AuditKind.SPECIAL, item=row.item)
    case.refresh_from_db()
    decide_as(cast, case, "maintain")
    assert status(change) == ChangeStatus.DONE
    assert Decision.objects.filter(kind="maintain").count() == 2


def test_without_its_audit_it_is_assessed_anew(cast, case):
    change = planned(cast, case)
    facts = {"item": ChangeReport.objects.get().item, "reason": "The change is put off."}
    perform(CASE_FLOW, case, "drop_special", cast.actor("planner"), **facts)
    row = ChangeReport.objects.get()
    assert (row.status, row.item) == (ChangeStatus.REPORTED, None)
    assert status(change) == ChangeStatus.REPORTED
    assert waiting(cast, "reviewer") == {"no_consequence"}


def test_nothing_is_audited_any_more_when_the_case_has_ended(cast, case):
    change = reported(cast, case)
    act(cast, case.certificates.get(), "withdraw", cause=Cause.MISUSE)
    assert Case.objects.get().status == CaseStatus.ENDED
    assert status(change) == ChangeStatus.LAPSED


# An application


def test_an_application_is_begun_and_closes_the_report_when_sent(cast, case):
    change = reported(cast, case, kind=ChangeKind.SCOPE)
    do(cast, change, "need_application", application_kind="extension")
    assert told("change.application") == {cast.owner, cast.member}
    assert waiting(cast, "owner") == {"begin_application"}
    do(cast, change, "begin_application", "owner")
    application = ChangeReport.objects.get().application
    assert (application.kind, application.body, application.status) == (
        "extension", cast.body, ApplicationStatus.DRAFT
    )  # fmt: skip
    assert application.previous_number == case.certificates.get().number
    assert list(application.schemes.values_list("scheme__code", flat=True)) == ["QMS"]
    assert waiting(cast, "owner") == set()
    flow.submitted(application)
    assert status(change) == ChangeStatus.DONE


def test_a_given_up_application_can_be_begun_anew(cast, case):
    change = reported(cast, case, kind=ChangeKind.SCOPE)
    do(cast, change, "need_application", application_kind="change")
    do(cast, change, "begin_application", "owner")
    with pytest.raises(Incomplete, match="begun"):
        do(cast, change, "begin_application", "owner")
    application = Application.objects.get(status=ApplicationStatus.DRAFT)
    perform(APPLICATION_FLOW, application, "cancel", cast.actor("owner"))
    assert ChangeReport.objects.get().application is None
    assert waiting(cast, "owner") == {"begin_application"}


def test_another_application_of_that_kind_closes_it_too(cast, case):
    change = reported(cast, case, kind=ChangeKind.SCOPE)
    do(cast, change, "need_application", application_kind="extension")
    for kind, after in (("change", ChangeStatus.APPLICATION), ("extension", ChangeStatus.DONE)):
        application = Application(kind=kind, enterprise=cast.enterprise, body=cast.body)
        flow.submitted(application)
        assert status(change) == after


def test_no_other_kind_of_application_is_asked_for(cast, case):
    change = reported(cast, case)
    with pytest.raises(Incomplete, match="extension or a change"):
        do(cast, change, "need_application", application_kind="initial")


# Reminding


def test_the_desk_is_reminded_before_and_after(cast, case):
    change = reported(cast, case)
    for working_days, count in ((7, 0), (8, 2), (10, 0), (11, 2)):
        Notice.objects.filter(kind="change.due").delete()
        day = add_working_days(timezone.localdate(change.created_at), working_days, "CN")
        with time_machine.travel(dt.datetime.combine(day, dt.time(3), dt.UTC), tick=False):
            reminders.run(timezone.localdate())
        assert Notice.objects.filter(kind="change.due").count() == count, working_days


# Facts of the enterprise


def test_changed_facts_are_offered_to_be_reported(cast, client, case):
    assert hints_of(cast.enterprise, cast.actor("owner")) == []
    Organisation.objects.filter(pk=cast.enterprise.pk).update(address_en="9 New Road, Ningbo")
    enterprise = Organisation.objects.get(pk=cast.enterprise.pk)
    (hint,) = hints_of(enterprise, cast.actor("owner"))
    assert hint.url == reverse("certification:change_new", args=[case.pk]) + "?kind=address"
    for who in ("manager", "supervisor", "rival_owner"):
        assert hints_of(enterprise, cast.actor(who)) == []
    cast.client(client, "owner")
    assert hint.url in client.get(enterprise.get_absolute_url()).content.decode()
    assert ChangeReport.objects.count() == 0
    reported(cast, case, kind=ChangeKind.ADDRESS)
    assert hints_of(enterprise, cast.actor("owner")) == []


# Pages


def test_the_enterprise_reports_on_a_page(cast, client, case):
    cast.client(client, "member")
    address = reverse("certification:change_new", args=[case.pk])
    assert address in client.get(case.get_absolute_url()).content.decode()
    certificate = case.certificates.get()
    assert address in client.get(certificate.get_absolute_url()).content.decode()
    assert client.get(address + "?kind=sites").context["form"].initial["kind"] == "sites"
    today = timezone.localdate()
    bad = client.post(address, {"kind": "sites", "takes_effect_on": "1999-01-01"})
    assert bad.status_code == 422
    assert set(bad.context["form"].errors) == {"takes_effect_on", "description"}
    good = {"kind": "sites", "takes_effect_on": today, "description": "A second plant."}
    done = client.post(address, good | {"uploads": picture()})
    change = ChangeReport.objects.get()
    assert (done.status_code, done["Location"]) == (302, change.get_absolute_url())
    page = client.get(change.get_absolute_url()).content.decode()
    assert "A second plant." in page
    assert "photo.png" in page
    assert change.get_absolute_url() in client.get(case.get_absolute_url()).content.decode()


def test_the_desk_assesses_on_a_page(cast, client, case):
    change = reported(cast, case)
    cast.client(client, "reviewer")
    page = client.get(change.get_absolute_url()).content.decode()
    acts = ("no_consequence", "ask", "hand_over", "plan_audit", "need_application")
    for action in acts:
        address = reverse("certification:change_do", args=[change.pk, action])
        assert address in page
        assert client.get(address).status_code == 200
        assert client.post(address, {}).status_code == 422
    hand_over = reverse("certification:change_do", args=[change.pk, "hand_over"])
    keys = [str(row.pk) for row in case.certificates.all()]
    done = client.post(hand_over, {"certificates": keys, "reason": "The name is printed."})
    assert done.status_code == 302
    assert list(ChangeReport.objects.get().certificates.all()) == list(case.certificates.all())


def test_beginning_the_application_leads_to_it(cast, client, case):
    change = reported(cast, case, kind=ChangeKind.SCOPE)
    do(cast, change, "need_application", application_kind="extension")
    cast.client(client, "owner")
    address = reverse("certification:change_do", args=[change.pk, "begin_application"])
    done = client.post(address)
    assert done["Location"] == ChangeReport.objects.get().application.get_absolute_url()


@pytest.mark.parametrize("name", ["list", "page"])
def test_queries_do_not_grow(cast, client, case, name):
    change = reported(cast, case)
    address = reverse("certification:changes") if name == "list" else change.get_absolute_url()
    cast.client(client, "reviewer")

    def count():
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    few = count()
    for kind in (ChangeKind.SITES, ChangeKind.SCOPE):
        reported(cast, case, kind=kind)
    assert count() == few <= 25


def test_the_list_is_exported(cast, client, case):
    change = reported(cast, case)
    cast.client(client, "reviewer")
    page = client.get(reverse("certification:changes")).content.decode()
    assert change.get_absolute_url() in page
