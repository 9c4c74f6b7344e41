"""The page of a case: the same for all its parties, each sees what concerns them."""

import csv
import io

import pytest

from audits.enums import Grade
from audits.models import Finding
from certification.models import Case
from foundation.formatting import weekday_day
from portal.demo import stories
from tests.world import client_of, desk_of, play

pytestmark = pytest.mark.django_db

STEPS = (
    "Application",
    "Review",
    "Contract",
    "Stage 1 audit",
    "Stage 2 audit",
    "Corrective actions",
    "Decision",
    "Certificate",
)


@pytest.fixture
def told(cast):
    """Return a function that plays a story of the cast up to today and gives its case."""
    parties = stories.Play(client_of(cast), desk_of(cast))

    def tell(story, *args, **facts):
        play(cast, story(parties, *args, **facts))
        return Case.objects.get()

    return tell


@pytest.fixture
def page(cast, client):
    """Return a function that opens the page of a case as a person."""

    def opened(name, case, query=""):
        response = cast.client(client, name).get(f"/cases/{case.pk}/{query}")
        assert response.status_code == 200
        return response

    return opened


def states(response) -> dict:
    """Return the steps of a page by title."""
    return {str(step["title"]): step["state"] for step in response.context["steps"]}


@pytest.mark.parametrize(
    ("part", "done", "now"),
    [
        ((stories.auditing, "stage_1", "planned"), 3, "Stage 1 audit"),
        ((stories.auditing, "stage_1", "confirmed"), 3, "Stage 1 audit"),
        ((stories.auditing, "stage_2", "planned"), 4, "Stage 2 audit"),
        ((stories.auditing, "stage_2", "reporting"), 4, "Stage 2 audit"),
        ((stories.auditing, "stage_2", "reported"), 4, "Stage 2 audit"),
        ((stories.refusable,), 5, "Corrective actions"),
        ((stories.correcting, ""), 6, "Decision"),
        ((stories.certified,), 8, None),
    ],
)
def test_one_step_is_the_present_one(told, page, part, done, now):
    case = told(*part)
    for name in ("owner", "certifier"):
        found = states(page(name, case))
        assert tuple(found) == STEPS
        assert list(found.values())[:done] == ["done"] * done
        assert [title for title, state in found.items() if state == "now"] == ([now] if now else [])


def test_a_refused_case_stops_at_the_decision(told, page):
    case = told(stories.refused)
    response = page("owner", case)
    assert list(states(response).values())[-2:] == ["stopped", "todo"]
    assert [str(step["title"]) for step in response.context["next_steps"]] == ["You may appeal"]


def test_a_renewed_case_has_one_audit_instead_of_two(told, page):
    case = told(stories.certified)
    Case.objects.update(cycle=2)
    assert states(page("owner", case)) == dict.fromkeys(
        [*STEPS[:3], "Recertification audit", *STEPS[5:]], "done"
    )


def test_a_surveillance_leaves_the_way_to_the_certificate_behind(cast, page):
    parties = stories.Play(client_of(cast), desk_of(cast))
    play(cast, stories.certified(parties, watched=True, until="deciding"), days=430)
    case = Case.objects.get()
    response = page("certifier", case)
    assert states(response) == dict.fromkeys(STEPS, "done")
    assert [str(step["title"]) for step in response.context["next_steps"]] == [
        "An independent decision",
        "The certificate stays valid",
    ]
    actions = [act.transition.action for act in response.context["actions"]]
    assert actions == ["maintain", "send_back"]


def test_documents_are_those_a_person_may_read(told, page):
    case = told(stories.certified)
    audits = ["Audit plan", "Audit report", "Audit plan", "Audit report"]
    papers = {
        name: [str(row["name"]) for row in page(name, case).context["documents"]]
        for name in ("owner", "member", "certifier", "supervisor", "auditor")
    }
    contract = ["Offer", "Certification contract", *audits]
    assert papers == dict.fromkeys(papers, contract) | {"auditor": audits}


def test_every_document_on_the_page_can_be_opened(told, page, cast, client):
    case = told(stories.certified)
    for name in ("owner", "auditor"):
        rows = page(name, case).context["documents"]
        answers = [cast.client(client, name).get(row["file"].get_absolute_url()) for row in rows]
        assert {b"".join(answer.streaming_content)[:5] for answer in answers} == {b"%PDF-"}


def test_what_waits_stands_on_top_for_who_has_to_do_it(told, page):
    case = told(stories.correcting, "open", grades=(Grade.MINOR,))
    waiting = {name: [str(item.title) for item in page(name, case).context["story"].items]
               for name in ("owner", "auditor", "certifier")}  # fmt: skip
    assert waiting["owner"] == ["Answer the nonconformity"]
    assert waiting["auditor"] == []
    assert waiting["certifier"] == ["Decide on certification"]
    finding = Finding.objects.get(grade=Grade.MINOR)
    assert f"Due {weekday_day(finding.due_on)}" in page("owner", case).content.decode()


def test_findings_of_a_refused_case_press_nobody_any_more(told, page):
    response = page("owner", told(stories.refused))
    assert [finding.status for finding in response.context["story"].nonconformities] == ["open"]
    assert response.context["story"].items == []
    assert "cdate" not in response.content.decode()


def test_an_audit_broken_off_is_to_be_planned_again(told, page):
    case = told(stories.auditing, "stage_2", "aborted")
    items = page("planner", case).context["story"].items
    assert [(str(item.title), item.url) for item in items] == [
        ("Plan an audit", "/audits/to-plan/")
    ]
    assert page("reviewer", case).context["story"].items == []


def test_history_is_short_until_asked_for(told, page):
    case = told(stories.certified)
    short, whole = page("owner", case), page("owner", case, "?history")
    assert len(short.context["entries"]) == 8
    assert short.context["hidden"] == len(whole.context["entries"]) - 8
    assert short.context["entries"] == whole.context["entries"][:8]


def test_only_parties_find_the_case(told, cast, client):
    case = told(stories.auditing, "stage_1", "planned")
    answers = {
        name: cast.client(client, name).get(f"/cases/{case.pk}/").status_code
        for name in ("rival_owner", "rival_manager", "auditor", "operator", "anonymous")
    }
    assert answers == {
        "rival_owner": 404,
        "rival_manager": 404,
        "auditor": 404,
        "operator": 403,
        "anonymous": 302,
    }


def test_the_list_is_searched_filtered_and_exported_alike(told, cast, client):
    case = told(stories.certified)
    owner = cast.client(client, "owner")
    for query, wanted in (
        ("", [case.number]),
        ("?q=lanhai", [case.number]),
        (f"?q={case.number}&status=certified", [case.number]),
        ("?q=nobody", []),
        ("?status=deciding", []),
        ("?status=nonsense&sort=password", [case.number]),
    ):
        listed = owner.get(f"/cases/{query}").context["page"].object_list
        assert [row.number for row in listed] == wanted
        text = b"".join(owner.get(f"/cases/export/{query}").streaming_content).decode("utf-8-sig")
        assert [row[0] for row in csv.reader(io.StringIO(text))][1:] == wanted
    rival = cast.client(client, "rival_owner")
    assert list(rival.get("/cases/").context["page"].object_list) == []
