"""The list of applications: whose rows, how it is narrowed, and the export that equals it."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from certification.models import Application
from tests.certification.applications import empty_draft, sent_application

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(cast, client):
    return cast.client(client, "owner")


@pytest.fixture
def some(cast):
    return {
        "draft": empty_draft(cast, schemes=("iso-14001-2015",)),
        "sent": sent_application(cast),
        "foreign": sent_application(cast, who="rival_owner"),
    }


def listed(client, **query):
    page = client.get(reverse("certification:applications"), query)
    return page, set(page.context["page"].object_list)


def test_list_shows_each_party_its_own(cast, client, some):
    seen = {
        who: listed(cast.client(client, who))[1]
        for who in ("owner", "member", "manager", "auditor", "rival_owner", "rival_manager")
    }
    assert seen == {
        "owner": {some["draft"], some["sent"]},
        "member": {some["draft"], some["sent"]},
        "manager": {some["sent"], some["foreign"]},
        "auditor": set(),
        "rival_owner": {some["foreign"]},
        "rival_manager": set(),
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"draft", "sent"}),
        ({"view": "drafts"}, {"draft"}),
        ({"view": "body"}, {"sent"}),
        ({"view": "yours"}, set()),
        ({"view": "closed"}, set()),
        ({"view": "all"}, {"draft", "sent"}),
        ({"view": "nonsense"}, {"draft", "sent"}),
        ({"q": "A-"}, {"sent"}),
        ({"q": "华臻"}, {"draft", "sent"}),
        ({"q": "nothing"}, set()),
        ({"scheme": "EMS"}, {"draft"}),
        ({"scheme": "QMS"}, {"sent"}),
        ({"scheme": "XYZ"}, {"draft", "sent"}),
        ({"kind": "initial"}, {"draft", "sent"}),
        ({"kind": "transfer"}, set()),
        ({"sort": "number"}, {"draft", "sent"}),
        ({"sort": "password"}, {"draft", "sent"}),
        ({"page": "99"}, {"draft", "sent"}),
        ({"page": "x"}, {"draft", "sent"}),
        ({"q": "\x00"}, {"draft", "sent"}),
    ],
)
def test_list_is_narrowed_by_its_address(cast, owner, some, query, found):
    page, rows = listed(owner, **query)
    assert (page.status_code, rows) == (200, {some[name] for name in found})


def test_list_counts_its_views(cast, owner, some):
    page, _rows = listed(owner)
    assert {view["key"]: view["count"] for view in page.context["views"]} == {
        "open": 2, "yours": 0, "drafts": 1, "body": 1, "closed": 0, "all": 2,
    }  # fmt: skip


def test_list_says_whose_turn_it_is(cast, client, some):
    turns = {
        who: {row.status: str(row.next_step) for row in listed(cast.client(client, who))[1]}
        for who in ("owner", "reviewer", "manager")
    }
    assert turns["owner"] == {
        "draft": "Finish the application",
        "submitted": "Waiting for the body",
    }
    assert turns["reviewer"] == {"submitted": "Start the review"}
    assert turns["manager"] == {"submitted": "Waiting for the body"}


@pytest.mark.parametrize("who", ["owner", "manager"])
def test_list_costs_the_same_for_one_and_three_rows(cast, client, who, django_assert_num_queries):
    def visit(count):
        with django_assert_num_queries(count):
            return listed(cast_client)[1]

    sent_application(cast)
    cast_client = cast.client(client, who)
    listed(cast_client)
    queries = 11
    assert len(visit(queries)) == 1
    sent_application(cast, schemes=("iso-14001-2015",))
    sent_application(cast, schemes=("iso-45001-2018", "iso-27001-2022"))
    assert len(visit(queries)) == 3


def test_list_of_somebody_without_an_organisation_is_refused_with_its_reason(cast, client):
    cast.owner.memberships.update(ended_at=timezone.now())
    answer = cast.client(client, "owner").get(reverse("certification:applications"))
    assert answer.status_code == 403


def exported(client, **query) -> list[list[str]]:
    answer = client.get(reverse("certification:applications_export"), query)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("query", [{}, {"view": "drafts"}, {"q": "A-"}, {"scheme": "QMS"}])
def test_export_holds_what_the_list_shows(cast, owner, some, query):
    _page, rows = listed(owner, **query)
    assert {line[0] for line in exported(owner, **query)[1:]} == {row.number for row in rows}


def test_export_has_one_line_for_each_application(cast, client, some):
    header, *lines = exported(cast.client(client, "manager"), sort="number")
    assert header[:4] == ["Number", "Kind", "Standards", "Enterprise"]
    assert [line[0] for line in lines] == [some["sent"].number, some["foreign"].number]


def test_export_escapes_formulas(cast, client):
    sent_application(cast)
    cast.enterprise.name_en = '=HYPERLINK("http://evil.example")'
    cast.enterprise.save(update_fields=["name_en"])
    (_header, line) = exported(cast.client(client, "manager"))
    assert line[3] == '\'=HYPERLINK("http://evil.example")'


def test_export_names_no_reviewer_to_the_enterprise(cast, client):
    Application.objects.filter(pk=sent_application(cast).pk).update(reviewer=cast.reviewer)
    names = {who: exported(cast.client(client, who))[1][-1] for who in ("owner", "manager")}
    assert names == {"owner": "", "manager": cast.reviewer.name}


def test_export_of_others_is_empty(cast, client):
    sent_application(cast)
    assert len(exported(cast.client(client, "rival_owner"))) == 1
    assert len(exported(cast.client(client, "rival_manager"))) == 1
