"""An operator admits, refuses, suspends and reinstates a body; its managers are told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from foundation.models import Notice
from foundation.notices import texts
from foundation.workflow import Incomplete, NotAllowed, perform
from organisations.enums import BodyStatus
from organisations.flows import BODY_FLOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def profile(cast):
    """The body's profile as it stands before anybody decided."""
    profile = cast.body.body_profile
    type(profile).objects.filter(pk=profile.pk).update(status=BodyStatus.REGISTERED)
    profile.refresh_from_db()
    return profile


def told(user):
    """Return the titles and texts of what a person was told about the admission."""
    rows = Notice.objects.filter(recipient=user, kind__startswith="organisations.body_")
    return [texts(row) for row in rows.order_by("created_at")]


def test_every_decision_about_a_body_is_told_to_its_managers(cast, profile):
    operator, name = cast.actor("operator"), cast.body.name_en
    perform(BODY_FLOW, profile, "refuse", operator, reason="The approval is of another firm.")
    perform(BODY_FLOW, profile, "approve", operator)
    perform(BODY_FLOW, profile, "suspend", operator, reason="The accreditation has lapsed.")
    perform(BODY_FLOW, profile, "reinstate", operator)
    assert profile.status == BodyStatus.APPROVED
    assert told(cast.manager) == [
        (f"{name} is not admitted", "The approval is of another firm."),
        (
            f"{name} is admitted",
            "Applications can now be sent to you. Complete your approvals, team and competence.",
        ),
        (
            f"The admission of {name} is suspended",
            (
                "The accreditation has lapsed. Until it is reinstated you cannot accept "
                "applications or decide."
            ),
        ),
        (
            f"The admission of {name} is reinstated",
            "You can accept applications and decide again.",
        ),
    ]
    assert told(cast.reviewer) == []
    assert told(cast.rival_manager) == []


def test_a_body_without_its_approval_or_a_signatory_is_not_admitted(cast, profile):
    profile.approval_number = profile.signatory_zh = profile.signatory_en = ""
    profile.save()
    with pytest.raises(Incomplete) as refused:
        perform(BODY_FLOW, profile, "approve", cast.actor("operator"))
    assert [str(blocker.message) for blocker in refused.value.blockers] == [
        "The approval number is missing.",
        "Nobody is named who signs the certificates.",
    ]


@pytest.mark.parametrize(
    ("action", "status"),
    [("approve", BodyStatus.REGISTERED), ("reinstate", BodyStatus.SUSPENDED)],
)
def test_a_body_is_not_admitted_after_its_approval_is_over(cast, profile, action, status):
    profile.status, operator = status, cast.actor("operator")
    profile.approval_valid_until = timezone.localdate() - timedelta(days=1)
    profile.save()
    with pytest.raises(Incomplete) as refused:
        perform(BODY_FLOW, profile, action, operator)
    assert [str(blocker.message) for blocker in refused.value.blockers] == [
        "The approval is no longer valid."
    ]
    profile.approval_valid_until = timezone.localdate()
    profile.save()
    perform(BODY_FLOW, profile, action, operator)
    assert profile.status == BodyStatus.APPROVED


def test_a_body_does_not_admit_itself(cast, profile):
    with pytest.raises(NotAllowed):
        perform(BODY_FLOW, profile, "approve", cast.actor("manager"))
    assert told(cast.manager) == []


def test_an_action_counts_as_a_change_of_its_record(cast, profile):
    before = profile.changed_at
    perform(BODY_FLOW, profile, "approve", cast.actor("operator"))
    assert profile.changed_at > before
