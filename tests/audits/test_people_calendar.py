"""The calendar of the auditors: whose days, what is named, what another body keeps to itself."""

import datetime as dt

import pytest
from django.utils import timezone

from audits.enums import AbsenceKind, AuditStatus
from audits.models import Absence, Audit
from audits.services.absences import absence_enter
from tests.audits.auditwork import count_queries, opened_case, planned, proposed

ADDRESS = "/planning/calendar/"


@pytest.fixture
def as_(cast, client):
    return lambda who: cast.client(client, who)


def lines(client, query=""):
    found = client.get(f"{ADDRESS}{query}").context["lines"]
    return {line.person.email.partition("@")[0]: line.entries for line in found}


def test_a_planner_sees_everybody_and_an_auditor_the_own_days(cast, as_):
    audit = proposed(cast)
    assert set(lines(as_("planner"))) == {"auditor", "auditor2"}
    (entry,) = lines(as_("auditor"))["auditor"]
    assert (entry.url, entry.tentative) == (audit.get_absolute_url(), False)
    assert set(lines(as_("auditor"))) == {"auditor"}


def test_what_is_only_planned_is_marked_and_what_ended_is_gone(cast, as_):
    audit = planned(cast)
    (entry,) = lines(as_("planner"))["auditor"]
    assert entry.tentative
    Audit.objects.filter(pk=audit.pk).update(status=AuditStatus.CANCELLED)
    assert lines(as_("planner"))["auditor"] == []


def test_what_another_body_booked_reads_like_an_absence_and_names_nobody(cast, as_):
    audit = proposed(cast)
    Audit.objects.filter(pk=audit.pk).update(body=cast.rival_body)
    for who in ("planner", "auditor"):
        client = as_(who)
        (entry,) = lines(client)["auditor"]
        assert (entry.title, entry.url, entry.sub) == ("Not available", "", "")
        page = client.get(ADDRESS).content.decode()
        assert audit.number not in page
        assert cast.enterprise.name_en not in page
    Audit.objects.filter(pk=audit.pk).update(status=AuditStatus.PLANNED)
    assert lines(as_("planner"))["auditor"] == []


def test_the_kind_of_an_absence_stays_in_its_body(cast, as_):
    today = timezone.localdate()
    absence = absence_enter(
        actor=cast.actor("auditor"), user=cast.auditor, starts_on=today, ends_on=today,
        kind=AbsenceKind.TRAINING, note="CANARY",
    )[0]  # fmt: skip
    assert [entry.title for entry in lines(as_("planner"))["auditor"]] == ["Training"]
    assert "CANARY" not in as_("planner").get(ADDRESS).content.decode()
    Absence.objects.filter(pk=absence.pk).update(body=cast.rival_body)
    assert [entry.title for entry in lines(as_("planner"))["auditor"]] == ["Not available"]


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("?day=2027-02-10", "2027-02-08", "2027-02-14"),
        ("?day=2028-02-10&view=month", "2028-02-01", "2028-02-29"),
        ("?day=nonsense&view=year", None, None),
        ("?day=0001-01-01", None, None),
    ],
)
def test_the_address_says_which_week_or_month(cast, as_, query, first, last):
    page = as_("planner").get(f"{ADDRESS}{query}")
    today = timezone.localdate()
    monday = today - dt.timedelta(days=today.weekday())
    assert page.context["first"].isoformat() == (first or monday.isoformat())
    assert page.context["last"].isoformat() == (last or (monday + dt.timedelta(days=6)).isoformat())


def test_days_off_follow_the_official_calendar(cast, as_):
    days = dict(as_("planner").get(f"{ADDRESS}?day=2026-10-01&view=month").context["days"])
    assert not days[dt.date(2026, 10, 1)]
    assert days[dt.date(2026, 10, 10)]  # a Saturday that makes up for the National Day


@pytest.mark.parametrize("who", ["manager", "reviewer", "owner", "rival_manager", "supervisor"])
def test_nobody_else_has_this_calendar(cast, as_, who):
    assert as_(who).get(ADDRESS).status_code == 403


def test_the_same_queries_for_few_and_many(cast, as_):
    client = as_("planner")
    proposed(cast)
    few = count_queries(client, ADDRESS)
    later = timezone.localdate() + dt.timedelta(days=1)
    proposed(cast, first=later, case=opened_case(cast, enterprise=cast.rival_enterprise))
    assert count_queries(client, ADDRESS) == few <= 25
