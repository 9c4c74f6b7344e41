"""What the models give to whom: no row of another party, whatever page may ask for it."""

import pytest
from django.apps import apps

from accounts.enums import Happening
from accounts.models import AccountEvent
from certification.models import ApplicationReview, ReviewRequest
from foundation.models import CalendarFeed, DataRequest
from foundation.models.privacy import Wish
from organisations.models import ApiKey, Organisation
from schemes.models import BodyApproval
from tests.people import PEOPLE

# Approvals are public facts; of the journal the caller names the story.
OPEN_TO_ALL = {"schemes.bodyapproval", "foundation.journalentry"}

OWN = {
    "anonymous": {},
    "rival_owner": {
        "organisations.organisation": 1,
        "organisations.membership": 1,
        "organisations.site": 1,
    },
    "rival_manager": {
        "organisations.organisation": 1,
        "organisations.membership": 1,
        "organisations.bodyprofile": 1,
    },
    # An authority of another region.
    "supervisor": {"organisations.organisation": 1, "organisations.membership": 2},
}


def models_with_rows() -> dict:
    """Return every model whose rows are fetched through the actor, by label, if it has rows."""
    return {
        model._meta.label_lower: model
        for model in apps.get_models()
        if hasattr(model, "objects")
        and hasattr(model.objects.none(), "visible_to")
        and model._meta.label_lower not in OPEN_TO_ALL
        and model._base_manager.exists()
    }


@pytest.mark.parametrize("stranger", OWN)
def test_a_stranger_fetches_own_rows_alone(cast, world, stranger):
    Organisation.objects.filter(pk=cast.authority.pk).update(region="440000")
    actor = cast.actor(stranger)
    counts = {
        label: model.objects.visible_to(actor).count()
        for label, model in models_with_rows().items()
    }
    assert len(counts) > len(OWN["rival_owner"])
    assert {label: count for label, count in counts.items() if count} == OWN[stranger]
    assert BodyApproval.objects.visible_to(actor).exists()


def who_fetches(cast, row) -> set[str]:
    """Return who of the cast is given a row."""
    rows = type(row).objects
    return {
        person
        for person in (*PEOPLE, "anonymous")
        if rows.visible_to(cast.actor(person)).filter(pk=row.pk).exists()
    }


DESK = {"manager", "reviewer", "planner", "certifier"}


def test_the_review_is_the_desks(cast, world):
    assert who_fetches(cast, ApplicationReview.objects.get()) == DESK | {"operator"}


def test_a_question_is_the_applicants_once_it_is_sent(cast, world):
    question = ReviewRequest.objects.create(
        application=world.application,
        version=1,
        field="scope_zh",
        reason="Why?",
        asked_by=cast.reviewer,
    )
    body = DESK | {"auditor", "auditor2", "operator"}
    assert who_fetches(cast, question) == body
    question.sent_at = world.application.submitted_at
    question.save()
    assert who_fetches(cast, question) == body | {"owner", "member", "supervisor", "inspector"}


def test_a_notice_is_its_recipients(cast, world):
    assert who_fetches(cast, world.notice) == {"owner"}


def test_what_belongs_to_one_person_is_that_person_s(cast, world):
    key = ApiKey.objects.create(
        user=cast.owner,
        organisation=cast.enterprise,
        name="Resource planning",
        prefix="cp_leak",
        secret_hash="0" * 64,
        scopes=[],
        expires_at=world.application.submitted_at,
    )
    event = AccountEvent.objects.create(user=cast.auditor, kind=Happening.SIGNED_IN)
    feed = CalendarFeed.objects.create(user=cast.member)
    copy = DataRequest.objects.create(user=cast.planner, wish=Wish.COPY)
    erasure = DataRequest.objects.create(user=cast.planner, wish=Wish.ERASURE)
    assert who_fetches(cast, feed) == {"member"}
    assert who_fetches(cast, copy) == {"planner"}
    assert who_fetches(cast, erasure) == {"planner", "operator"}
    assert who_fetches(cast, key) == {"owner", "operator"}
    assert who_fetches(cast, event) == {"auditor", "operator"}
