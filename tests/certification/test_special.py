"""Audits besides the regular ones: planned with a purpose, counted for themselves."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from audits.queries.programme import waiting_items
from audits.services.planning import start_planning
from certification.enums import ApplicationKind, AuditKind, CaseStatus, SpecialPurpose
from certification.flows.cases import CASE_FLOW
from certification.models import Case, ProgrammeItem
from certification.services import programme
from certification.services.cases import open_case
from certification.services.decisions import due_decision
from foundation import journal
from foundation.models import JournalEntry, Notice
from foundation.workflow import Incomplete, NotAllowed, StaleState, perform
from tests.certification.casework import (
    audited,
    certified_case,
    decide_as,
    reasons,
    signed_application,
)

pytestmark = pytest.mark.django_db


def facts(**changed) -> dict:
    today = timezone.localdate()
    return {
        "purpose": SpecialPurpose.CHANGE,
        "reason": "The plant has moved.",
        "days": Decimal("1.5"),
        "window_from": today,
        "window_to": today + dt.timedelta(days=30),
    } | changed


def plan(cast, case, action="plan_special", who="planner", **changed) -> ProgrammeItem:
    perform(CASE_FLOW, case, action, cast.actor(who), **facts(**changed))
    return case.programme.filter(kind=AuditKind.SPECIAL).latest("created_at")


@pytest.fixture
def case(cast):
    return certified_case(cast)


@pytest.mark.parametrize("who", ["planner", "manager"])
def test_a_special_audit_joins_the_programme(cast, case, who):
    item = plan(cast, case, who=who)
    assert (item.cycle, item.purpose, item.short_notice) == (1, "change", False)
    assert (item.days, item.on_site_days) == (Decimal("1.5"), Decimal("1.2"))
    assert str(item.title) == "Special audit · Reported change"
    case.refresh_from_db()
    assert case.status == CaseStatus.CERTIFIED
    entry = JournalEntry.objects.get(verb="case.plan_special")
    assert (entry.internal_to, entry.data["reason"]) == (None, "The plant has moved.")
    notice = Notice.objects.get(kind="case.special_planned")
    assert (notice.recipient, notice.params["purpose_en"]) == (cast.owner, "Reported change")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"days": Decimal("1.3")}, "Give the audit days in steps of half a day."),
        ({"days": Decimal(0)}, "Give the audit days in steps of half a day."),
        ({"window_from": dt.date(2020, 1, 1)}, "The first possible day lies in the past."),
        (
            {"window_to": dt.date(2020, 1, 1)},
            "The last possible day comes before the first.",
        ),
        ({"purpose": "extension"}, "Such an audit does not serve this purpose."),
        ({"reason": ""}, "Say why."),
    ],
)
def test_what_is_wrong_is_said(cast, case, changed, message):
    with pytest.raises(Incomplete) as refusal:
        plan(cast, case, **changed)
    assert [str(one) for one in refusal.value.blockers] == [message]
    assert not case.programme.filter(kind=AuditKind.SPECIAL).exists()


def test_verification_is_agreed_and_never_at_short_notice(cast, case):
    plan(cast, case, purpose="verification")
    with pytest.raises(Incomplete):
        plan(cast, case, "plan_short_notice", purpose="verification")


@pytest.mark.parametrize("who", ["owner", "auditor", "reviewer", "certifier", "rival_manager"])
def test_others_do_not_plan_it(cast, case, who):
    with pytest.raises(NotAllowed):
        plan(cast, case, who=who)


def test_only_what_was_held_counts_as_done(cast, case):
    first, second = plan(cast, case), plan(cast, case, purpose="complaint")
    audited(case, AuditKind.SPECIAL, item=second)
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.done_on is None
    assert second.done_on == timezone.localdate() - dt.timedelta(days=5)


def test_another_special_audit_does_not_stand_in_for_that_of_an_extension(cast, case):
    application, offer = signed_application(
        cast, kind=ApplicationKind.EXTENSION, schemes=("QMS", "EMS")
    )
    open_case(application=application, offer=offer, actor=cast.actor("owner"))
    extension = case.programme.get(kind=AuditKind.SPECIAL)
    assert extension.purpose == SpecialPurpose.EXTENSION
    complaint = plan(cast, case, purpose="complaint")
    audited(case, AuditKind.SPECIAL, item=complaint)
    case = Case.objects.get(pk=case.pk)
    assert due_decision(case) == "maintain"
    assert reasons(cast, case, "extend") == [
        "The reported audits call for another decision: Maintain."
    ]
    decide_as(cast, case, "maintain")
    audited(case, AuditKind.SPECIAL, item=extension)
    assert due_decision(Case.objects.get(pk=case.pk)) == "extend"


def test_what_is_still_due_goes_on_into_the_next_cycle(cast, case):
    item = plan(cast, case)
    programme.next_cycle(case)
    item.refresh_from_db()
    assert (case.cycle, item.cycle) == (2, 2)
    assert case.programme.filter(cycle=2).count() == 4


def test_at_short_notice_the_enterprise_sees_nothing(cast, case):
    notices = Notice.objects.filter(recipient__in=[cast.owner, cast.member]).count()
    item = plan(cast, case, "plan_short_notice", purpose="complaint")
    for who in ("owner", "member", "supervisor"):
        seen = ProgrammeItem.objects.visible_to(cast.actor(who))
        assert item not in seen
        verbs = [row.verb for row in journal.history(case.thread, cast.actor(who))]
        assert "case.plan_short_notice" not in verbs
    assert Notice.objects.filter(recipient__in=[cast.owner, cast.member]).count() == notices
    assert item in ProgrammeItem.objects.visible_to(cast.actor("planner"))
    assert Notice.objects.filter(kind="case.short_notice_planned", recipient=cast.planner).exists()
    programme.announce(item)
    assert item in ProgrammeItem.objects.visible_to(cast.actor("owner"))


def test_no_page_of_the_enterprise_tells_of_it(cast, client, case):
    secret = "SECRETREASON"
    item = plan(cast, case, "plan_short_notice", purpose="complaint", reason=secret)
    clock = reverse("case_clock", args=[case.pk])
    pages = [
        case.get_absolute_url(), case.get_absolute_url() + "?history", clock, f"{clock}?format=csv",
        reverse("own_dates"), reverse("desk"), reverse("foundation:notices"),
    ]  # fmt: skip
    cast.client(client, "owner")
    for page in pages:
        text = b"".join(client.get(page)).decode()
        assert secret not in text
        assert "Special audit" not in text, page
    cast.client(client, "planner")
    assert str(item.title) in client.get(case.get_absolute_url()).content.decode()


def test_it_is_planned_from_the_page_of_the_case(cast, client, case):
    cast.client(client, "planner")
    page = client.get(case.get_absolute_url()).content.decode()
    address = reverse("certification:case_do", args=[case.pk, "plan_special"])
    assert address in page
    form = client.get(address)
    assert form.status_code == 200
    bad = client.post(address, {**facts(), "days": "1.3"})
    assert (bad.status_code, list(bad.context["form"].errors)) == (422, ["days"])
    assert "The plant has moved." in bad.content.decode()
    done = client.post(address, facts())
    assert (done.status_code, done["Location"]) == (302, case.get_absolute_url())
    assert case.programme.get(kind=AuditKind.SPECIAL).reason == "The plant has moved."


def drop(cast, case, item, action="drop_special", who="planner"):
    facts = {"item": item, "reason": "The complaint was taken back."}
    return perform(CASE_FLOW, case, action, cast.actor(who), **facts)


def test_one_that_is_not_needed_leaves_the_programme(cast, case):
    assert not CASE_FLOW.may(case, "drop_special", cast.actor("planner"))
    item = plan(cast, case, purpose="complaint")
    drop(cast, case, item)
    item.refresh_from_db()
    assert item.dropped_on == timezone.localdate()
    assert item not in waiting_items(cast.actor("planner"))
    notice = Notice.objects.get(kind="case.special_dropped")
    assert (notice.recipient, notice.params["purpose_en"]) == (cast.owner, "Complaint")
    with pytest.raises(NotAllowed):
        drop(cast, case, item)
    with pytest.raises(StaleState):
        start_planning(item, cast.actor("planner"))


def test_regular_audits_are_never_taken_out(cast, case):
    plan(cast, case)
    regular = case.programme.get(kind=AuditKind.SURVEILLANCE_1)
    with pytest.raises(Incomplete, match="Choose an audit that is still to come"):
        drop(cast, case, regular)


def test_what_somebody_plans_is_cancelled_first(cast, case):
    item = plan(cast, case)
    start_planning(item, cast.actor("planner"))
    with pytest.raises(Incomplete, match="cancel it first"):
        drop(cast, case, item)


def test_one_at_short_notice_leaves_in_silence(cast, client, case):
    item = plan(cast, case, "plan_short_notice", purpose="complaint")
    assert not CASE_FLOW.may(case, "drop_special", cast.actor("planner"))
    cast.client(client, "planner")
    address = reverse("certification:case_do", args=[case.pk, "drop_short_notice"])
    assert address in client.get(case.get_absolute_url()).content.decode()
    assert client.get(address).context["form"].fields["item"].initial == item
    done = client.post(address, {"item": item.pk, "reason": "Not needed."})
    assert done["Location"] == case.get_absolute_url()
    item.refresh_from_db()
    assert item.dropped_on
    assert not Notice.objects.filter(kind="case.special_dropped").exists()
    verbs = {row.verb for row in journal.history(case.thread, cast.actor("owner"))}
    assert not verbs & {"case.plan_short_notice", "case.drop_short_notice"}
