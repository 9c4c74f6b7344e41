"""The search over everything: what is found, for whom, and what is not."""

import pytest

from portal.search import MOST, search
from tests.certification.applications import sent_application
from tests.listwork import cases, queries_of
from tests.people import PEOPLE

pytestmark = pytest.mark.django_db


def found(cast, who, words) -> dict[str, list[str]]:
    return {
        group.key: [item.title for item in group.items] for group in search(cast.actor(who), words)
    }


def test_without_words_there_are_the_pages(cast):
    cases(cast, 2)
    assert list(found(cast, "manager", "")) == ["pages"]
    assert "Certificates" in found(cast, "manager", "")["pages"]
    assert "Start an application" in found(cast, "owner", "start")["pages"]
    assert found(cast, "manager", "start an") == {}


def test_words_find_records_and_people_that_the_reader_sees(cast):
    cases(cast, 2)
    sent_application(cast)
    assert found(cast, "manager", "L-0001") == {
        "cases": ["Ningbo Lanhai Precision Machinery Co., Ltd."]
    }
    assert set(found(cast, "reviewer", "lanhai")) == {"applications", "cases"}
    assert found(cast, "planner", cast.reviewer.name) == {"people": [cast.reviewer.name]}
    assert found(cast, "owner", cast.reviewer.name) == {}


@pytest.mark.parametrize("who", ["rival_owner", "rival_manager", "auditor"])
def test_records_of_others_are_not_found(cast, who):
    cases(cast, 2)
    sent_application(cast)
    for words in ("lanhai", "L-0", "A-", cast.enterprise.identifier):
        assert {"applications", "cases", "certificates"} & set(found(cast, who, words)) == set()


def test_a_stranger_finds_nothing_of_a_whole_case(cast, world, client):
    for who in ("rival_owner", "rival_manager"):
        reader = cast.client(client, who)
        for words in ("CANARYPRIVATE", "CANARYINTERNAL", "蓝海", "lanhai", "034"):
            for header in ({}, {"X-Palette": "1"}):
                text = reader.get("/search/", {"q": words}, headers=header).content.decode()
                assert cast.enterprise.name_zh not in text
                assert str(world.case.pk) not in text


def test_at_most_ten_of_each_kind_are_shown(cast):
    cases(cast, MOST + 5)
    assert len(found(cast, "manager", "L-0")["cases"]) == MOST


@pytest.mark.parametrize("words", ["", "x", "%", "_", "\x00", "'", "a" * 500, "  ", "<b>"])
@pytest.mark.parametrize("header", [{}, {"X-Palette": "1"}])
def test_any_words_give_a_page(cast, client, words, header):
    cases(cast, 1)
    answer = cast.client(client, "manager").get("/search/", {"q": words}, headers=header)
    assert answer.status_code == 200
    assert b'value="<b>' not in answer.content


def test_the_palette_takes_the_results_alone(cast, client):
    cases(cast, 1)
    reader = cast.client(client, "manager")
    page = reader.get("/search/", {"q": "L-0000"}).content.decode()
    part = reader.get("/search/", {"q": "L-0000"}, headers={"X-Palette": "1"}).content.decode()
    assert "<html" in page
    assert "<html" not in part
    assert 'role="option"' in part


def test_searching_costs_the_same_for_one_row_and_three(cast, client):
    reader = cast.client(client, "manager")
    cases(cast, 1)
    one = queries_of(reader, "/search/?q=L-00")
    cases(cast, 2, first=1)
    assert queries_of(reader, "/search/?q=L-00") == one <= 20


@pytest.mark.parametrize("who", [p for p in PEOPLE if p != "anonymous"])
def test_everybody_finds_the_own_pages(cast, client, who):
    reader = cast.client(client, who)
    for item in search(cast.actor(who), "")[0].items:
        assert reader.get(item.url, follow=True).status_code == 200, item
