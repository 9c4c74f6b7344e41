"""Less audit time than the tables give: a second person looks at it before it is used."""

import datetime as dt
import html

import pytest
from django.urls import reverse

from certification.documents.offer import build_context
from certification.models import Offer
from certification.services.audit_time import starting_inputs
from foundation.models import JournalEntry, Notice, WorkItem
from foundation.workflow import Incomplete, NotAllowed
from organisations.enums import Role
from organisations.models import Membership
from schemes.models import Interest, Rule
from tests.certification.contractwork import (
    JUSTIFICATION,
    act,
    in_review,
    judge_all,
    offer_facts,
    reviewed,
    set_time,
)

pytestmark = pytest.mark.django_db
WHY = "Ten years of clean audits. CANARY-SECOND-3141"


def reduced(cast, application, percent="-10", key="mature-system"):
    """Use an audit time with one factor that takes time off, or adds some."""
    scheme = starting_inputs(application)["schemes"][0]
    factors = [{"key": key, "percent": percent, "reason": "Mature."}]
    return set_time(cast, application, schemes=[scheme | {"factors": factors}])


def judged(cast):
    application = in_review(cast)
    judge_all(cast, application)
    return application


def waiting(cast):
    application = judged(cast)
    reduced(cast, application)
    return application


def kept(application):
    return application.calculations.first()


def judge(cast, application, action="approve_time", who="manager", **facts):
    data = {"seen": kept(application).sha256, "reason": WHY} | facts
    return act(application, action, cast.actor(who), **data)


def accept(cast, application):
    return act(application, "accept", cast.actor("reviewer"), justification=JUSTIFICATION)


def refusal(call, *args, **kwargs):
    with pytest.raises(Incomplete) as caught:
        call(*args, **kwargs)
    return [str(blocker) for blocker in caught.value.blockers]


def test_without_a_reduction_there_is_no_further_step(cast):
    application = reviewed(cast)
    found = kept(application)
    assert (found.table_days, found.needs_approval) == (found.total_days, False)
    assert not WorkItem.objects.filter(action="approve_time").exists()
    assert accept(cast, application).status == "accepted"


def test_more_time_than_the_tables_give_needs_nobody(cast):
    application = judged(cast)
    reduced(cast, application, "15", "complex-processes")
    found = kept(application)
    assert found.total_days > found.table_days
    assert accept(cast, application).status == "accepted"


def test_less_time_waits_for_a_second_person(cast):
    application = waiting(cast)
    found = kept(application)
    assert found.total_days < found.table_days
    assert found.waits
    assert refusal(accept, cast, application) == [
        "The reduced audit time waits for approval by a second person."
    ]
    work = WorkItem.objects.get(action="approve_time")
    assert list(work.people.all()) == [cast.manager]
    told = Notice.objects.filter(kind="application.time_to_approve")
    assert [notice.recipient for notice in told] == [cast.manager]


def test_approved_it_is_used_and_the_reviewer_told(cast):
    application = waiting(cast)
    judge(cast, application)
    found = kept(application)
    assert (found.approved, found.judged_by, found.judgement) == (True, cast.manager, WHY)
    assert not WorkItem.objects.filter(action="approve_time").exists()
    told = Notice.objects.get(kind="application.time_approved")
    assert (told.recipient, told.params["reason"]) == (cast.reviewer, WHY)
    entry = JournalEntry.objects.get(verb="application.approve_time")
    assert (entry.data["reason"], entry.internal_to) == (WHY, cast.body.pk)
    assert accept(cast, application).status == "accepted"


def test_sent_back_it_is_computed_anew(cast):
    application = waiting(cast)
    judge(cast, application, "return_time")
    assert refusal(accept, cast, application) == [
        "The reduced audit time was sent back: compute it anew."
    ]
    told = Notice.objects.get(kind="application.time_sent_back")
    assert (told.recipient, told.params["reason"]) == (cast.reviewer, WHY)
    set_time(cast, application)
    assert accept(cast, application).status == "accepted"


def test_other_figures_are_not_approved_already(cast):
    application = waiting(cast)
    judge(cast, application)
    reduced(cast, application, "-9")
    assert kept(application).waits
    assert WorkItem.objects.filter(action="approve_time").count() == 1


def test_approved_is_what_was_read(cast):
    application = waiting(cast)
    before = kept(application).sha256
    reduced(cast, application, "-20")
    assert refusal(judge, cast, application, seen=before) == [
        "The audit time was computed anew meanwhile. Look at it again."
    ]
    assert kept(application).waits


@pytest.mark.parametrize("action", ["approve_time", "return_time"])
def test_whoever_computed_it_does_not_approve_it(cast, action):
    application = waiting(cast)
    Membership.objects.create(user=cast.reviewer, organisation=cast.body, role=Role.MANAGER)
    with pytest.raises(NotAllowed, match="You computed this audit time"):
        judge(cast, application, action, "reviewer")
    for stranger in ("planner", "certifier", "auditor", "rival_manager", "owner"):
        with pytest.raises(NotAllowed):
            judge(cast, application, action, stranger)


def test_a_reason_is_wanted_and_nobody_judges_twice(cast):
    application = waiting(cast)
    assert refusal(judge, cast, application, reason="") == ["Say why."]
    judge(cast, application)
    with pytest.raises(NotAllowed, match="No audit time waits"):
        judge(cast, application, "return_time")


def test_whoever_is_tied_to_the_applicant_does_not_approve_it(cast):
    application = waiting(cast)
    Interest.objects.create(
        user=cast.manager,
        kind="consultancy",
        country=cast.enterprise.country,
        identifier=cast.enterprise.identifier,
        name=cast.enterprise.name_en,
        began_on=dt.date(2026, 1, 1),
        declared_by=cast.manager,
    )
    [told] = refusal(judge, cast, application)
    assert told.startswith("You may not judge this enterprise")


def test_a_body_of_one_person_is_told_so(cast):
    application = waiting(cast)
    Membership.objects.filter(user=cast.manager, organisation=cast.body).update(
        ended_at="2026-01-01T00:00:00Z"
    )
    [told] = refusal(accept, cast, application)
    assert told.startswith("The audit time is reduced, and nobody else could approve it")


def test_the_threshold_is_a_rule(cast):
    Rule.objects.filter(key="time_approval_percent").update(value=30)
    application = judged(cast)
    reduced(cast, application)
    assert kept(application).total_days < kept(application).table_days
    assert accept(cast, application).status == "accepted"


def test_fewer_people_counted_are_a_reduction(cast):
    """IAF MD 5:2019, effective personnel: repetitive work counts fewer people, with a reason."""
    application = judged(cast)
    site = starting_inputs(application)["sites"][0]
    own = {"QMS": {"count": 3, "reason": "The others work for another firm."}}
    set_time(cast, application, sites=[site | {"persons_of": own}])
    found = kept(application)
    assert found.table_days > found.total_days
    assert found.waits


def test_the_pages_of_both_people(cast, client):
    application = waiting(cast)
    address = reverse("certification:audit_time", args=[application.pk])
    page = cast.client(client, "reviewer").get(address).content.decode()
    assert "Waits for approval by a second person" in page
    assert "do/approve_time/" not in page
    page = cast.client(client, "manager").get(address).content.decode()
    assert "do/approve_time/" in page
    found = cast.client(client, "manager").get(application.get_absolute_url())
    assert f"/applications/{application.pk}/do/approve_time/" in found.content.decode()
    act_on = reverse("certification:application_approve_time", args=[application.pk])
    page = html.unescape(client.get(act_on).content.decode())
    assert "Mature system with good results" in page
    assert (
        f"The tables give {kept(application).table_days.normalize():f} without reductions." in page
    )
    assert client.post(act_on, {"seen": kept(application).sha256}).status_code == 422
    answer = client.post(act_on, {"seen": kept(application).sha256, "reason": WHY})
    assert (answer.status_code, answer["Location"]) == (302, address)
    assert WHY in client.get(address).content.decode()


def test_the_offer_says_so_without_a_name(cast, client):
    application = waiting(cast)
    judge(cast, application)
    accept(cast, application)
    act(application, "offer", cast.actor("manager"), **offer_facts())
    offer = Offer.objects.get()
    assert offer.snapshot["time_approved_on"] == str(kept(application).judged_at.date())
    facts = [str(label) for section in build_context(offer.snapshot)["sections"]
             for label, _value in section.facts]  # fmt: skip
    assert "Reductions approved by a second person of the body" in facts
    page = cast.client(client, "owner").get(
        reverse("certification:audit_time", args=[application.pk])
    )
    text = page.content.decode()
    assert "Approved by a second person" in text
    assert cast.manager.name not in text
    assert WHY not in text


def test_the_days_of_the_tables_are_those_without_reductions(cast):
    application = waiting(cast)
    found = kept(application)
    set_time(cast, application)
    assert kept(application).total_days == found.table_days
