"""Scheme by technical area as of a day: who covers it, what is missing, what will be."""

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from schemes.models import BodyApproval, Competence, Scheme

pytestmark = pytest.mark.django_db


def days(count):
    return timezone.localdate() + dt.timedelta(days=count)


def address(cast, as_of="today", name="cover"):
    return reverse(f"schemes:{name}", args=[cast.body.pk, as_of])


def shown(client, cast, query="", as_of="today"):
    """Return (scheme, area, state) of the rows shown."""
    answer = client.get(address(cast, as_of) + query)
    assert answer.status_code == 200
    rows = answer.context["page"].object_list
    return [(row.scheme.code, row.area.code, row.standing.kind) for row in rows]


def of(who, **facts):
    return Competence.objects.filter(user=who, **facts)


def test_everything_is_covered_and_each_pair_stands_once(cast, client):
    # A second approval of the same areas, as after a renewal.
    approval = BodyApproval.objects.get(body=cast.body, scheme__code="QMS")
    twin = BodyApproval.objects.create(
        body=cast.body, scheme=approval.scheme, reference="AP-2", valid_from=days(-5)
    )
    twin.areas.set(approval.areas.all())
    cast.client(client, "manager")
    found = shown(client, cast)
    assert len(found) == Scheme.objects.count() * 3
    assert found == [(scheme.code, area, "valid") for scheme in Scheme.objects.order_by("position")
                     for area in ("17", "18", "19")]  # fmt: skip
    assert shown(client, cast, "?view=gaps") == []


@pytest.mark.parametrize(
    ("role", "lacks", "word"),
    [
        ("auditor", "auditor", "1 of at least 2 auditors"),
        ("certifier", "certifier", "no certifier"),
    ],
)
def test_a_gap_names_what_is_missing(cast, client, role, lacks, word):
    who = cast.auditor2 if role == "auditor" else cast.certifier
    for row in of(who, scheme__code="QMS"):
        row.areas.remove(row.areas.get(code="18"))
    cast.client(client, "manager")
    assert shown(client, cast, "?view=gaps") == [("QMS", "18", "problem")]
    assert shown(client, cast, f"?lacks={lacks}") == [("QMS", "18", "problem")]
    words = client.get(address(cast) + "?view=gaps").content.decode()
    assert word in words
    assert "Not covered" in words
    assert "?scheme=QMS&amp;without=18" in words


def test_no_lead_in_the_scheme_is_a_gap_of_all_its_areas(cast, client):
    of(cast.auditor, scheme__code="EMS", role="lead_auditor").update(role="auditor")
    cast.client(client, "manager")
    assert {row[0] for row in shown(client, cast, "?lacks=lead_auditor")} == {"EMS"}


def test_a_day_to_come_shows_what_will_have_lapsed(cast, client):
    of(cast.auditor2, scheme__code="QMS").update(valid_until=days(30))
    cast.client(client, "manager")
    assert shown(client, cast, "?view=gaps") == []
    assert [row[:2] for row in shown(client, cast, "?view=soon")] == [
        ("QMS", "17"), ("QMS", "18"), ("QMS", "19"),
    ]  # fmt: skip
    last, after = days(30).isoformat(), days(31).isoformat()
    assert shown(client, cast, "?view=gaps", last) == []
    assert len(shown(client, cast, "?view=gaps", after)) == 3
    answer = client.get(address(cast, after, "cover_export") + "?view=gaps&format=csv")
    text = b"".join(answer.streaming_content).decode().removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[:2] for row in rows[1:]] == [["QMS", "17"], ["QMS", "18"], ["QMS", "19"]]
    assert rows[1][-2:] == ["Not covered", "1 of at least 2 auditors"]


@pytest.mark.parametrize("status", ["proposed", "suspended"])
def test_what_is_not_approved_covers_nothing(cast, client, status):
    of(cast.auditor2, scheme__code="QMS").update(status=status)
    cast.client(client, "manager")
    assert len(shown(client, cast, "?view=gaps")) == 3


def test_the_least_number_is_that_of_the_country(cast, client):
    of(cast.auditor2).delete()
    cast.client(client, "manager")
    assert len(shown(client, cast, "?view=gaps")) == Scheme.objects.count() * 3
    cast.body.country = "DE"
    cast.body.save()
    assert shown(client, cast, "?view=gaps") == []


def test_search_finds_areas_and_people(cast, client):
    cast.client(client, "manager")
    assert {row[1] for row in shown(client, cast, "?q=19")} == {"19"}
    for row in of(cast.auditor2, scheme__code="EMS"):
        row.areas.set(row.areas.filter(code="17"))
    found = shown(client, cast, f"?q={cast.auditor2.name}&scheme=EMS")
    assert [row[:2] for row in found] == [("EMS", "17")]


def test_who_is_near_audits_in_the_scheme_and_not_in_the_area(cast, client):
    for row in of(cast.auditor2, scheme__code="QMS"):
        row.areas.remove(row.areas.get(code="18"))
    cast.client(client, "manager")
    near = reverse("schemes:competence", args=[cast.body.pk]) + "?scheme=QMS&without=18"
    assert [person.user for person in client.get(near).context["people"]] == [cast.auditor2]


def test_a_date_that_is_none_leads_to_today(cast, client):
    cast.client(client, "manager")
    ask = reverse("schemes:cover_on", args=[cast.body.pk])
    assert client.get(ask, {"on": "2027-02-28"}).headers["Location"] == address(cast, "2027-02-28")
    assert client.get(ask, {"on": "2027-02-30"}).headers["Location"] == address(cast)
    assert client.get(address(cast, "2027-02-30")).status_code == 404


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("manager", 200),
        ("planner", 200),
        ("auditor", 403),
        ("supervisor", 200),
        ("operator", 200),
        ("owner", 404),
        ("rival_manager", 404),
        ("anonymous", 302),
    ],
)
def test_who_reads_it(cast, client, who, status):
    cast.client(client, who)
    assert client.get(address(cast)).status_code == status
    assert client.get(address(cast, name="cover_export")).status_code == status


def test_the_list_costs_the_same_for_few_and_many_rows(cast, client):
    cast.client(client, "manager")
    counts = []
    for query in ("?q=17&scheme=QMS", ""):
        with CaptureQueriesContext(connection) as asked:
            assert shown(client, cast, query)
        counts.append(len(asked))
    # What is narrowed is counted once more as a whole.
    assert counts[1] <= counts[0] <= 25
