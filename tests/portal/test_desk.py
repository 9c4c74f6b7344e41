"""The desk: what waits for whom, over all workflows, as the flow tables say."""

import datetime as dt

import pytest
from django.utils import timezone

from certification.models import ProgrammeItem
from foundation import work
from foundation.formatting import weekday_day
from foundation.models import WorkItem
from foundation.templatetags.portal_ui import contextual_date
from portal.demo import stories
from tests.people import PEOPLE
from tests.world import client_of, desk_of, play

pytestmark = pytest.mark.django_db

ENTERPRISE = "Ningbo Lanhai Precision Machinery Co., Ltd."
APPLIED = "ISO 9001:2015 · Initial certification"
STAGE_2 = ("planner", "Plan an audit", f"C-2026-0001 {ENTERPRISE} · Stage 2 audit")


def waiting(cast) -> list[tuple]:
    """Return who has what to do, by person."""
    found = []
    for name in PEOPLE:
        actor = cast.actor(name)
        items = WorkItem.objects.open().waiting_for(actor)
        found += [(name, str(item.title), item.name) for item in items]
    return found


def application(name, title):
    return [(name, title, f"A-2026-0001 {ENTERPRISE} · {APPLIED}")]


def audit(name, title, number, kind):
    return [(name, title, f"C-2026-0001-{number} {ENTERPRISE} · {kind}")]


@pytest.mark.parametrize(
    ("story", "arguments", "wanted"),
    [
        (stories.draft, ("submitted",), application("reviewer", "Start the review")),
        (stories.draft, ("in_review",), application("reviewer", "Review the application")),
        (stories.draft, ("returned",), application("owner", "Complete the application")),
        (stories.draft, ("accepted",), application("manager", "Make the offer")),
        (stories.draft, ("offered",), application("owner", "Answer the offer")),
        (
            stories.auditing,
            ("stage_1", "planned"),
            [STAGE_2, *audit("planner", "Plan dates and team", 1, "Stage 1 audit")],
        ),
        (
            stories.auditing,
            ("stage_1", "proposed"),
            [*audit("owner", "Confirm the audit or object", 1, "Stage 1 audit"), STAGE_2],
        ),
        (
            stories.auditing,
            ("stage_1", "confirmed"),
            [STAGE_2, *audit("auditor", "Open the audit", 1, "Stage 1 audit")],
        ),
        (
            stories.auditing,
            ("stage_2", "reporting"),
            audit("auditor", "Write the report", 2, "Stage 2 audit"),
        ),
        (
            stories.auditing,
            ("stage_2", "reported"),
            audit("reviewer", "Review the report", 2, "Stage 2 audit"),
        ),
        (
            stories.correcting,
            ("",),
            [("certifier", "Decide on certification", f"C-2026-0001 {ENTERPRISE}")],
        ),
    ],
)
def test_each_state_waits_for_the_right_person(cast, story, arguments, wanted):
    parties = stories.Play(client_of(cast), desk_of(cast))
    play(cast, story(parties, *arguments))
    assert work.stale() == []
    year = str(timezone.localdate().year)
    assert waiting(cast) == [tuple(part.replace("2026", year) for part in row) for row in wanted]


def test_a_certified_case_leaves_only_the_audits_to_plan_that_are_near(cast):
    parties = stories.Play(client_of(cast), desk_of(cast))
    play(cast, stories.certified(parties))
    today = timezone.localdate()
    for kind, days in (("surveillance_1", 120), ("surveillance_2", 121), ("recertification", 800)):
        rows = ProgrammeItem.objects.filter(kind=kind)
        assert rows.update(window_from=today + dt.timedelta(days=days)) == 1
    work.rebuild()
    assert waiting(cast) == [
        ("planner", "Plan an audit", f"C-2026-0001 {ENTERPRISE} · First surveillance audit")
    ]


def test_the_most_urgent_thing_is_the_first_of_the_page(cast, client):
    parties = stories.Play(client_of(cast), desk_of(cast))
    play(cast, stories.correcting(parties, "open", grades=("minor", "major")))
    response = cast.client(client, "owner").get("/desk/")
    first, (second,) = response.context["first"], response.context["items"]
    assert first.due_on <= second.due_on
    assert [str(item.title) for item in (first, second)] == ["Answer the nonconformity"] * 2
    assert response.context["count"] == 2
    shown = response.content.decode()
    assert f"Due {weekday_day(first.due_on)}" in shown
    assert contextual_date(second.due_on) in shown


def test_nothing_waits_for_a_newcomer_but_to_register(cast, client):
    cast.owner.memberships.all().delete()
    response = cast.client(client, "owner").get("/desk/")
    assert response.context["stranger"]
    assert "Register your enterprise" in response.content.decode()
