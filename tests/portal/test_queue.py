"""The queue of a body: its views, search and filters, who sees what, what it costs."""

import csv
import datetime as dt
import io
import re
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.utils import timezone
from django.utils.html import escape

from accounts.models import User
from foundation import jobs
from foundation.assignments import assign
from foundation.models import BulkRun, Job, WorkItem
from organisations.models import BodyProfile
from organisations.services.teams import add_member
from portal.demo import stories
from tests.world import client_of, desk_of, play

pytestmark = pytest.mark.django_db


@pytest.fixture
def answering(cast):
    """A case in which the client has two findings to answer, and nothing else is to be done."""
    parties = stories.Play(client_of(cast), desk_of(cast))
    play(cast, stories.correcting(parties, "open", grades=("minor", "major")))


@pytest.fixture
def planning(cast):
    """A case whose planner has two things to do."""
    parties = stories.Play(client_of(cast), desk_of(cast))
    play(cast, stories.auditing(parties, "stage_1", "planned"))


def counts(response) -> dict:
    return {str(view["key"]): view["count"] for view in response.context["views"]}


def rows(response) -> list[str]:
    return [f"{item.title} · {item.number}" for item in response.context["page"].object_list]


def test_the_desk_of_a_body_is_its_queue(cast, client, planning):
    response = cast.client(client, "planner").get("/desk/")
    year = timezone.localdate().year
    assert rows(response) == [
        f"Plan an audit · C-{year}-0001",
        f"Plan dates and team · C-{year}-0001-1",
    ]
    assert counts(response) == {
        "mine": 2, "overdue": 0, "week": 0, "client": 0, "unassigned": 0, "ours": 2
    }  # fmt: skip
    assert counts(client.get("/work/")) == counts(response)


def test_a_colleague_sees_the_work_but_has_none(cast, client, planning):
    response = cast.client(client, "reviewer").get("/desk/")
    assert rows(response) == []
    assert counts(response)["ours"] == 2
    assert "Other views of this list hold something." in response.content.decode()


def test_what_waits_for_the_client_is_a_view_of_its_own(cast, client, answering):
    response = cast.client(client, "manager").get("/desk/?view=client")
    assert [row.split(" · ")[0] for row in rows(response)] == ["Answer the nonconformity"] * 2
    assert "The client" in response.content.decode()
    owner = cast.client(client, "owner").get("/work/")
    assert counts(owner)["mine"] == 2


def test_overdue_and_due_today_are_said(cast, client, planning):
    today = timezone.localdate()
    first, second = WorkItem.objects.order_by("pk")
    WorkItem.objects.filter(pk=first.pk).update(due_on=today)
    WorkItem.objects.filter(pk=second.pk).update(due_on=today - dt.timedelta(days=3))
    response = cast.client(client, "planner").get("/desk/")
    assert "2 items. 1 is overdue. 1 is due today." in response.content.decode()
    assert (counts(response)["overdue"], counts(response)["week"]) == (1, 1)


def test_work_given_to_a_colleague_leaves_the_own_queue(cast, client, planning):
    add_member(
        actor=cast.actor("manager"),
        organisation=cast.body,
        email=cast.manager.email,
        name=cast.manager.name,
        role="planner",
    )
    jobs.run_due()
    item = WorkItem.objects.get(action="propose")
    assign(actor=cast.actor("planner"), item=item, person=cast.manager)
    assert counts(cast.client(client, "planner").get("/desk/"))["mine"] == 1


def test_many_pieces_are_handed_out_at_once_each_with_its_result(cast, client, planning):
    add_member(
        actor=cast.actor("manager"),
        organisation=cast.body,
        email=cast.manager.email,
        name=cast.manager.name,
        role="planner",
    )
    jobs.run_due()
    cast.client(client, "planner")
    picks = [("pick", str(item.pk)) for item in WorkItem.objects.all()]
    query = urlencode([*picks, ("action", "assign")])
    page = client.get(f"/lists/work/bulk/?{query}")
    assert page.status_code == 200
    wrong = client.post(f"/lists/work/bulk/?{query}", {"person": cast.owner.pk})
    assert wrong.status_code == 422
    client.post(f"/lists/work/bulk/?{query}", {"person": cast.manager.pk})
    client.post(f"/lists/work/bulk/?{query}", {"person": cast.reviewer.pk})
    jobs.run_due()
    given, refused = BulkRun.objects.order_by("created_at")
    assert [item.state for item in given.items.all()] == ["done", "done"]
    assert [item.reason for item in refused.items.all()] == [
        f"{cast.reviewer} may not do this."
    ] * 2
    assert {item.assignee for item in WorkItem.objects.all()} == {cast.manager}


def test_search_and_filters_stand_in_the_address(cast, client, planning):
    cast.client(client, "planner")
    year = timezone.localdate().year
    step = "step=audits.audit%3Apropose"
    assert rows(client.get(f"/desk/?{step}")) == [f"Plan dates and team · C-{year}-0001-1"]
    assert len(rows(client.get("/desk/?q=lanhai"))) == 2
    assert rows(client.get("/desk/?q=nobody")) == []
    assert len(rows(client.get(f"/desk/?who={cast.planner.pk}"))) == 2
    assert rows(client.get("/desk/?who=nobody")) == []


def test_the_tools_offer_each_choice_once_and_keep_the_chosen_one(cast, client, planning):
    name = f"<b>{cast.planner.name}"
    User.objects.filter(pk=cast.planner.pk).update(name=name)
    page = cast.client(client, "planner").get("/desk/?who=nobody&q=%22lan%22").content.decode()
    menu = re.search('<select name="who" [^>]*>(.*?)</select>', page, re.DOTALL)[1]
    options = re.findall('<option value="([^"]*)"( selected)?>(.*?)</option>', menu)
    assert options[:2] == [("", "", "Anybody"), ("nobody", " selected", "Nobody yet")]
    assert {(value, words) for value, _chosen, words in options[2:]} == {
        (str(person.pk), escape(person.name))
        for person in User.objects.filter(memberships__organisation=cast.body).distinct()
    }
    assert len(options) == len(set(options))
    assert re.findall('<input type="search"[^>]* value="([^"]*)"', page) == ["&quot;lan&quot;"]


def _steps(client, name="") -> list[tuple[str, str]]:
    page = client.get(f"/work/?{name}").content.decode()
    return re.findall(
        r'<input type="checkbox" name="step" value="([^"]*)"[^>]*> (.*?)</label>', page
    )


def test_the_filter_offers_the_steps_of_ones_own_party_each_name_once(cast, client, planning):
    desk = _steps(cast.client(client, "planner"))
    names = [name for _value, name in desk]
    assert len(names) == len(set(names))
    assert {"Decide on certification", "Answer the offer", "Plan an audit"} <= set(names)
    assert "Decide on the admission" not in names
    own = {name for _value, name in _steps(cast.client(client, "owner"))}
    assert "Answer the offer" in own
    assert own.isdisjoint({"Decide on certification", "Plan an audit"})
    assert "Decide on the admission" in {
        name for _value, name in _steps(cast.client(client, "operator"))
    }


def test_a_step_stands_for_all_that_are_called_alike(cast, client, planning):
    cast.client(client, "certifier")
    WorkItem.objects.filter(action="plan").update(
        subject_type="certification.case", action="renew", status="deciding"
    )
    value = {name: value for value, name in _steps(client)}["Decide on certification"]
    assert value != "certification.case:renew"
    for one in (value, "certification.case:renew"):
        assert len(rows(client.get(f"/work/?view=ours&step={one}"))) == 1


@pytest.mark.parametrize(
    "query", ["view=evil", "step=evil", "who=999999", "sort=evil", "page=9999", "x=1", "q=%00"]
)
def test_nonsense_in_the_address_shows_the_queue(cast, client, planning, query):
    response = cast.client(client, "planner").get(f"/desk/?{query}")
    assert response.status_code == 200


def test_the_export_holds_what_the_queue_shows(cast, client, planning):
    step = "step=certification.programmeitem%3Aplan"
    answer = cast.client(client, "planner").get(f"/work/export/?{step}")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[0] == ["Number", "Client", "What", "Next step", "Status", "Due", "Who"]
    assert [line[2:5] for line in lines[1:]] == [
        ["Stage 2 audit", "Plan an audit", "To be planned"]
    ]


@pytest.mark.parametrize("name", ["rival_owner", "rival_manager", "supervisor", "operator"])
def test_strangers_see_nothing_of_it(cast, client, planning, name):
    assert rows(cast.client(client, name).get("/work/?view=ours")) == []
    assert "Lanhai" not in client.get("/work/").content.decode()


def test_without_an_organisation_nobody_is_a_colleague(cast, client):
    cast.owner.memberships.all().delete()
    stranger = User.objects.create_user("newcomer@cast.example", name="Somebody Else")
    page = cast.client(client, "owner").get("/work/").content.decode()
    assert stranger.name not in page
    assert "Anybody" in page


def test_a_body_that_waits_for_admission_reads_so(cast, client):
    BodyProfile.objects.filter(organisation=cast.body).update(status="registered")
    response = cast.client(client, "manager").get("/desk/")
    assert "Your admission is being checked" in response.content.decode()


def test_failed_jobs_are_told_to_the_manager(cast, client):
    Job.objects.create(
        kind="x.y", key="k", state="failed", organisation_id=cast.body.pk, run_at=timezone.now()
    )
    text = "1 job could not be completed."
    assert text in cast.client(client, "manager").get("/desk/").content.decode()
    assert text not in cast.client(client, "reviewer").get("/desk/").content.decode()


def test_the_queue_costs_the_same_for_more_rows(
    cast, client, planning, django_assert_max_num_queries
):
    cast.client(client, "planner")
    client.get("/desk/")
    with django_assert_max_num_queries(25) as for_two:
        client.get("/desk/")
    row = WorkItem.objects.get(action="propose")
    people = list(row.people.all())
    row.pk, row.subject_id = uuid4(), uuid4()
    row.save(force_insert=True)
    row.people.set(people)
    with django_assert_max_num_queries(len(for_two.captured_queries)):
        client.get("/desk/")
