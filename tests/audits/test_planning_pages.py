"""The planner's pages: programme, dates and team, timetable."""

import datetime as dt

import pytest

from accounts.models import User
from audits.enums import AuditStatus, Mode
from audits.models import Audit
from certification.enums import AuditKind
from organisations.enums import Role
from organisations.models import Membership
from tests.audits.auditwork import (
    count_queries,
    fresh,
    item_of,
    opened_case,
    planned,
    started,
)
from tests.people import make_competent


@pytest.fixture
def as_(cast, client):
    """Return a function that signs somebody in."""
    return lambda who: cast.client(client, who)


def test_programme_starts_an_audit_and_leads_to_its_planning(cast, as_):
    case = opened_case(cast)
    client = as_("planner")
    page = client.get("/audits/to-plan/")
    assert [item.kind for item in page.context["page"]] == ["stage_1", "stage_2"]
    item = item_of(case, AuditKind.STAGE_1)
    answered = client.post(f"/audits/to-plan/{item.pk}/start/")
    audit = Audit.objects.get()
    assert answered["Location"] == f"/audits/{audit.pk}/planning/"
    again = client.post(f"/audits/to-plan/{item.pk}/start/", follow=True)
    assert (
        "This audit is planned already, or not in the programme any more." in again.content.decode()
    )


def planning_facts(audit, **changed):
    return {
        "starts_on": "2030-05-13",
        "ends_on": "2030-05-14",
        "days_planned": "2.0",
        "mode": Mode.ON_SITE,
        "language": "zh",
        "sites": [str(site.pk) for site in audit.sites.all()],
        "objectives": "Look.",
    } | changed


def test_planning_keeps_what_is_typed(cast, as_):
    audit = started(cast)
    client = as_("planner")
    answered = client.post(f"/audits/{audit.pk}/planning/", planning_facts(audit))
    assert answered.status_code == 302
    audit = fresh(audit)
    assert (audit.starts_on, audit.ends_on) == (dt.date(2030, 5, 13), dt.date(2030, 5, 14))
    assert audit.objectives == "Look."


def test_planning_takes_a_draft_with_gaps(cast, as_):
    audit = started(cast)
    facts = planning_facts(audit, starts_on="", ends_on="", objectives="", sites=[])
    assert as_("planner").post(f"/audits/{audit.pk}/planning/", facts).status_code == 302
    assert fresh(audit).starts_on is None


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"ends_on": "2030-05-12"}, "ends_on"),
        ({"starts_on": "", "ends_on": "2030-05-12"}, "starts_on"),
        ({"starts_on": "soon"}, "starts_on"),
        ({"mode": "by mail"}, "mode"),
        ({"days_planned": ""}, "days_planned"),
    ],
)
def test_planning_refuses_what_cannot_be(cast, as_, facts, field):
    audit = started(cast)
    answered = as_("planner").post(f"/audits/{audit.pk}/planning/", planning_facts(audit, **facts))
    assert answered.status_code == 422
    assert list(answered.context["form"].errors) == [field]


def test_planning_asks_for_reasons_only_where_they_are_due(cast, as_):
    audit = started(cast)
    client = as_("planner")
    address = f"/audits/{audit.pk}/planning/"
    assert {"date_reason", "days_reason", "ict_tools"} & set(
        client.get(address).context["form"].fields
    ) == set()
    client.post(address, planning_facts(audit, days_planned="1.0", mode=Mode.REMOTE))
    item = audit.programme_item
    item.window_from = dt.date(2030, 6, 1)
    item.save()
    assert {"date_reason", "days_reason", "ict_tools"} <= set(
        client.get(address).context["form"].fields
    )


def test_planning_says_beside_everybody_why_not(cast, as_):
    audit = planned(cast, declared=False)
    other = started(cast, case=opened_case(cast, enterprise=cast.rival_enterprise))
    other.members.create(user=cast.auditor2, role="lead")
    Audit.objects.filter(pk=other.pk).update(
        status=AuditStatus.CONFIRMED, starts_on=audit.starts_on, ends_on=audit.ends_on
    )
    cast.auditor.competences.all().delete()
    client = as_("planner")
    page = client.get(f"/audits/{audit.pk}/planning/")
    rows = {row["person"]: row for row in page.context["candidates"]}
    assert [reason.partition(" on ")[0] for reason in rows[cast.auditor2]["standing"].reasons] == [
        "booked elsewhere"
    ]
    assert rows[cast.auditor]["standing"].lacks == ("QMS 18",)
    assert "CANARY" not in page.content.decode()


def test_planning_takes_the_same_queries_for_few_and_many_people(cast, as_):
    audit = planned(cast, declared=False)
    client = as_("planner")
    address = f"/audits/{audit.pk}/planning/"
    few = count_queries(client, address)
    for n in range(4):
        person = User.objects.create_user(f"more{n}@demo.example", name=f"More {n}")
        Membership.objects.create(user=person, organisation=cast.body, role=Role.AUDITOR)
        make_competent(person, cast.body, "auditor")
    assert count_queries(client, address) == few
    assert few <= 25


def test_team_is_put_together_by_two_buttons(cast, as_):
    audit = started(cast)
    client = as_("planner")
    client.post(f"/audits/{audit.pk}/team/add/", {"user": cast.auditor.pk, "role": "lead"})
    member = audit.members.get()
    assert (member.user, member.role) == (cast.auditor, "lead")
    client.post(f"/audits/{audit.pk}/team/add/", {"user": cast.owner.pk, "role": "lead"})
    client.post(f"/audits/{audit.pk}/team/add/", {"user": cast.auditor.pk, "role": "boss"})
    assert audit.members.count() == 1
    client.post(f"/audits/{audit.pk}/team/{member.pk}/remove/")
    assert audit.members.count() == 0


def line_data(lines, total):
    data = {
        "line-TOTAL_FORMS": str(total),
        "line-INITIAL_FORMS": "0",
        "uncovered_reason": "",
    }
    for n, row in enumerate(lines):
        data |= {f"line-{n}-{name}": value for name, value in row.items()}
    return data


def test_timetable_is_written_line_by_line(cast, as_):
    audit = planned(cast, declared=False)
    day = audit.starts_on.isoformat()
    rows = [
        {"day": day, "starts_at": "08:30", "ends_at": "09:00", "activity": "opening"},
        {
            "day": day,
            "starts_at": "09:00",
            "ends_at": "12:00",
            "activity": "audit",
            "department": "Assembly",
            "clauses": "8.5，9.1",
            "member": str(cast.auditor.pk),
        },
        {"day": day, "starts_at": "13:00", "ends_at": "14:00", "activity": "audit", "DELETE": "on"},
    ]
    client = as_("planner")
    answered = client.post(f"/audits/{audit.pk}/timetable/", line_data(rows, 5))
    assert answered.status_code == 302
    assert [(i.activity, i.clauses, i.member) for i in audit.plan.all()] == [
        ("opening", "", None),
        ("audit", "8.5, 9.1", cast.auditor),
    ]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"clauses": "12.9"}, "clauses"),
        ({"clauses": "everything"}, "clauses"),
        ({"ends_at": "08:00"}, "ends_at"),
        ({"day": "2031-01-01"}, "day"),
        ({"starts_at": ""}, "starts_at"),
    ],
)
def test_timetable_refuses_a_line_that_cannot_be(cast, as_, changed, field):
    audit = planned(cast, declared=False)
    row = {
        "day": audit.starts_on.isoformat(),
        "starts_at": "09:00",
        "ends_at": "12:00",
        "activity": "audit",
    } | changed
    answered = as_("planner").post(f"/audits/{audit.pk}/timetable/", line_data([row], 1))
    assert answered.status_code == 422
    assert list(answered.context["lines"].errors[0]) == [field]
    assert audit.plan.count() == 0


def test_timetable_suggestion_fills_an_empty_one_alone(cast, as_):
    audit = planned(cast, declared=False)
    client = as_("auditor")
    client.post(f"/audits/{audit.pk}/timetable/suggest/")
    count = audit.plan.count()
    assert count > 4
    audit.plan.first().delete()
    client.post(f"/audits/{audit.pk}/timetable/suggest/")
    assert audit.plan.count() == count - 1
    assert client.get(f"/audits/{audit.pk}/timetable/?more").status_code == 200
