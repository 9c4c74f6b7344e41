"""Complaints of anybody: each step, who may take it, the limits, who is told."""

import datetime as dt

import pytest
from django.core import mail
from django.utils import timezone

from certification.complaint_links import address_of, read, token_of
from certification.enums import About, ComplaintStatus, EntryKind
from certification.flows.complaints import COMPLAINT_FLOW
from certification.models import Complaint, ComplaintEntry
from certification.queries.complaints import (
    authority_for,
    independent_people,
    involved,
    may_turn_to_authority,
    missed_limit,
)
from foundation import reminders
from foundation.actor import ANONYMOUS
from foundation.calendar import add_working_days
from foundation.models import JournalEntry, Notice, WorkItem
from foundation.workflow import Incomplete, NotAllowed, NotConfirmed, perform
from organisations.actors import actor_for
from tests.certification.casework import certified, certified_case, travel
from tests.certification.complaintwork import (
    TEXT,
    acknowledged,
    act,
    closed,
    filed,
    holder_of,
    investigated,
    reported,
)

pytestmark = pytest.mark.django_db
_S = ComplaintStatus


@pytest.fixture
def local(cast):
    """The cast's supervisor oversees the region of the body."""
    return authority_for(cast.body)


def told(kind):
    return {notice.recipient for notice in Notice.objects.filter(kind=kind)}


def kinds(complaint):
    return list(ComplaintEntry.objects.filter(complaint=complaint).values_list("kind", flat=True))


def test_a_complaint_has_a_number_and_its_limits_at_once(cast):
    # Before the Chinese holidays of October 2026: the limit passes over them.
    with travel(2026, 9, 29):
        found = filed(cast)
    assert found.number == "CP-2026-0001"
    assert (found.status, found.language) == (_S.RECEIVED, "en")
    assert found.acknowledge_by == add_working_days(dt.date(2026, 9, 29), 5, "CN")
    assert found.acknowledge_by > dt.date(2026, 10, 7)
    assert found.decide_by == add_working_days(dt.date(2026, 9, 29), 30, "CN")
    assert found.due_on == found.acknowledge_by
    assert kinds(found) == [EntryKind.FILED]
    assert told("complaint.received") == {cast.manager}


def test_limits_are_counted_by_the_calendar_of_the_body(cast):
    cast.body.country = "DE"
    cast.body.save(update_fields=["country"])
    with travel(2026, 9, 29):
        found = filed(cast)
    assert found.acknowledge_by == dt.date(2026, 10, 6)


def test_the_journal_never_names_who_complained(cast):
    found = closed(cast)
    for entry in JournalEntry.objects.filter(thread=found.pk):
        assert "Ma Xiaoming" not in str(entry.data) + entry.user_name
        assert TEXT not in str(entry.data)
    assert JournalEntry.objects.filter(verb="complaint.file").get().user is None


def test_the_link_is_derived_and_opens_one_complaint(cast):
    one, other = filed(cast), filed(cast)
    assert read(token_of(one)) == one
    assert address_of(one).startswith("http")
    assert read(token_of(one)[:-1]) is None
    assert read(one.pk.hex) is None
    assert read(f"{other.pk.hex}:{token_of(one).split(':')[1]}") is None
    assert token_of(one) not in str(list(Complaint.objects.values()))


def test_mails_carry_number_and_link_and_nothing_that_was_written(cast, run_jobs):
    found = investigated(cast, language="zh-hans")
    act(cast, found, "ask", "planner", text="Which day?")
    run_jobs()
    letters = [letter for letter in mail.outbox if letter.to == ["ma@example.org"]]
    assert len(letters) == 4
    assert all(found.number in letter.subject for letter in letters)
    assert all(address_of(found) in letter.body for letter in letters)
    assert not any("Which day?" in letter.body or TEXT in letter.body for letter in letters)
    assert "投诉" in letters[0].subject


def test_without_an_address_nobody_writes(cast, run_jobs):
    act(cast, filed(cast, email="", name=""), "acknowledge")
    run_jobs()
    assert [letter for letter in mail.outbox if letter.to == ["ma@example.org"]] == []


def test_the_whole_way_to_the_formal_end(cast):
    found = acknowledged(cast)
    assert (found.status, found.due_on) == (_S.ACKNOWLEDGED, found.decide_by)
    found = act(cast, found, "admit", handler=cast.planner)
    assert (found.status, found.handler) == (_S.INVESTIGATING, cast.planner)
    assert found.due_on == add_working_days(timezone.localdate(), 10, "CN")
    found = act(cast, found, "progress", "planner", text="Two people were heard.")
    found = act(cast, found, "report", "planner", text="It is true.")
    assert (found.status, found.due_on) == (_S.REPORTED, found.decide_by)
    found = act(cast, found, "decide", conclusion="partly", text="Yes.", internal="Train him.")
    assert (found.status, found.conclusion) == (_S.DECIDED, "partly")
    assert (found.decided_by, found.decided_on) == (cast.manager, timezone.localdate())
    found = act(cast, found, "close", text="Trained.")
    assert (found.status, found.due_on) == (_S.CLOSED, None)
    assert found.ended_at is not None
    assert kinds(found) == ["filed", "progress", "report", "decision", "internal", "end"]


def test_what_cannot_be_investigated_is_closed_with_a_reason(cast):
    found = acknowledged(cast)
    with pytest.raises(Incomplete):
        act(cast, found, "dismiss", text="")
    found = act(cast, found, "dismiss", text="This is about a parcel.")
    assert (found.status, found.due_on) == (_S.NOT_ADMITTED, None)
    assert kinds(found) == ["filed", "end"]


def test_a_decision_needs_a_known_conclusion_and_proof_of_the_person(cast):
    found = reported(cast)
    with pytest.raises(Incomplete):
        act(cast, found, "decide", conclusion="maybe", text="Hm.")
    with pytest.raises(Incomplete):
        act(cast, found, "decide", conclusion="upheld", text="")
    with pytest.raises(NotConfirmed):
        perform(
            COMPLAINT_FLOW, found, "decide", actor_for(cast.manager), conclusion="upheld", text="x"
        )


def test_a_decider_may_send_it_back(cast):
    found = act(cast, reported(cast), "send_back", text="Hear the auditor too.")
    assert found.status == _S.INVESTIGATING
    assert "sent_back" in kinds(found)


def test_who_complained_adds_answers_and_withdraws(cast):
    found = investigated(cast)
    act(cast, found, "add", "complainant", text="And the next day too.")
    with pytest.raises(Incomplete, match="No question"):
        act(cast, found, "answer", "complainant", text="Yes.")
    act(cast, found, "ask", "planner", text="Who else saw it?")
    act(cast, found, "answer", "complainant", text="My colleague.")
    with pytest.raises(Incomplete, match="No question"):
        act(cast, found, "answer", "complainant", text="Twice.")
    assert kinds(found) == ["filed", "added", "question", "answer"]
    assert told("complaint.added") == {cast.planner}
    found = act(cast, found, "withdraw", "complainant")
    assert (found.status, found.due_on) == (_S.WITHDRAWN, None)


def test_the_link_of_another_complaint_opens_nothing(cast):
    found, other = investigated(cast), filed(cast)
    for actor in (holder_of(other), ANONYMOUS, cast.actor("owner")):
        for action in ("add", "withdraw", "forget"):
            with pytest.raises(NotAllowed):
                perform(COMPLAINT_FLOW, found, action, actor, text="x")


# Independence (ISO/IEC 17021-1:2015 9.7, 9.8)


def test_who_took_part_in_the_case_handles_and_decides_nothing(cast):
    certificate = certified(cast)
    found = acknowledged(cast, About.HOLDER, certificate=certificate, body=certificate.body)
    part = {cast.auditor.pk, cast.auditor2.pk, cast.reviewer.pk, cast.certifier.pk}
    assert part <= involved(found)
    assert independent_people(found) == [cast.planner, cast.manager] or set(
        independent_people(found)
    ) == {cast.planner, cast.manager}
    for who in ("auditor", "reviewer", "certifier"):
        with pytest.raises(Incomplete, match="took no part"):
            act(cast, found, "admit", handler=getattr(cast, who))
    assert act(cast, found, "admit", handler=cast.planner).handler == cast.planner


def test_the_case_that_is_named_on_admission_counts_at_once(cast):
    case = certified_case(cast)
    found = acknowledged(cast)
    with pytest.raises(Incomplete, match="took no part"):
        act(cast, found, "admit", handler=cast.auditor, case=case)
    found = act(cast, found, "admit", handler=cast.planner, case=case)
    assert found.case == case


def test_whoever_takes_part_later_loses_it_and_somebody_else_is_named(cast):
    from certification.enums import Part
    from certification.services.cases import record_involvement

    case = certified_case(cast)
    found = act(cast, acknowledged(cast), "admit", handler=cast.planner, case=case)
    record_involvement(case=case, user=cast.planner, part=Part.REVIEW)
    with pytest.raises(NotAllowed, match="took part"):
        act(cast, found, "report", "planner", text="True.")
    found = act(cast, found, "name_handler", handler=cast.manager)
    assert found.handler == cast.manager
    waiting = WorkItem.objects.filter(subject_id=found.pk)
    assert [(item.action, item.sole) for item in waiting] == [("report", cast.manager)]


def test_a_complaint_about_an_auditor_stays_out_of_his_sight(cast):
    cast.manager.memberships.model.objects.create(
        user=cast.auditor, organisation=cast.body, role="manager"
    )
    found = filed(cast, About.AUDITOR, named=f" {cast.auditor.name} ")
    assert found.subject == cast.auditor
    assert told("complaint.received") == {cast.manager}
    assert not Complaint.objects.visible_to(cast.actor("auditor")).exists()
    with pytest.raises(NotAllowed):
        act(cast, found, "acknowledge", "auditor")
    found = act(cast, found, "acknowledge")
    with pytest.raises(Incomplete, match="took no part"):
        act(cast, found, "admit", handler=cast.auditor)


def test_a_person_who_is_not_recognised_has_to_be_named(cast):
    found = acknowledged(cast, About.AUDITOR, named="a tall man")
    with pytest.raises(Incomplete, match="whom it is about"):
        act(cast, found, "admit", handler=cast.planner)
    with pytest.raises(Incomplete, match="took no part"):
        act(cast, found, "admit", handler=cast.planner, person=cast.planner)
    with pytest.raises(Incomplete, match="another manager"):
        act(cast, found, "admit", handler=cast.planner, person=cast.manager)
    found = act(cast, found, "admit", handler=cast.planner, person=cast.auditor)
    assert found.subject == cast.auditor


def test_where_no_manager_is_independent_somebody_is_named_to_decide(cast):
    from certification.enums import Part
    from certification.services.cases import record_involvement

    case = certified_case(cast)
    record_involvement(case=case, user=cast.manager, part=Part.REVIEW)
    found = act(cast, acknowledged(cast), "admit", handler=cast.planner, case=case)
    found = act(cast, found, "report", "planner", text="True.")
    with pytest.raises(NotAllowed, match="took part"):
        act(cast, found, "decide", conclusion="upheld", text="Yes.")
    waiting = WorkItem.objects.filter(subject_id=found.pk)
    assert [(item.action, item.sole) for item in waiting] == [("name_decider", cast.manager)]
    with pytest.raises(Incomplete, match="took no part"):
        act(cast, found, "name_decider", decider=cast.certifier)
    found = act(cast, found, "name_decider", decider=cast.planner)
    found = act(cast, found, "decide", "planner", conclusion="upheld", text="Yes.")
    assert found.decided_by == cast.planner


def test_where_nobody_is_independent_the_managers_hand_it_to_the_authority(cast, local):
    from certification.enums import Part
    from certification.services.cases import record_involvement

    case = certified_case(cast)
    for user in (cast.manager, cast.planner):
        record_involvement(case=case, user=user, part=Part.REVIEW)
    found = acknowledged(cast, certificate=case.certificates.first())
    assert independent_people(found) == []
    found = act(cast, found, "escalate")
    assert found.authority == local


# Limits


def test_a_missed_limit_lets_the_complainant_turn_to_the_authority(cast, local):
    found = filed(cast)
    with pytest.raises(Incomplete, match="its time"):
        act(cast, found, "escalate", "complainant")
    after = found.acknowledge_by + dt.timedelta(days=1)
    with travel(after.year, after.month, after.day):
        assert missed_limit(found) == found.acknowledge_by
        found = act(cast, found, "escalate", "complainant")
    assert (found.status, found.authority) == (_S.RECEIVED, local)
    assert told("complaint.escalated_to_you") == {cast.supervisor}
    assert told("complaint.escalated") == {cast.manager}


def test_a_late_progress_report_is_no_missed_promise(cast):
    found = investigated(cast)
    after = found.due_on + dt.timedelta(days=1)
    with travel(after.year, after.month, after.day):
        assert missed_limit(found) is None
        assert not may_turn_to_authority(found)
    late = found.decide_by + dt.timedelta(days=1)
    with travel(late.year, late.month, late.day):
        assert may_turn_to_authority(found)


def test_people_are_reminded_before_and_after_a_limit(cast, run_jobs):
    with travel(2026, 6, 1):
        found = filed(cast)
    due = found.acknowledge_by
    run_jobs()
    mail.outbox.clear()
    with travel(due.year, due.month, due.day):
        assert reminders.run(due) == 1
        assert reminders.run(due) == 0
    assert told("complaint.due") == {cast.manager}
    after = add_working_days(due, 1, "CN")
    with travel(after.year, after.month, after.day):
        assert reminders.run(after) == 1
        run_jobs()
    letters = [letter for letter in mail.outbox if letter.to == ["ma@example.org"]]
    assert [found.number in letter.subject for letter in letters] == [True]


# The organisation concerned


def test_what_is_passed_on_is_what_the_handler_writes(cast):
    certificate = certified(cast)
    found = investigated(cast, About.HOLDER, certificate=certificate)
    owner = cast.actor("owner")
    assert not Complaint.objects.visible_to(owner).exists()
    with pytest.raises(NotAllowed):
        act(cast, found, "answer_as_client", "owner", text="No.")
    act(cast, found, "pass_on", "planner", text="The mark is said to be on products.")
    assert told("complaint.passed_on") == {cast.owner, cast.member}
    assert Complaint.objects.visible_to(owner).get() == found
    seen = ComplaintEntry.objects.visible_to(owner).values_list("kind", flat=True)
    assert list(seen) == ["passed_on"]
    act(cast, found, "answer_as_client", "member", text="It is not.")
    with pytest.raises(NotAllowed, match="already"):
        act(cast, found, "answer_as_client", "owner", text="Again.")
    with pytest.raises(Incomplete, match="already"):
        act(cast, found, "pass_on", "planner", text="Again.")
    assert told("complaint.client_answered") == {cast.planner}


def test_what_is_not_about_an_organisation_is_not_passed_on(cast):
    with pytest.raises(Incomplete, match="not about an organisation"):
        act(cast, investigated(cast), "pass_on", "planner", text="x")


# The authority


def test_the_authority_sees_what_was_brought_to_it_and_nothing_else(cast, local):
    found = closed(cast)
    assert not Complaint.objects.visible_to(cast.actor("supervisor")).exists()
    found = act(cast, found, "escalate", "complainant")
    assert Complaint.objects.visible_to(cast.actor("supervisor")).get() == found
    with pytest.raises(Incomplete, match="already"):
        act(cast, found, "escalate", "complainant")
    item = WorkItem.objects.get(subject_id=found.pk)
    assert (item.action, item.organisation_id) == ("note", local.pk)
    found = act(cast, found, "note", "supervisor", text="We look into the pattern.")
    assert found.status == _S.CLOSED
    assert told("complaint.noted") == {cast.manager, cast.planner}
    assert not WorkItem.objects.filter(subject_id=found.pk).exists()


def test_a_body_without_an_authority_here_says_so(cast):
    cast.body.region = "999999"
    cast.body.save(update_fields=["region"])
    with pytest.raises(Incomplete, match="write to it directly"):
        act(cast, closed(cast), "escalate", "complainant")


# Who sees it


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("manager", True), ("planner", True), ("reviewer", False), ("certifier", False),
        ("auditor", False), ("owner", False), ("rival_manager", False), ("rival_owner", False),
        ("supervisor", False), ("inspector", False), ("anonymous", False),
    ],
)  # fmt: skip
def test_a_complaint_is_seen_by_who_handles_it_alone(cast, who, sees):
    investigated(cast)
    assert Complaint.objects.visible_to(cast.actor(who)).exists() is sees


def test_the_work_is_kept_from_the_rest_of_the_desk(cast):
    found = investigated(cast)
    item = WorkItem.objects.get(subject_id=found.pk)
    assert (item.overseen_by, item.sole) == (None, cast.planner)


def test_names_and_addresses_can_be_deleted(cast, run_jobs):
    found = filed(cast)
    found = act(cast, found, "forget", "complainant")
    assert (found.name, found.email) == ("", "")
    with pytest.raises(Incomplete, match="Neither"):
        act(cast, found, "forget", "complainant")
    run_jobs()
    assert [letter for letter in mail.outbox if letter.to == ["ma@example.org"]] == []
