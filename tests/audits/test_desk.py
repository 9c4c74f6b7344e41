"""The planning desk: what is due, proposals of dates and teams, drafts of a whole period."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from audits.enums import AbsenceKind, AuditStatus, TeamRole
from audits.lists.planning import Period, period
from audits.models import Audit, AuditMember, Schedule
from audits.schedule.checking import faults
from audits.schedule.greedy import greedy
from audits.services import planning, schedules
from audits.services.absences import absence_enter
from audits.services.placing import draft_for, due_items
from audits.services.proposing import proposals_for
from certification.enums import AuditKind
from foundation.models import Job
from foundation.models.jobs import JobState
from foundation.workflow import NotAllowed
from schemes.models import Competence
from schemes.queries import team_gaps
from tests.audits.auditwork import count_queries, item_of, opened_case, started
from tests.people import make_competent


def day(offset=0):
    return timezone.localdate() + dt.timedelta(days=offset)


@pytest.fixture
def as_(cast, client):
    return lambda who: cast.client(client, who)


@pytest.fixture
def item(cast):
    return item_of(opened_case(cast), AuditKind.STAGE_1)


@pytest.mark.parametrize(
    ("name", "today", "span"),
    [
        (Period.MONTH, "2028-02-29", ("2028-02-01", "2028-02-29")),
        (Period.NEXT_MONTH, "2027-12-31", ("2028-01-01", "2028-01-31")),
        (Period.QUARTER, "2027-05-31", ("2027-04-01", "2027-06-30")),
        (Period.NEXT_QUARTER, "2027-11-24", ("2028-01-01", "2028-03-31")),
    ],
)
def test_periods_end_with_their_months(name, today, span):
    found = period(name, dt.date.fromisoformat(today))
    assert tuple(one.isoformat() for one in found) == span


def test_the_desk_shows_what_is_due_with_all_that_planning_needs(cast, as_, item):
    audit = started(cast, AuditKind.STAGE_2, case=item.case)
    client = as_("planner")
    page = client.get("/planning/")
    rows = {row.kind: row for row in page.context["page"]}
    assert rows["stage_2"].audit == audit
    assert rows["stage_1"].audit is None
    assert rows["stage_1"].wanted == ["QMS 18"]
    assert f"/planning/{item.pk}/propose/" in page.content.decode()
    shown = client.get("/planning/?view=open").context["page"]
    assert [row.kind for row in shown] == ["stage_1"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("scheme=QMS", 2), ("scheme=EMS", 0), ("region=33", 2), ("region=11", 0),
        ("kind=stage_1", 1), ("period=quarter", 2), ("q=CANARY", 0), ("view=late", 0),
        ("since=2020-01-01&until=2020-12-31", 0),
    ],
)  # fmt: skip
def test_the_desk_filters(cast, as_, item, query, count):
    assert len(as_("planner").get(f"/planning/?{query}").context["page"]) == count


def test_the_desk_takes_the_same_queries_for_few_and_many(cast, as_, item):
    client = as_("planner")
    few = count_queries(client, "/planning/")
    opened_case(cast, enterprise=cast.rival_enterprise)
    assert count_queries(client, "/planning/") == few <= 25


def test_a_proposal_leads_with_who_may_and_keeps_the_reasons_of_the_others(cast, item):
    absence_enter(
        actor=cast.actor("auditor2"), user=cast.auditor2, starts_on=day(), ends_on=day(200),
        kind=AbsenceKind.LEAVE,
    )  # fmt: skip
    found = proposals_for(item)
    assert {row.team for row in found.found} == {(cast.auditor,)}
    (other,) = found.others
    assert other.person == cast.auditor2
    assert any(reason.startswith("not available on ") for reason in other.reasons)


def test_nobody_to_propose_says_why(cast, item):
    Competence.objects.update(languages=["en"])
    found = proposals_for(item)
    assert found.found == []
    assert found.why == ["Nobody who audits it works in Chinese."]
    assert len(found.others) == 2


def test_choosing_sets_dates_and_team_in_one_step(cast, as_, item):
    client = as_("planner")
    address = f"/planning/{item.pk}/propose/"
    best = client.get(address).context["proposals"].found[0]
    answered = client.post(address, {"choice": best.key})
    audit = Audit.objects.get()
    assert answered["Location"] == f"/audits/{audit.pk}/planning/"
    assert (audit.starts_on, audit.ends_on) == (best.first, best.last)
    assert audit.lead == best.team[0]
    assert audit.days_planned == item.days
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("choice", ["", "2020-01-01_1", "nonsense"])
def test_what_is_no_proposal_is_said_and_books_nothing(cast, as_, item, choice):
    page = as_("planner").post(f"/planning/{item.pk}/propose/", {"choice": choice})
    assert "does not hold any more" in page.content.decode()
    assert not Audit.objects.exists()


def test_a_clash_is_refused_whole(cast, item):
    absence_enter(
        actor=cast.actor("auditor"), user=cast.auditor, starts_on=day(7), ends_on=day(7),
        kind=AbsenceKind.LEAVE,
    )  # fmt: skip
    with pytest.raises(ValidationError) as caught:
        planning.plan_placed(
            item=item, actor=cast.actor("planner"), starts_on=day(7), ends_on=day(7),
            team=[cast.auditor],
        )  # fmt: skip
    assert caught.value.messages[0].startswith("李工: not available on ")
    assert not Audit.objects.exists()
    assert not AuditMember.objects.exists()


@pytest.mark.parametrize("who", ["auditor", "reviewer", "manager", "rival_manager", "owner"])
def test_nobody_but_a_planner_plans(cast, as_, item, who):
    for address in (f"/planning/{item.pk}/propose/", "/planning/", "/planning/drafts/new/"):
        assert as_(who).get(address).status_code == 403
    with pytest.raises(NotAllowed):
        schedules.schedule_start(actor=cast.actor(who), first=day(1), last=day(60))


def test_the_problem_says_what_the_rules_of_the_team_say(cast, item):
    make_competent(cast.reviewer, cast.body, "auditor")
    draft = draft_for(cast.body, [item], first=day(), last=day(60))
    task = draft.problem.tasks[0]
    assert (task.schemes, task.needs) == ({"QMS"}, {("QMS", "18")})
    assert set(draft.people) == {str(cast.auditor.pk), str(cast.auditor2.pk)}
    for person in draft.problem.people:
        user = draft.people[person.key]
        bench = draft.benches[task.key]
        gaps = team_gaps(
            body=cast.body, required=bench.required, team=[(user, "lead_auditor")],
            first_day=day(7), last_day=day(7), languages=[task.language],
        )  # fmt: skip
        plan = greedy(draft_for(cast.body, [item], first=day(), last=day(60)).problem)
        assert (person.key == plan[task.key].team[0]) <= (gaps == [])


def test_a_task_knows_whom_the_bench_refuses(cast, item):
    cast.auditor.memberships.create(organisation=cast.enterprise, role="member")
    task = draft_for(cast.body, [item], first=day(), last=day(60)).problem.tasks[0]
    assert list(task.refused) == [str(cast.auditor.pk)]
    assert "belonged to this enterprise" in task.refused[str(cast.auditor.pk)]


def test_the_problem_takes_the_same_queries_for_few_and_many(
    cast, item, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def asked():
        with CaptureQueriesContext(connection) as queries:
            draft = draft_for(
                cast.body, list(due_items(cast.body, day(), day(60))), first=day(), last=day(60)
            )
        return len(queries), len(draft.problem.tasks)

    few = asked()
    opened_case(cast, enterprise=cast.rival_enterprise)
    many = asked()
    assert (few[1], many[1]) == (2, 4)
    assert few[0] == many[0]


def filled(cast, run_jobs, **facts):
    found = schedules.schedule_start(
        actor=cast.actor("planner"), first=day(1), last=day(90), **facts
    )
    run_jobs()
    return Schedule.objects.get(pk=found.pk)


def test_a_draft_places_both_stages_and_books_nothing(cast, item, run_jobs):
    found = filled(cast, run_jobs)
    one, two = found.rows.order_by("starts_on")
    assert (one.item.kind, two.item.kind) == ("stage_1", "stage_2")
    assert one.ends_on < two.starts_on
    assert not Audit.objects.exists()
    assert found.figures["plan"]["placed"] == 2
    draft = schedules._draft_of(found)
    assert faults(draft.problem, greedy(draft.problem)) == []


def test_accepting_begins_the_audits_row_by_row(cast, item, run_jobs):
    found = filled(cast, run_jobs)
    done = schedules.rows_accept(
        actor=cast.actor("planner"), schedule=found, rows=list(found.rows.all())
    )
    assert (done.done, done.refused) == (2, 0)
    assert {audit.status for audit in Audit.objects.all()} == {AuditStatus.PLANNED}
    assert Audit.objects.filter(members__role=TeamRole.LEAD).count() == 2
    again = schedules.rows_accept(
        actor=cast.actor("planner"), schedule=found, rows=list(found.rows.all())
    )
    assert (again.done, again.refused) == (0, 0)


def test_a_row_that_does_not_hold_any_more_is_said_and_not_forced(cast, item, run_jobs):
    found = filled(cast, run_jobs)
    row = found.rows.get(item=item)
    absence_enter(
        actor=cast.actor("planner"), user=cast.auditor, starts_on=row.starts_on,
        ends_on=row.ends_on, kind=AbsenceKind.LEAVE,
    )  # fmt: skip
    absence_enter(
        actor=cast.actor("planner"), user=cast.auditor2, starts_on=row.starts_on,
        ends_on=row.ends_on, kind=AbsenceKind.LEAVE,
    )  # fmt: skip
    done = schedules.rows_accept(actor=cast.actor("planner"), schedule=found, rows=[row])
    assert (done.done, done.refused) == (0, 1)
    row.refresh_from_db()
    assert "not available on " in row.refusal
    assert not Audit.objects.exists()


def test_a_row_somebody_began_to_plan_meanwhile_is_said(cast, item, run_jobs):
    found = filled(cast, run_jobs)
    row = found.rows.get(item=item)
    planning.start_planning(item, cast.actor("planner"))
    schedules.rows_accept(actor=cast.actor("planner"), schedule=found, rows=[row])
    row.refresh_from_db()
    assert row.refusal == ("This audit is planned already, or not in the programme any more.")


def test_locked_rows_stay_when_the_rest_is_placed_anew(cast, item, run_jobs):
    found = filled(cast, run_jobs)
    row = found.rows.get(item=item)
    actor = cast.actor("planner")
    assert schedules.rows_lock(actor=actor, schedule=found, rows=[row], locked=True) == 1
    schedules.schedule_again(actor=actor, schedule=found)
    run_jobs()
    kept = Schedule.objects.get(pk=found.pk).rows.get(item=item)
    assert kept.locked
    assert (kept.starts_on, kept.team) == (row.starts_on, row.team)


def test_a_lock_that_cannot_hold_is_let_go(cast, item, run_jobs):
    found = filled(cast, run_jobs)
    row = found.rows.get(item=item)
    actor = cast.actor("planner")
    schedules.rows_lock(actor=actor, schedule=found, rows=[row], locked=True)
    for name in ("auditor", "auditor2"):
        absence_enter(
            actor=actor, user=getattr(cast, name), starts_on=row.starts_on,
            ends_on=row.ends_on, kind=AbsenceKind.LEAVE,
        )  # fmt: skip
    schedules.schedule_again(actor=actor, schedule=found)
    run_jobs()
    moved = Schedule.objects.get(pk=found.pk).rows.get(item=item)
    assert not moved.locked
    assert moved.starts_on != row.starts_on


def test_what_cannot_be_placed_is_explained_in_words(cast, as_, item, run_jobs):
    Competence.objects.filter(role="lead_auditor").delete()
    found = filled(cast, run_jobs)
    page = as_("planner").get(found.get_absolute_url()).content.decode()
    assert "Nobody may lead it." in page
    assert "Stage 1 has no dates yet" in page


def test_stopping_keeps_the_best_so_far(cast, item, run_jobs):
    found = schedules.schedule_start(actor=cast.actor("planner"), first=day(1), last=day(90))
    schedules.schedule_stop(actor=cast.actor("planner"), schedule=found)
    run_jobs()
    assert Schedule.objects.get().figures["rounds"] == 0
    assert found.rows.exclude(starts_on=None).count() == 2


@pytest.mark.parametrize(("first", "last"), [(-30, -1), (1, 300)])
def test_a_period_that_cannot_be_is_refused(cast, first, last):
    with pytest.raises(ValidationError):
        schedules.schedule_start(actor=cast.actor("planner"), first=day(first), last=day(last))
    assert not Job.objects.filter(kind=schedules.FILL).exists()


def test_the_pages_of_a_draft(cast, as_, item, run_jobs):
    client = as_("planner")
    facts = {"first": day(1).isoformat(), "last": day(90).isoformat()}
    answered = client.post("/planning/drafts/new/", facts)
    found = Schedule.objects.get()
    assert answered["Location"] == found.get_absolute_url()
    assert schedules.job_of(found).state == JobState.QUEUED
    assert b"data-poll" in client.get(found.get_absolute_url()).content
    run_jobs()
    rows = [str(row.pk) for row in found.rows.all()]
    client.post(f"{found.get_absolute_url()}rows/", {"act": "lock", "row": rows[:1]})
    assert found.rows.filter(locked=True).count() == 1
    client.post(f"{found.get_absolute_url()}rows/", {"act": "accept", "row": rows})
    assert Audit.objects.count() == 2
    few = count_queries(client, found.get_absolute_url())
    assert few <= 25
    assert client.get("/planning/drafts/").status_code == 200
    wrong = client.post("/planning/drafts/new/", {"first": "2030-02-02", "last": "2030-01-01"})
    assert wrong.status_code == 422


def test_a_draft_is_the_planners_of_its_body_alone(cast, as_, item, run_jobs):
    found = filled(cast, run_jobs)
    for name in ("auditor", "manager", "rival_manager", "owner", "operator"):
        assert not Schedule.objects.visible_to(cast.actor(name)).exists()
    with pytest.raises(NotAllowed):
        schedules.rows_accept(
            actor=cast.actor("rival_manager"), schedule=found, rows=list(found.rows.all())
        )
