"""Waiting work as rows: who sees it, who gets it, and that it never differs from the records."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from audits.enums import TeamRole
from audits.services import planning
from certification.models import Application
from certification.services.applications import application_answer
from foundation import jobs, journal, work
from foundation.assignments import assign
from foundation.doctor.work import queues
from foundation.models import JournalEntry, Notice, WorkItem
from foundation.workflow import FLOWS, NotAllowed, StaleState
from organisations.enums import Role
from organisations.models import Membership
from organisations.services.teams import add_member, end_membership
from portal.demo import acts, data, parties, stories
from tests.audits.auditwork import started
from tests.world import client_of, desk_of, play

pytestmark = pytest.mark.django_db


@pytest.fixture
def submitted(cast):
    """An application that waits for a reviewer."""
    play(cast, stories.draft(stories.Play(client_of(cast), desk_of(cast)), "submitted"))
    return WorkItem.objects.get()


@pytest.fixture
def shared(cast, submitted):
    """The same, with a second person in the body who may review."""
    give(cast, cast.certifier, Role.REVIEWER)
    return WorkItem.objects.get()


def give(cast, person, role) -> Membership:
    membership = add_member(
        actor=cast.actor("manager"),
        organisation=cast.body,
        email=person.email,
        name=person.name,
        role=role,
    )
    jobs.run_due()
    return membership


def seen(cast) -> set[str]:
    people = ("owner", "member", "manager", "reviewer", "planner", "auditor", "certifier",
              "supervisor", "operator", "rival_owner", "rival_manager")  # fmt: skip
    return {name for name in people if WorkItem.objects.visible_to(cast.actor(name)).exists()}


def test_work_of_a_body_is_seen_by_its_desk_alone(cast, submitted):
    assert seen(cast) == {"manager", "reviewer", "planner", "certifier"}


def test_a_draft_is_seen_by_the_enterprise_alone(cast):
    play(cast, stories.draft(stories.Play(client_of(cast), desk_of(cast)), "draft"))
    assert seen(cast) == {"owner"}


def test_what_the_client_has_to_do_is_watched_by_the_desk(cast):
    play(cast, stories.draft(stories.Play(client_of(cast), desk_of(cast)), "returned"))
    assert seen(cast) == {"owner", "manager", "reviewer", "planner", "certifier"}
    item = WorkItem.objects.get()
    assert item.organisation_id == cast.enterprise.pk
    assert list(WorkItem.objects.waiting_for(cast.actor("reviewer"))) == []


def test_an_auditor_sees_the_own_work_only(cast):
    play(
        cast, stories.auditing(stories.Play(client_of(cast), desk_of(cast)), "stage_1", "confirmed")
    )
    own = WorkItem.objects.visible_to(cast.actor("auditor"))
    assert [str(item.title) for item in own] == ["Open the audit"]
    assert list(WorkItem.objects.visible_to(cast.actor("auditor2"))) == []


def test_work_that_one_person_alone_may_do_is_that_person_s(cast, submitted):
    assert (submitted.who, submitted.assignee) == (cast.reviewer, None)
    assert list(submitted.people.all()) == [cast.reviewer]


def test_a_new_member_may_do_what_waits_already(cast, shared):
    assert set(shared.people.all()) == {cast.reviewer, cast.certifier}
    assert work.stale() == []


def test_a_member_who_left_has_no_work_any_more(cast, shared):
    assign(actor=cast.actor("manager"), item=shared, person=cast.certifier)
    membership = Membership.objects.get(user=cast.certifier, role=Role.REVIEWER)
    end_membership(actor=cast.actor("manager"), membership=membership)
    jobs.run_due()
    item = WorkItem.objects.get()
    assert list(item.people.all()) == [cast.reviewer]
    assert (item.who, item.assignee) == (cast.reviewer, None)


def test_assigned_work_waits_for_nobody_else(cast, shared):
    give(cast, cast.planner, Role.REVIEWER)
    item = WorkItem.objects.get()
    Notice.objects.all().delete()
    assign(actor=cast.actor("manager"), item=item, person=cast.planner)
    waiting = [
        name
        for name in ("reviewer", "planner", "certifier")
        if WorkItem.objects.waiting_for(cast.actor(name)).exists()
    ]
    assert waiting == ["planner"]
    notice = Notice.objects.get()
    assert (notice.recipient, notice.kind) == (cast.planner, "work.assigned")
    entry = JournalEntry.objects.latest("pk")
    assert (entry.verb, entry.data, entry.internal_to) == (
        "work.assigned",
        {"person": cast.planner.name},
        cast.body.pk,
    )
    assign(actor=cast.actor("planner"), item=item, person=None)
    assert WorkItem.objects.get().assignee is None


def test_only_the_own_party_hands_out_work_and_only_to_those_who_may(cast, shared):
    for name in ("owner", "rival_manager", "operator", "auditor"):
        with pytest.raises(NotAllowed):
            assign(actor=cast.actor(name), item=shared, person=cast.reviewer)
    with pytest.raises(NotAllowed):
        assign(actor=cast.actor("manager"), item=shared, person=cast.planner)
    assert WorkItem.objects.get().assignee is None


def test_of_two_who_hand_out_the_same_work_one_wins(cast, shared):
    other = WorkItem.objects.get()
    assign(actor=cast.actor("manager"), item=shared, person=cast.reviewer)
    with pytest.raises(StaleState):
        assign(actor=cast.actor("planner"), item=other, person=cast.certifier)
    assert WorkItem.objects.get().assignee == cast.reviewer


def test_a_renamed_enterprise_is_renamed_in_the_queue(cast, submitted):
    cast.enterprise.name_en = "Lanhai Gears Co., Ltd."
    cast.enterprise.save()
    journal.record(cast.enterprise, "organisation.changed", cast.actor("owner"))
    jobs.run_due()
    assert WorkItem.objects.get().client_en == "Lanhai Gears Co., Ltd."


def test_what_differs_is_named_and_mended(cast, submitted):
    Application.objects.update(review_due_on="2030-01-02")
    application = Application.objects.get()
    assert work.stale() == [f"certification.application {application.pk} start_review"]
    found = [finding.record for finding in queues()]
    assert found == work.stale()
    next(queues()).repair()
    assert list(queues()) == []
    WorkItem.objects.all().delete()
    assert work.stale() == [f"certification.application {application.pk} start_review"]
    work.rebuild()
    assert str(WorkItem.objects.get().due_on) == "2030-01-02"


def test_a_draft_answered_later_leaves_the_queue_as_it_is(cast, time_machine):
    play(cast, stories.draft(stories.Play(client_of(cast), desk_of(cast)), "draft"))
    urgent_on = WorkItem.objects.get().urgent_on
    time_machine.move_to(timezone.now() + timedelta(days=9))
    application_answer(
        application=Application.objects.get(),
        actor=cast.actor("owner"),
        answers={"outsourced": "Hardening."},
    )
    assert list(queues()) == []
    assert WorkItem.objects.get().urgent_on == urgent_on


def test_a_draft_for_other_schemes_is_called_so_in_the_queue(cast):
    play(cast, stories.draft(stories.Play(client_of(cast), desk_of(cast)), "draft"))
    application_answer(
        application=Application.objects.get(),
        actor=cast.actor("owner"),
        answers={"schemes": acts.editions_of(["OHSMS"])},
    )
    assert list(queues()) == []
    assert "45001" in WorkItem.objects.get().detail_en


def test_a_whole_case_leaves_no_work_behind(cast):
    play(cast, stories.certified(stories.Play(client_of(cast), desk_of(cast)), grades=("minor",)))
    assert work.stale() == []


def test_reading_the_work_of_a_story_anew_asks_little(cast, django_assert_max_num_queries):
    play(
        cast,
        stories.correcting(
            stories.Play(client_of(cast), desk_of(cast)), "open", grades=("minor", "minor", "major")
        ),
    )
    case = Application.objects.get().case
    assert WorkItem.objects.filter(subject_type="audits.finding").count() == 3
    with django_assert_max_num_queries(22):
        work.refresh(case)


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_every_state_and_action_of_a_flow_fits_its_columns(flow):
    """SQLite keeps what is too long for a column; PostgreSQL refuses it."""
    room = [
        (WorkItem, "status", flow.states.values),
        (flow.model, flow.status_field, flow.states.values),
        (JournalEntry, "before", flow.states.values),
        (JournalEntry, "after", flow.states.values),
        (WorkItem, "action", [row.action for row in flow.transitions]),
        (WorkItem, "subject_type", [flow.model._meta.label]),
    ]
    tight = [
        (model.__name__, column, text)
        for model, column, texts in room
        for text in texts
        if len(text) > model._meta.get_field(column).max_length
    ]
    assert tight == []


def test_who_joins_a_team_finds_the_declaration_at_once_and_who_leaves_it_does_not(cast):
    audit = started(cast)
    mine = WorkItem.objects.filter(subject_id=audit.pk, action="declare")
    actor = cast.actor("planner")
    member = planning.add_member(audit=audit, actor=actor, user=cast.auditor, role=TeamRole.LEAD)
    assert [list(row.people.all()) for row in mine.all()] == [[cast.auditor]]
    planning.remove_member(audit=audit, actor=actor, member=member)
    assert not mine.all().exists()


def test_a_body_that_registers_is_on_the_desk_of_the_operators_at_once(cast):
    row = replace(data.BODIES[0], short="999", approval="CNCA-R-0000-999")
    desk = parties.body(row, 99, "newcomer", admitted=False)
    items = WorkItem.objects.visible_to(cast.actor("operator"))
    assert list(items.values_list("subject_id", flat=True)) == [desk.organisation.body_profile.pk]
