"""A person's own dates: on a page, and as a calendar under a private address."""

import datetime as dt
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audits.models import Audit
from certification.models import Application, Certificate
from foundation import work
from foundation.icalendar import Entry, document, fold
from foundation.models import CalendarFeed
from portal import feeds
from tests.matrix import objects

ZONE = timezone.get_default_timezone()
NOW = dt.datetime(2026, 9, 1, 10, tzinfo=ZONE)
HELD = dt.date(2026, 9, 3)


@pytest.fixture(autouse=True)
def _first_of_september():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def stranger():
    """A calendar program: it has no session."""
    return Client()


def audit(cast, status="confirmed"):
    row = objects.audit(cast)
    facts = {"status": status, "proposed_at": NOW, "sequence": 3}
    Audit.objects.filter(pk=row.pk).update(**facts, starts_on=HELD, ends_on=HELD)
    work.rebuild()
    return row


def review_due(cast, day, number="A-2026-9000"):
    row = objects.application(cast)
    facts = {"status": "in_review", "review_due_on": day, "number": number}
    Application.objects.filter(pk=row.pk).update(**facts)
    work.rebuild()
    return row


def address_of(user) -> str:
    """Return the path of a person's calendar, made anew."""
    address = feeds.address_of(feeds.renew(user))
    assert address.startswith("http://localhost/calendar/")
    return address.removeprefix("http://localhost")


def entries(client, address) -> list[dict]:
    """Fetch a calendar as a program does: octets, folds, names, values."""
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    data = response.content
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    text = data.decode().replace("\r\n ", "")
    found = re.findall(r"BEGIN:VEVENT\r\n(.*?)END:VEVENT", text, re.DOTALL)
    rows = [[line.split(":", 1) for line in part.splitlines()] for part in found]
    return [{name.split(";")[0]: value for name, value in reversed(row)} for row in rows]


def test_team_and_client_of_an_audit_have_it_in_their_calendars(cast, client):
    row = audit(cast)
    for person in ("owner", "auditor", "auditor2"):
        (entry,) = [
            found
            for found in entries(client, address_of(getattr(cast, person)))
            if found["UID"] == f"audit-{row.pk}@localhost"
        ]
        assert (entry["DTSTART"], entry["DTEND"]) == ("20260903", "20260904")
        assert (entry["SEQUENCE"], entry["STATUS"], entry["TRANSP"]) == ("3", "CONFIRMED", "OPAQUE")
        assert entry["SUMMARY"].endswith("C-2026-9001-1")
    for person in ("manager", "rival_owner", "operator"):
        assert entries(client, address_of(getattr(cast, person))) == []


@pytest.mark.parametrize(
    ("due", "rings"),
    [
        # National Day: no work from 1 to 7 October.
        (dt.date(2026, 10, 9), "20260929T010000Z"),
        # The Sunday before is a make-up day.
        (dt.date(2026, 9, 22), "20260918T010000Z"),
    ],
)
def test_limit_is_a_whole_day_and_rings_three_working_days_before(cast, client, due, rings):
    row = review_due(cast, due)
    (entry,) = entries(client, address_of(cast.reviewer))
    assert entry["UID"].startswith(f"work-{row.pk}-")
    assert entry["DTSTART"] == f"{due:%Y%m%d}"
    assert (entry["TRANSP"], entry["TRIGGER"]) == ("TRANSPARENT", rings)
    assert "A-2026-9000" in entry["SUMMARY"]


def test_limit_that_moves_keeps_its_identifier_and_goes_when_the_work_is_done(cast, client):
    row = review_due(cast, dt.date(2026, 9, 10))
    address = address_of(cast.reviewer)
    (before,) = entries(client, address)
    Application.objects.filter(pk=row.pk).update(review_due_on=dt.date(2026, 9, 11))
    work.rebuild()
    (after,) = entries(client, address)
    assert (before["UID"], before["DTSTART"]) == (after["UID"], "20260910")
    assert after["DTSTART"] == "20260911"
    Application.objects.filter(pk=row.pk).update(status="declined")
    work.rebuild()
    assert entries(client, address) == []


def test_holder_has_the_ends_of_certificates_and_the_body_has_not(cast, client):
    row = objects.certificate(cast)
    days = {"expires_on": dt.date(2026, 12, 1), "suspended_until": dt.date(2026, 11, 2)}
    Certificate.objects.filter(pk=row.pk).update(status="suspended", **days)
    found = {e["UID"]: e["DTSTART"] for e in entries(client, address_of(cast.member))}
    assert found == {
        f"suspension-{row.pk}@localhost": "20261102",
        f"expiry-{row.pk}@localhost": "20261201",
    }
    assert entries(client, address_of(cast.planner)) == []


def test_calendar_names_no_party_no_person_and_no_words_of_anybody(cast, client):
    review_due(cast, dt.date(2026, 9, 10))
    row = audit(cast)
    Audit.objects.filter(pk=row.pk).update(objectives="CANARY", ict_tools="CANARY")
    for person in ("owner", "auditor", "reviewer"):
        text = client.get(address_of(getattr(cast, person))).content.decode().replace("\r\n ", "")
        names = [*User.objects.values_list("name", flat=True), "CANARY"]
        for party in (cast.enterprise, cast.body):
            names += [party.name_zh, party.name_en]
        assert "BEGIN:VEVENT" in text
        assert [name for name in names if name and name in text] == []


def test_calendar_is_in_the_language_of_its_person(cast, stranger):
    review_due(cast, dt.date(2026, 9, 10))
    User.objects.filter(pk=cast.reviewer.pk).update(language="en")
    english = entries(stranger, address_of(cast.reviewer))
    User.objects.filter(pk=cast.reviewer.pk).update(language="zh-hans")
    chinese = entries(stranger, address_of(cast.reviewer))
    assert english[0]["DESCRIPTION"].startswith("Until the end of this day.")
    assert chinese[0]["DESCRIPTION"].startswith("截止当日结束。")


def test_address_is_made_replaced_and_ended_on_the_page(cast, client, stranger):
    cast.client(client, "owner")
    assert "/calendar/" not in client.get("/dates/").content.decode()
    client.post("/dates/address/", follow=True)
    (first,) = re.findall(r'value="http://localhost(/calendar/\S+\.ics)"', page(client))
    assert stranger.get(first).status_code == 200
    client.post("/dates/address/", {"renew": "1"})
    (second,) = re.findall(r'value="http://localhost(/calendar/\S+\.ics)"', page(client))
    assert [stranger.get(path).status_code for path in (first, second)] == [404, 200]
    client.post("/dates/address/", {"end": "1"})
    assert stranger.get(second).status_code == 404
    assert not CalendarFeed.objects.exists()


def page(client) -> str:
    return client.get("/dates/").content.decode()


def test_address_of_others_forged_ones_and_closed_accounts_lead_nowhere(cast, stranger):
    address = address_of(cast.owner)
    token = address.removeprefix("/calendar/").removesuffix(".ics")
    key, signature = token.split(":")
    for wrong in (key, f"{key}:x", f"{cast.member.pk}:{signature}", f"x{token}", ":"):
        assert stranger.get(f"/calendar/{wrong}.ics").status_code == 404
    assert stranger.post(address).status_code == 405
    User.objects.filter(pk=cast.owner.pk).update(is_active=False)
    assert stranger.get(address).status_code == 404


def test_page_says_when_a_program_last_fetched(cast, client, stranger):
    cast.client(client, "owner")
    address = address_of(cast.owner)
    assert "No program has fetched it yet." in page(client)
    stranger.get(address)
    assert "Last fetched on 1 September 2026 at 10:00." in page(client)


def test_page_lists_the_same_dates_with_the_overdue_first(cast, client):
    review_due(cast, dt.date(2026, 8, 31))
    review_due(cast, dt.date(2026, 9, 10), "A-2026-9002")
    cast.client(client, "reviewer")
    html = page(client)
    overdue, coming = html.index("A-2026-9000"), html.index("A-2026-9002")
    assert html.index('id="late-h"') < overdue < html.index('id="dates-h"') < coming


def test_number_of_queries_does_not_grow_with_the_dates(cast, client):
    address = address_of(cast.reviewer)
    asked = []
    for count in (1, 2):
        for number in range(count):
            review_due(cast, dt.date(2026, 9, 10), f"A-2026-90{count}{number}")
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert len(entries(client, address)) == (1, 3)[count - 1]
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_long_titles_are_folded_between_characters():
    day = dt.date(2026, 9, 1)
    entry = Entry("x", "审核" * 60, "/x/", first=day, last=day, changed_at=NOW)
    data = document([entry], name="日程, 一; 二")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert "审核" * 60 in data.decode().replace("\r\n ", "")
    assert "NAME:日程\\, 一\\; 二" in data.decode()
    assert fold("a" * 75) == "a" * 75
