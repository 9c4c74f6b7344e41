"""The enterprise rates the service; the body replies and changes nothing."""

import datetime as dt
import itertools
from decimal import Decimal

import pytest
import time_machine
from django.db import DatabaseError, transaction

from certification.enums import Dimension, EvaluationStatus, Moment
from certification.flows.evaluations import EVALUATION_FLOW
from certification.models import Evaluation
from certification.queries.evaluations import dimensions_of, mean_of, published_mean
from certification.services.evaluations import ask
from foundation.models import Notice
from foundation.workflow import Incomplete, NotAllowed, WrongState, perform
from tests.certification.casework import granted_case, opened_case

AUDIT_RATINGS = {"communication": 5, "competence": 4, "fairness": 4, "timeliness": 2}
SUBJECTS = (f"00000000-0000-0000-0000-{number:012}" for number in itertools.count(1))


def asked(cast, moment=Moment.AUDIT, case=None):
    return ask(case=case or opened_case(cast), moment=moment, subject_id=next(SUBJECTS))


def give(cast, evaluation, who="owner", action="give", **data):
    data = {"ratings": AUDIT_RATINGS, "comment": "Thorough."} | data
    return perform(EVALUATION_FLOW, evaluation, action, cast.actor(who), **data)


def test_asking_tells_the_owner_once(cast):
    case = opened_case(cast)
    subject = next(SUBJECTS)
    first = ask(case=case, moment=Moment.AUDIT, subject_id=subject)
    assert ask(case=case, moment=Moment.AUDIT, subject_id=subject) == first
    told = Notice.objects.filter(kind="evaluation.asked").values_list("recipient", flat=True)
    assert list(told) == [cast.owner.pk]


def test_a_decision_asks_once(cast):
    granted_case(cast)
    moments = Evaluation.objects.order_by("created_at").values_list("moment", flat=True)
    assert list(moments) == [Moment.AUDIT, Moment.DECISION]


@pytest.mark.parametrize("who", ["owner", "member"])
def test_the_enterprise_rates_and_the_manager_is_told(cast, who):
    evaluation = give(cast, asked(cast), who)
    assert (evaluation.status, evaluation.mean) == (EvaluationStatus.GIVEN, Decimal("3.75"))
    assert evaluation.given_by == getattr(cast, who)
    assert evaluation.ratings == AUDIT_RATINGS
    told = Notice.objects.filter(kind="evaluation.given").values_list("recipient", flat=True)
    assert list(told) == [cast.manager.pk]


@pytest.mark.parametrize(
    "who", ["manager", "certifier", "auditor", "supervisor", "rival_owner", "operator"]
)
def test_nobody_else_rates_or_changes_a_rating(cast, who):
    evaluation = asked(cast)
    with pytest.raises(NotAllowed):
        give(cast, evaluation, who)
    give(cast, evaluation)
    with pytest.raises(NotAllowed):
        give(cast, evaluation, who, "revise")


@pytest.mark.parametrize(
    ("ratings", "fields"),
    [
        ({}, ["communication", "competence", "fairness", "timeliness"]),
        (AUDIT_RATINGS | {"fairness": 6}, ["fairness"]),
        (AUDIT_RATINGS | {"fairness": 0}, ["fairness"]),
        (AUDIT_RATINGS | {"fairness": None}, ["fairness"]),
        (AUDIT_RATINGS | {"value": 3}, [""]),
    ],
)
def test_every_dimension_asked_gets_one_of_five_words(cast, ratings, fields):
    with pytest.raises(Incomplete) as refusal:
        give(cast, asked(cast), ratings=ratings)
    assert [blocker.field for blocker in refusal.value.blockers] == fields


def test_the_decision_asks_for_all_dimensions():
    assert dimensions_of(Moment.DECISION) == tuple(Dimension)


def test_a_rating_may_be_changed_for_two_weeks(cast):
    with time_machine.travel(dt.datetime(2026, 6, 1, 2, tzinfo=dt.UTC), tick=False):
        evaluation = give(cast, asked(cast))
    better = AUDIT_RATINGS | {"timeliness": 5}
    with time_machine.travel(dt.datetime(2026, 6, 15, 2, tzinfo=dt.UTC), tick=False):
        changed = give(cast, evaluation, action="revise", ratings=better)
    assert (changed.mean, changed.given_at.date()) == (Decimal("4.50"), dt.date(2026, 6, 1))
    late = time_machine.travel(dt.datetime(2026, 6, 15, 3, tzinfo=dt.UTC), tick=False)
    with late, pytest.raises(Incomplete) as refusal:
        give(cast, evaluation, action="revise")
    assert str(refusal.value) == "The time to change this rating is over."


def test_a_changed_rating_is_as_whole_as_the_first(cast):
    evaluation = give(cast, asked(cast))
    with pytest.raises(Incomplete) as refusal:
        give(cast, evaluation, action="revise", ratings={"communication": 6})
    assert {blocker.field for blocker in refusal.value.blockers} == set(AUDIT_RATINGS)


def test_the_manager_replies_once_and_the_owner_is_told(cast):
    evaluation = give(cast, asked(cast))
    actor = cast.actor("manager")
    perform(EVALUATION_FLOW, evaluation, "reply", actor, reply="Thank you.")
    evaluation.refresh_from_db()
    assert (evaluation.status, evaluation.reply, evaluation.mean) == (
        EvaluationStatus.REPLIED,
        "Thank you.",
        Decimal("3.75"),
    )
    assert Notice.objects.get(kind="evaluation.replied").recipient == cast.owner
    with pytest.raises(WrongState):
        perform(EVALUATION_FLOW, evaluation, "reply", actor, reply="Again.")


@pytest.mark.parametrize("who", ["owner", "certifier", "planner", "rival_manager"])
def test_only_the_manager_replies(cast, who):
    evaluation = give(cast, asked(cast))
    with pytest.raises(NotAllowed):
        perform(EVALUATION_FLOW, evaluation, "reply", cast.actor(who), reply="Thank you.")


def test_a_mean_out_of_range_is_refused_by_the_database(cast):
    asked(cast)
    with pytest.raises(DatabaseError), transaction.atomic():
        Evaluation.objects.update(mean=Decimal("5.01"))


def test_a_mean_is_published_from_five_ratings_on(cast):
    case = opened_case(cast)
    for _number in range(4):
        give(cast, asked(cast, case=case))
    asked(cast, case=case)
    assert published_mean(cast.body) is None
    give(cast, asked(cast, case=case), ratings=dict.fromkeys(AUDIT_RATINGS, 5))
    published = published_mean(cast.body)
    assert (published.mean, published.count) == (Decimal("4.00"), 5)
    assert published.dimensions == {
        "communication": Decimal("5.00"),
        "competence": Decimal("4.20"),
        "fairness": Decimal("4.20"),
        "timeliness": Decimal("2.60"),
    }
    assert published_mean(cast.rival_body) is None


def test_means_are_rounded_to_two_places():
    assert mean_of({"a": 5, "b": 4, "c": 4}) == Decimal("4.33")
    assert mean_of({"a": 5, "b": 5, "c": 4}) == Decimal("4.67")


# Pages.


def test_the_owner_rates_on_a_page(cast, client):
    evaluation = asked(cast)
    page = cast.client(client, "owner").get(evaluation.get_absolute_url())
    address = f"/evaluations/{evaluation.pk}/do/give/"
    assert address in page.content.decode()
    answer = client.post(address, {name: str(value) for name, value in AUDIT_RATINGS.items()})
    assert (answer.status_code, answer["Location"]) == (302, evaluation.get_absolute_url())
    evaluation.refresh_from_db()
    assert evaluation.mean == Decimal("3.75")


def test_a_missing_answer_is_named_on_the_page(cast, client):
    evaluation = asked(cast)
    address = f"/evaluations/{evaluation.pk}/do/give/"
    answer = cast.client(client, "owner").post(address, {"communication": "5"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert text.count("Choose an answer for “Fairness”.") == 2
    evaluation.refresh_from_db()
    assert evaluation.status == EvaluationStatus.ASKED


def test_a_body_sees_ratings_only_when_given(cast, client):
    evaluation = asked(cast)
    cast.client(client, "manager")
    assert client.get(evaluation.get_absolute_url()).status_code == 404
    give(cast, evaluation)
    assert client.get(evaluation.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("who", ["rival_owner", "rival_manager"])
def test_another_party_finds_no_rating(cast, client, who):
    evaluation = give(cast, asked(cast))
    cast.client(client, who)
    assert client.get(evaluation.get_absolute_url()).status_code == 404
    assert client.get("/evaluations/").context["page"].object_list == []


def test_an_auditor_is_kept_from_ratings(cast, client):
    cast.client(client, "auditor")
    assert client.get("/evaluations/").status_code == 403


@pytest.mark.parametrize("who", ["owner", "manager"])
def test_the_list_takes_as_many_queries_for_one_rating_as_for_three(
    cast, client, who, django_assert_max_num_queries
):
    case = opened_case(cast)
    counts = []
    for total in (1, 3):
        while Evaluation.objects.count() < total:
            give(cast, asked(cast, case=case))
        cast.client(client, who)
        with django_assert_max_num_queries(25) as captured:
            assert client.get("/evaluations/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
