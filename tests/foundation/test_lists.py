"""The one list page: what an address means, how it is counted, and what wrong addresses do."""

import csv
import io

import pytest
from django.utils import translation
from openpyxl import load_workbook

from certification.enums import CaseStatus
from certification.models import Case
from foundation.lists import LISTS, Listing, ListPage, find, register
from portal.lists.cases import CASES
from tests.listwork import cases, queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(cast, client):
    return cast.client(client, "manager")


def numbers(page):
    return [row.number for row in page.context["page"].object_list]


def listing(cast, query="", who="manager"):
    return Listing(CASES, cast.actor(who), query)


def test_a_page_holds_fifty_rows_and_the_next_ones_follow(cast, manager):
    cases(cast, 120)
    pages = [numbers(manager.get(f"/cases/?sort=number&page={n}")) for n in (1, 2, 3)]
    assert pages == [
        [f"L-{n:04}" for n in range(50)],
        [f"L-{n:04}" for n in range(50, 100)],
        [f"L-{n:04}" for n in range(100, 120)],
    ]


@pytest.mark.parametrize(
    ("query", "shown", "ignored"),
    [
        ("", 3, []),
        ("status=auditing", 2, []),
        ("status=auditing&view=deciding", 0, []),
        ("view=deciding", 1, []),
        ("q=l-0001", 1, []),
        ("q=Lanhai  Precision", 3, []),
        ("q=Precision Lanhai", 0, []),
        ("q=%20", 3, []),
        ("status=evil", 3, ["status=evil"]),
        ("sort=password", 3, ["sort=password"]),
        ("sort=-", 3, ["sort=-"]),
        ("view=evil", 3, ["view=evil"]),
        ("page=9999", 3, ["page=9999"]),
        ("page=x", 3, ["page=x"]),
        ("page=-1", 3, ["page=-1"]),
        ("utm=1&status=", 3, ["utm=1"]),
        ("q=%00", 3, ["q="]),
        ("q=" + "x" * 200, 3, ["q=" + "x" * 58]),
        ("%E2%80%AEutm=%3Cb%3E", 3, ["utm=<b>"]),
    ],
)
def test_an_address_means_what_it_can_and_says_what_it_cannot(cast, manager, query, shown, ignored):
    cases(cast, 2)
    cases(cast, 1, first=2, status=CaseStatus.DECIDING)
    page = manager.get(f"/cases/?{query}")
    assert (page.status_code, len(page.context["page"].object_list)) == (200, shown)
    assert page.context["listing"].ignored == ignored
    assert ("This could not be used" in page.content.decode()) == bool(ignored)
    assert b"<b>" not in page.content or "b>" not in query


def test_views_are_counted_under_the_present_search(cast, manager):
    cases(cast, 3)
    cases(cast, 2, first=3, status=CaseStatus.DECIDING)
    cases(cast, 1, first=7, status=CaseStatus.ENDED)

    def counted(query):
        views = manager.get(f"/cases/{query}").context["views"]
        return {view["key"]: (view["count"], view["hot"]) for view in views}

    assert counted("") == {
        "": (6, False), "auditing": (3, False), "deciding": (2, True),
        "certified": (0, False), "over": (1, False),
    }  # fmt: skip
    assert counted("?q=L-0003") == {
        "": (1, False), "auditing": (0, False), "deciding": (1, True),
        "certified": (0, False), "over": (0, False),
    }  # fmt: skip


def test_the_sentence_says_how_many_of_how_many(cast, manager):
    cases(cast, 3)
    sentences = {q: manager.get(f"/cases/{q}").context["sentence"] for q in ("", "?q=L-0001")}
    assert sentences == {"": "3 cases", "?q=L-0001": "1 case of 3"}


def test_links_keep_what_is_asked_for_and_drop_what_was_ignored(cast):
    cases(cast, 1)
    shown = listing(cast, "status=auditing&q=L&sort=number&evil=1&page=1")
    views = {view["key"]: view["url"] for view in shown.view_links()}
    assert shown.link() == "?q=L&status=auditing&sort=number"
    assert views["deciding"] == "?q=L&status=auditing&view=deciding&sort=number"
    assert [(chip["words"], chip["url"]) for chip in shown.chips()] == [
        ("Status: In audit", "?q=L&sort=number")
    ]
    assert shown.cleared == "?sort=number"
    assert shown.kept == [("sort", "number")]
    assert shown.address == "/cases/?q=L&status=auditing&sort=number"


def test_a_head_turns_its_order_round(cast):
    cases(cast, 1)
    heads = {c.sort: (link, order) for c, link, order in listing(cast, "sort=number").heads()}
    assert heads["number"] == ("?sort=-number", "ascending")
    assert heads["created_at"] == ("?sort=created_at", "")
    heads = {c.sort: (link, order) for c, link, order in listing(cast).heads()}
    assert heads["created_at"] == ("?sort=created_at", "descending")


def test_the_filters_are_named_in_both_languages(cast):
    cases(cast, 1)
    with translation.override("zh-hans"):
        assert [chip["words"] for chip in listing(cast, "status=auditing").chips()] == [
            "状态：审核中"
        ]


def test_an_empty_list_says_why(cast, manager):
    titles = {query: manager.get(f"/cases/{query}").content.decode() for query in ("", "?q=nobody")}
    assert "A case begins when an enterprise signs an offer." in titles[""]
    assert "Clear search and filters" in titles["?q=nobody"]
    cases(cast, 1)
    assert "Nothing in this view" in manager.get("/cases/?view=certified").content.decode()


def test_a_list_costs_the_same_for_one_row_and_three(cast, manager):
    cases(cast, 1)
    addresses = ("/cases/", "/cases/?q=L&status=auditing&view=auditing&sort=-number")
    one = [queries_of(manager, address) for address in addresses]
    cases(cast, 2, first=1)
    assert [queries_of(manager, address) for address in addresses] == one
    assert max(one) <= 15


def test_only_own_rows_are_listed_counted_and_exported(cast, client):
    cases(cast, 2)
    cases(cast, 1, first=2, enterprise=cast.rival_enterprise, body=cast.rival_body)
    for who, wanted in (("owner", ["L-0000", "L-0001"]), ("rival_manager", ["L-0002"])):
        reader = cast.client(client, who)
        page = reader.get("/cases/?sort=number")
        assert numbers(page) == wanted
        assert page.context["views"][0]["count"] == len(wanted)
        assert [row[0] for row in exported(reader, "?sort=number")][1:] == wanted


def exported(client, query):
    answer = client.get(f"/cases/export/{query}")
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_a_workbook_holds_what_the_list_shows(cast, manager):
    cases(cast, 2)
    cases(cast, 1, first=2, status=CaseStatus.DECIDING)
    cast.enterprise.name_en = "=HYPERLINK(1)"
    cast.enterprise.save(update_fields=["name_en"])
    answer = manager.get("/cases/export/?format=xlsx&view=auditing&sort=-number")
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    opened = Case.objects.first().created_at.date()
    assert rows[0] == ["Case", "Enterprise", "Certification body", "Status", "Opened"]
    assert [row[0] for row in rows[1:]] == ["L-0001", "L-0000"]
    assert rows[1][1] == "'=HYPERLINK(1)"
    assert abs((rows[1][4].date() - opened).days) <= 1
    assert sheet.freeze_panes == "A2"


def test_every_list_has_a_name_of_its_own():
    assert find("cases") is CASES
    with pytest.raises(ValueError, match="cases"):
        register(type("Again", (ListPage,), {"name": "cases"})())
    assert {name: page.name for name, page in LISTS.items()} == {name: name for name in LISTS}
