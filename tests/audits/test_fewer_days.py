"""Fewer audit days than computed: a second person looks at it before anything is proposed."""

from decimal import Decimal

import pytest
from django.urls import reverse

from audits.documents.common import subject
from audits.services import planning
from audits.services.snapshots import plan_snapshot
from foundation.models import Notice, WorkItem
from foundation.workflow import Incomplete, NotAllowed
from organisations.enums import Role
from organisations.models import Membership
from schemes.models import Rule
from tests.audits.auditwork import act, fresh, planned, proposed

pytestmark = pytest.mark.django_db
WHY = "The line stands still."
ENOUGH = "The other processes are covered. CANARY-DAYS-2718"


def less(cast, audit, days="1.5", why=WHY):
    return planning.change_planning(
        audit=fresh(audit),
        actor=cast.actor("planner"),
        days_planned=Decimal(days),
        days_reason=why,
    )


def asked(cast):
    audit = less(cast, planned(cast))
    return act(audit, "ask_fewer_days", cast.actor("planner"))


def judge(cast, audit, action="approve_fewer_days", who="reviewer", **facts):
    data = {"seen": str(audit.deviations.last().pk), "reason": ENOUGH} | facts
    return act(audit, action, cast.actor(who), **data)


def refusal(call, *args, **kwargs):
    with pytest.raises(Incomplete) as caught:
        call(*args, **kwargs)
    return [str(blocker) for blocker in caught.value.blockers]


def propose(cast, audit):
    return act(audit, "propose", cast.actor("planner"))


def test_fewer_days_want_a_reason_then_a_second_person(cast):
    audit = less(cast, planned(cast), why="")
    assert refusal(propose, cast, audit) == [
        "1.5 of 2.0 audit days are planned. Plan more or give a reason."
    ]
    less(cast, audit)
    assert refusal(propose, cast, audit) == [
        "1.5 of 2.0 audit days are planned: ask a second person to approve it."
    ]
    act(audit, "ask_fewer_days", cast.actor("planner"))
    assert refusal(propose, cast, audit) == [
        "The fewer audit days wait for approval by a second person."
    ]
    judge(cast, audit)
    assert propose(cast, audit).status == "proposed"


def test_it_waits_on_the_desks_of_managers_and_reviewers(cast):
    audit = asked(cast)
    work = WorkItem.objects.get(action="approve_fewer_days")
    assert set(work.people.all()) == {cast.manager, cast.reviewer}
    told = Notice.objects.filter(kind="audits.days_to_approve")
    assert {notice.recipient for notice in told} == {cast.manager, cast.reviewer}
    judge(cast, audit, who="manager")
    assert not WorkItem.objects.filter(action="approve_fewer_days").exists()
    told = Notice.objects.get(kind="audits.days_approved")
    assert (told.recipient, told.params["reason"]) == (cast.planner, ENOUGH)


def test_sent_back_it_wants_more_days_or_a_better_reason(cast):
    audit = asked(cast)
    judge(cast, audit, "return_fewer_days")
    sent = "The fewer audit days were sent back. Plan more, or give a better reason."
    assert refusal(propose, cast, audit) == [sent]
    assert refusal(act, audit, "ask_fewer_days", cast.actor("planner")) == [sent]
    less(cast, audit, why="The line stands still until May.")
    act(audit, "ask_fewer_days", cast.actor("planner"))
    judge(cast, audit)
    assert propose(cast, audit).status == "proposed"


@pytest.mark.parametrize("change", [{"days": "1.0"}, {"why": "Another reason."}])
def test_other_figures_or_words_are_not_approved_already(cast, change):
    audit = asked(cast)
    judge(cast, audit)
    less(cast, audit, **change)
    assert len(refusal(propose, cast, audit)) == 1
    assert not WorkItem.objects.filter(action="approve_fewer_days").exists()


def test_what_is_changed_back_waits_for_nobody_else(cast):
    audit = asked(cast)
    less(cast, audit, "2.0")
    assert not WorkItem.objects.filter(action="approve_fewer_days").exists()
    with pytest.raises(NotAllowed, match="No audit days wait"):
        judge(cast, audit)
    assert propose(cast, audit).status == "proposed"


def test_neither_the_planner_nor_the_team_approves(cast):
    audit = asked(cast)
    for user in (cast.planner, cast.auditor):
        Membership.objects.create(user=user, organisation=cast.body, role=Role.REVIEWER)
    with pytest.raises(NotAllowed, match="You asked for the fewer audit days"):
        judge(cast, audit, who="planner")
    with pytest.raises(NotAllowed, match="You are on the team"):
        judge(cast, audit, who="auditor")
    for stranger in ("certifier", "owner", "rival_manager"):
        with pytest.raises(NotAllowed):
            judge(cast, audit, who=stranger)


def test_approved_is_what_was_read(cast):
    audit = asked(cast)
    before = str(audit.deviations.last().pk)
    less(cast, audit, "1.0")
    act(audit, "ask_fewer_days", cast.actor("planner"))
    assert refusal(judge, cast, audit, seen=before) == [
        "The audit days were planned anew meanwhile. Look at them again."
    ]


def test_enough_days_ask_nobody(cast):
    audit = planned(cast)
    assert refusal(act, audit, "ask_fewer_days", cast.actor("planner")) == [
        "Not fewer days than computed are planned."
    ]


def test_asking_twice_is_asking_once(cast):
    audit = asked(cast)
    assert refusal(act, audit, "ask_fewer_days", cast.actor("planner")) == [
        "A second person was asked already."
    ]


def test_a_body_of_one_person_is_told_so(cast):
    audit = less(cast, planned(cast))
    Membership.objects.filter(
        organisation=cast.body, role__in=(Role.MANAGER, Role.REVIEWER)
    ).update(ended_at="2026-01-01T00:00:00Z")
    assert refusal(act, audit, "ask_fewer_days", cast.actor("planner")) == [
        "Nobody else could approve it: the body needs another manager or reviewer."
    ]


def test_the_proposal_is_not_kept_on_other_days(cast):
    audit = proposed(cast)
    act(audit, "object", cast.actor("owner"), reason="Another week, please.")
    less(cast, audit)
    told = refusal(act, audit, "answer_objection", cast.actor("planner"), answer="No.")
    assert told == ["1.5 of 2.0 audit days are planned: ask a second person to approve it."]


def test_the_threshold_is_a_rule(cast):
    Rule.objects.filter(key="time_approval_percent").update(value=30)
    audit = less(cast, planned(cast))
    assert propose(cast, audit).status == "proposed"


def test_plan_and_page_say_so(cast, client):
    audit = asked(cast)
    assert plan_snapshot(audit)["days_approved_on"] is None
    page = cast.client(client, "reviewer").get(audit.get_absolute_url()).content.decode()
    assert f"/audits/{audit.pk}/do/approve_fewer_days/" in page
    address = reverse("audits:audit_do", args=[audit.pk, "approve_fewer_days"])
    assert WHY in client.get(address).content.decode()
    seen = str(audit.deviations.last().pk)
    assert client.post(address, {"seen": seen}).status_code == 422
    assert client.post(address, {"seen": seen, "reason": ENOUGH}).status_code == 302
    found = plan_snapshot(fresh(audit))
    assert found["days_approved_on"] == str(audit.deviations.last().judged_at.date())
    labels = [str(label) for label, _value in subject(found).facts]
    assert "Approved by a second person of the body" in labels
    propose(cast, audit)
    page = cast.client(client, "owner").get(audit.get_absolute_url()).content.decode()
    assert "Approved by a second person of the body" in page
    assert cast.reviewer.name not in page
    assert ENOUGH not in page
