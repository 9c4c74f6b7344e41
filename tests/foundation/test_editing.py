"""People who write on the same page learn of each other by name."""

import datetime as dt
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from certification.models import Application
from foundation import editing
from foundation.models import Editing

TOO = "has this page open too"


@pytest.fixture
def page(cast):
    """A page of an application on which everybody of the enterprise may write."""
    facts = {"enterprise": cast.enterprise, "body": cast.body, "created_by": cast.owner}
    return f"/applications/{Application.objects.create(**facts).pk}/steps/contact/"


@pytest.fixture
def reader(cast):
    """Return the browser of a person; with scripts it asks as the page says."""
    return lambda name: cast.client(Client(), name)


def place_in(html: str) -> str:
    return re.search(r'name="place" value="([^"]+)"', html)[1]


def opened(browser, page) -> str:
    """Open a page with scripts and return who else is said to be there."""
    html = browser.get(page).content.decode()
    assert 'hx-post="/open-page/" hx-trigger="load, every 20s"' in html
    return ask(browser, place_in(html))


def ask(browser, place) -> str:
    response = browser.post("/open-page/", {"place": place}, headers={"X-Poll": "1"})
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_two_on_one_page_read_each_others_names(cast, page, reader):
    owner, member = reader("owner"), reader("member")
    assert opened(owner, page) == ""
    assert opened(member, page) == f"{cast.owner.name} {TOO}."
    assert f"{cast.member.name} {TOO}." in owner.get(page).content.decode()
    assert Editing.objects.count() == 2


def test_pages_know_nothing_of_one_another(page, reader):
    opened(reader("owner"), page)
    assert opened(reader("member"), page.replace("contact", "certification")) == ""


def test_who_has_left_is_forgotten_after_a_minute(cast, page, reader):
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        opened(reader("owner"), page)
    with time_machine.travel(now + dt.timedelta(seconds=59), tick=False):
        assert cast.owner.name in opened(reader("member"), page)
    with time_machine.travel(now + dt.timedelta(seconds=61), tick=False):
        assert opened(reader("member"), page) == ""
    with time_machine.travel(now + dt.timedelta(seconds=200), tick=False):
        opened(reader("owner"), page.replace("contact", "certification"))
    assert Editing.objects.count() == 1


def test_without_scripts_who_saves_reads_who_is_there(cast, page, reader):
    opened(reader("member"), page)
    owner = reader("owner")
    assert cast.member.name in owner.get(page).content.decode()
    assert Editing.objects.count() == 1
    facts = {"contact_name": "He", "contact_phone": "0574 1234567", "contact_email": "a@b.example"}
    answer = owner.post(page, facts | {"next": "later"}, follow=True)
    warning = f"{cast.member.name} {TOO}. Look whether what both of you wrote is there."
    assert [str(message) for message in answer.context["messages"]] == [warning]
    assert cast.owner.name in opened(reader("member"), page)


def test_looking_writes_nothing(page, reader):
    reader("owner").get(page)
    assert not Editing.objects.exists()


@pytest.mark.parametrize("token", ["", "x", "1:/desk/", "1:/desk/:forged"])
def test_only_a_page_that_was_shown_can_be_asked_about(reader, token):
    response = reader("owner").post("/open-page/", {"place": token})
    assert response.status_code == 403
    assert not Editing.objects.exists()


def test_page_of_another_person_cannot_be_asked_about(cast, page, reader):
    opened(reader("owner"), page)
    token = editing.token_for(cast.owner, page)
    answer = reader("rival_owner").post("/open-page/", {"place": token})
    assert answer.status_code == 403
    assert cast.owner.name not in answer.content.decode()


def test_number_of_queries_does_not_grow_with_the_people(cast, page, reader):
    asked = []
    browser = reader("owner")
    place = place_in(browser.get(page).content.decode())
    ask(browser, place)
    for people in ([cast.member], [cast.reviewer, cast.auditor]):
        for person in people:
            editing.note(person, page)
        with CaptureQueriesContext(connection) as queries:
            ask(browser, place)
        asked.append(len(queries))
    assert asked[0] == asked[1]
