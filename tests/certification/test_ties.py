"""Who is tied to an enterprise neither reviews its application nor decides on it."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import User
from certification.enums import Cause, Ground
from certification.flows.applications import APPLICATION_FLOW
from certification.flows.cases import CASE_FLOW
from certification.flows.certificates import CERTIFICATE_FLOW
from certification.flows.proposals import PROPOSAL_FLOW
from certification.models import Proposal
from foundation.models import JournalEntry, Notice, WorkItem
from foundation.workflow import Incomplete, perform
from organisations.enums import Role
from organisations.models import Membership
from schemes.models import Interest
from schemes.services.interests import interest_declare
from tests.certification.casework import certified, deciding_case
from tests.certification.contractwork import act, in_review, reviewed, submitted

pytestmark = pytest.mark.django_db


def fresh(obj):
    return type(obj)._base_manager.get(pk=obj.pk)


def tie(cast, who, *, ended_days_ago=None):
    """Keep an interest of a person in the cast's enterprise, before anybody looks."""
    today = timezone.localdate()
    return Interest.objects.create(
        user=getattr(cast, who),
        identifier=cast.enterprise.identifier,
        name="Gears",
        kind="consultancy",
        began_on=today - dt.timedelta(days=3000),
        ended_on=today - dt.timedelta(days=ended_days_ago) if ended_days_ago else None,
        declared_by=getattr(cast, who),
    )


def declare(cast, who, actor=None):
    return interest_declare(
        actor=cast.actor(actor or who),
        user=getattr(cast, who),
        country="CN",
        identifier=cast.enterprise.identifier,
        name="Gears",
        kind="consultancy",
        began_on=timezone.localdate() - dt.timedelta(days=30),
    )


def second_reviewer(cast):
    cast.second = User.objects.create_user("second@demo.example", name="秦一", language="en")
    Membership.objects.create(user=cast.second, organisation=cast.body, role=Role.REVIEWER)
    return cast.actor("second")


def told(flow, obj, action, actor) -> list[str]:
    found = flow.find(flow.status_of(obj), action).blockers(obj, actor, {"no_conflict": True})
    return [str(one) for one in found if "may not judge this enterprise" in str(one)]


@pytest.mark.parametrize(("days", "barred"), [(None, True), (30, True), (725, True), (740, False)])
def test_a_tied_reviewer_does_not_begin(cast, days, barred):
    tie(cast, "reviewer", ended_days_ago=days)
    row = submitted(cast)
    actor = cast.actor("reviewer")
    if barred:
        with pytest.raises(Incomplete, match="may not judge this enterprise"):
            act(row, "start_review", actor, no_conflict=True)
    else:
        assert act(row, "start_review", actor, no_conflict=True).reviewer == cast.reviewer


def test_a_tied_colleague_does_not_take_over(cast):
    row, actor = in_review(cast), second_reviewer(cast)
    tie(cast, "second")
    with pytest.raises(Incomplete, match="may not judge"):
        act(row, "take_over", actor, reason="Ill", no_conflict=True)


def test_a_reviewer_tied_since_neither_accepts_nor_declines(cast):
    row = reviewed(cast)
    tie(cast, "reviewer")
    actor = cast.actor("reviewer")
    assert len(told(APPLICATION_FLOW, fresh(row), "accept", actor)) == 1
    with pytest.raises(Incomplete, match="may not judge"):
        act(row, "decline", actor, reason="No")


def test_a_late_declaration_puts_the_review_on_a_colleagues_desk(cast):
    row = in_review(cast)
    second_reviewer(cast)
    assert not WorkItem.objects.filter(subject_id=row.pk, action="take_over").exists()
    declare(cast, "reviewer")
    found = fresh(row)
    assert (found.status, found.review.no_conflict) == ("in_review", False)
    item = WorkItem.objects.get(subject_id=row.pk, action="take_over")
    assert list(item.people.all()) == [cast.second]
    kept = Notice.objects.filter(kind="application.conflict")
    assert {notice.recipient for notice in kept} == {cast.manager, cast.second}
    entry = JournalEntry.objects.get(verb="application.conflict")
    assert (entry.user, entry.internal_to) == (None, cast.body.pk)
    # Once somebody else has it, nothing is left to do.
    act(row, "take_over", cast.actor("second"), reason="A tie", no_conflict=True)
    assert not WorkItem.objects.filter(subject_id=row.pk, action="take_over").exists()


def test_what_ended_long_ago_touches_no_review(cast):
    row = in_review(cast)
    today = timezone.localdate()
    interest_declare(
        actor=cast.actor("reviewer"),
        user=cast.reviewer,
        country="CN",
        identifier=cast.enterprise.identifier,
        name="Gears",
        kind="consultancy",
        began_on=today - dt.timedelta(days=2000),
        ended_on=today - dt.timedelta(days=1000),
    )
    assert fresh(row).review.no_conflict is True
    assert not Notice.objects.filter(kind="application.conflict").exists()


@pytest.mark.parametrize("action", ["grant", "refuse"])
def test_a_tied_certifier_does_not_decide(cast, action):
    case = deciding_case(cast)
    actor = cast.actor("certifier")
    assert told(CASE_FLOW, fresh(case), action, actor) == []
    tie(cast, "certifier")
    assert len(told(CASE_FLOW, fresh(case), action, actor)) == 1
    with pytest.raises(Incomplete, match="so a colleague decides"):
        perform(CASE_FLOW, fresh(case), action, actor.as_confirmed(), reason="Said.")


DECISIONS = ("suspend", "withdraw", "cancel", "reduce", "correct")


@pytest.mark.parametrize("action", DECISIONS)
def test_a_tied_certifier_changes_no_certificate(cast, action):
    certificate = certified(cast)
    actor = cast.actor("certifier")
    assert told(CERTIFICATE_FLOW, fresh(certificate), action, actor) == []
    tie(cast, "certifier")
    assert len(told(CERTIFICATE_FLOW, fresh(certificate), action, actor)) == 1


def test_a_tied_certifier_reinstates_nothing_and_dismisses_no_proposal(cast):
    certificate = certified(cast)
    proposal = Proposal.objects.create(
        certificate=certificate,
        ground=Ground.SURVEILLANCE,
        about="surveillance_1",
        missed_on=timezone.localdate(),
        kind="suspend",
        cause=Cause.SURVEILLANCE_OVERDUE,
    )
    tie(cast, "certifier")
    actor = cast.actor("certifier")
    certificate.status = "suspended"
    assert len(told(CERTIFICATE_FLOW, certificate, "reinstate", actor)) == 1
    assert len(told(PROPOSAL_FLOW, proposal, "dismiss", actor)) == 1


def test_every_act_of_a_decider_asks_for_ties():
    """A decision that comes later cannot be forgotten here."""
    asked = {
        (flow.name, row.action)
        for flow in (CASE_FLOW, CERTIFICATE_FLOW, PROPOSAL_FLOW)
        for row in flow.transitions
        if row.confirmed and "certifier" in row.right.roles
    }
    guarded = {
        (flow.name, row.action)
        for flow in (CASE_FLOW, CERTIFICATE_FLOW, PROPOSAL_FLOW)
        for row in flow.transitions
        if any(guard.__name__ == "decides_impartially" for guard in row.guards)
    }
    assert asked == guarded
