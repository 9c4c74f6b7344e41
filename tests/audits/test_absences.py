"""Absences: who enters them, what they refuse, who is told, and who reads how much."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from audits.enums import AbsenceKind, AuditStatus, DayPart, TeamRole
from audits.models import Absence, Audit, AuditMember
from audits.services.absences import absence_enter, absence_withdraw
from foundation.models import JournalEntry, Notice
from foundation.workflow import Incomplete, NotAllowed
from organisations.enums import Role
from organisations.models import Membership
from tests.audits.auditwork import act, count_queries, opened_case, planned, proposed, started

NOTE = "CANARY-ABSENCE-8842"


def day(offset=0):
    return timezone.localdate() + dt.timedelta(days=offset)


def enter(cast, who="auditor", *, by=None, first=10, last=12, **facts):
    return absence_enter(
        actor=cast.actor(by or who),
        user=getattr(cast, who),
        starts_on=day(first),
        ends_on=day(last),
        kind=facts.pop("kind", AbsenceKind.LEAVE),
        note=NOTE,
        **facts,
    )[0]


@pytest.mark.parametrize("by", ["auditor", "planner"])
def test_the_person_and_a_planner_enter_an_absence(cast, by):
    absence = enter(cast, by=by)
    assert (absence.body, absence.entered_by) == (cast.body, getattr(cast, by))
    entry = JournalEntry.objects.get(verb="absence.enter")
    assert (entry.internal_to, entry.data) == (cast.body.pk, {})


@pytest.mark.parametrize("by", ["auditor2", "rival_manager"])
def test_nobody_else_enters_it(cast, by):
    with pytest.raises((ValidationError, NotAllowed)):
        enter(cast, by=by)
    assert not Absence.objects.exists()


@pytest.mark.parametrize(("first", "last"), [(10, 12), (12, 20), (1, 10), (11, 11), (1, 30)])
def test_days_that_overlap_are_refused_with_those_that_are_entered(cast, first, last):
    enter(cast)
    with pytest.raises(ValidationError) as caught:
        enter(cast, first=first, last=last)
    assert list(caught.value.message_dict) == ["starts_on"]
    assert Absence.objects.count() == 1


def test_days_beside_and_the_other_half_of_a_day_are_free(cast):
    enter(cast)
    enter(cast, first=13, last=14)
    enter(cast, "auditor2")
    enter(cast, first=20, last=20, part=DayPart.MORNING)
    enter(cast, first=20, last=20, part=DayPart.AFTERNOON)
    with pytest.raises(ValidationError):
        enter(cast, first=20, last=20, part=DayPart.MORNING)
    with pytest.raises(ValidationError):
        enter(cast, first=20, last=20)
    assert Absence.objects.count() == 5


def blockers(audit, cast):
    with pytest.raises(Incomplete) as caught:
        act(audit, "propose", cast.actor("planner"))
    return [str(blocker) for blocker in caught.value.blockers]


def test_the_guard_refuses_who_is_absent_and_tells_no_more_than_that(cast):
    audit = planned(cast, days=3)
    enter(cast, "auditor2", first=1, last=5, kind=AbsenceKind.TRAINING)
    (reason,) = blockers(audit, cast)
    assert reason.startswith("周牧野: not available on ")
    assert NOTE not in reason
    Absence.objects.all().delete()
    assert act(audit, "propose", cast.actor("planner")).status == AuditStatus.PROPOSED


def test_half_a_day_away_is_a_day_on_which_no_audit_counts_on_the_person(cast):
    audit = planned(cast)
    enter(cast, "auditor2", first=0, last=0, part=DayPart.AFTERNOON)
    assert len(blockers(audit, cast)) == 1


def test_a_booking_of_another_body_reads_like_an_absence(cast):
    audit = planned(cast)
    other = planned(cast, case=opened_case(cast, enterprise=cast.rival_enterprise))
    AuditMember.objects.filter(audit=other).exclude(user=cast.auditor2).delete()
    Audit.objects.filter(pk=other.pk).update(status=AuditStatus.CONFIRMED, body=cast.rival_body)
    away = blockers(audit, cast)
    Audit.objects.filter(pk=other.pk).update(status=AuditStatus.CANCELLED)
    enter(cast, "auditor2", first=0, last=0)
    assert away == blockers(audit, cast)
    assert len(away) == 1


def test_an_absence_over_an_agreed_audit_tells_its_planners(cast):
    audit = proposed(cast)
    Notice.objects.all().delete()
    enter(cast, first=0, last=3)
    (notice,) = Notice.objects.filter(kind="audits.absent")
    assert (notice.recipient, notice.subject_id) == (cast.planner, audit.pk)
    assert NOTE not in str(notice.params)
    assert AbsenceKind.LEAVE not in notice.params.values()


def test_planners_of_another_body_are_told_of_their_audit_alone(cast):
    audit = proposed(cast)
    Membership.objects.create(
        user=cast.rival_manager, organisation=cast.rival_body, role=Role.PLANNER
    )
    Audit.objects.filter(pk=audit.pk).update(body=cast.rival_body)
    Notice.objects.all().delete()
    enter(cast, first=0, last=3)
    told = Notice.objects.get(kind="audits.absent")
    assert told.recipient == cast.rival_manager
    assert str(cast.body.name_en) not in str(told.params)


def test_an_audit_not_offered_yet_and_other_days_tell_nobody(cast):
    planned(cast)
    Notice.objects.all().delete()
    enter(cast, first=0, last=3)
    enter(cast, first=20, last=23)
    assert not Notice.objects.filter(kind="audits.absent").exists()


def test_own_days_and_those_of_the_body_are_seen_by_who_may(cast):
    absence = enter(cast)

    def seen(name):
        return list(Absence.objects.visible_to(cast.actor(name)))

    assert seen("auditor") == seen("planner") == [absence]
    for name in ("auditor2", "reviewer", "manager", "owner", "rival_manager", "operator"):
        assert seen(name) == []


def test_withdrawn_days_are_free_again(cast):
    absence = enter(cast)
    with pytest.raises(NotAllowed):
        absence_withdraw(actor=cast.actor("auditor2"), absence=absence)
    absence_withdraw(actor=cast.actor("planner"), absence=absence)
    assert not Absence.objects.exists()
    assert enter(cast).pk


@pytest.fixture
def as_(cast, client):
    return lambda who: cast.client(client, who)


def facts(**changed):
    return {
        "starts_on": day(10).isoformat(),
        "ends_on": day(11).isoformat(),
        "part": "whole",
        "kind": "leave",
        "note": NOTE,
    } | changed


def test_an_auditor_enters_own_days_and_reads_what_they_hit(cast, as_):
    audit = proposed(cast)
    page = as_("auditor").post("/absences/new/", facts(starts_on=day().isoformat()), follow=True)
    assert audit.number in page.content.decode()
    assert Absence.objects.get().user == cast.auditor


def test_an_auditor_cannot_enter_for_a_colleague(cast, as_):
    as_("auditor").post("/absences/new/", facts(user=cast.auditor2.pk))
    assert Absence.objects.get().user == cast.auditor


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"starts_on": ""}, "starts_on"),
        ({"ends_on": day(9).isoformat()}, "ends_on"),
        ({"part": "morning"}, "part"),
        ({"starts_on": "2020-01-01", "ends_on": "2020-01-02"}, "starts_on"),
        ({"kind": "illness"}, "kind"),
        ({"user": ""}, "user"),
        ({"note": "x" * 201}, "note"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(cast, as_, changed, field):
    answered = as_("planner").post("/absences/new/", facts(user=cast.auditor.pk) | changed)
    assert answered.status_code == 422
    assert list(answered.context["form"].errors) == [field]


def test_the_list_shows_a_planner_everybody_in_as_many_queries(cast, as_):
    client = as_("planner")
    enter(cast)
    few = count_queries(client, "/absences/")
    enter(cast, "auditor2")
    enter(cast, first=30, last=30)
    assert count_queries(client, "/absences/") == few <= 25
    assert NOTE in client.get("/absences/").content.decode()
    assert NOTE not in as_("auditor2").get(f"/audits/{started(cast).pk}/").content.decode()


def test_withdrawing_is_asked_first(cast, as_):
    absence = enter(cast)
    client = as_("auditor")
    assert client.get(f"/absences/{absence.pk}/withdraw/").status_code == 200
    assert Absence.objects.exists()
    assert client.post(f"/absences/{absence.pk}/withdraw/").status_code == 302
    assert not Absence.objects.exists()


def test_the_planning_page_says_who_is_not_available(cast, as_):
    audit = planned(cast)
    enter(cast, "auditor2", first=0, last=0)
    page = as_("planner").get(f"/audits/{audit.pk}/planning/")
    rows = {row["person"]: row for row in page.context["candidates"]}
    (reason,) = rows[cast.auditor2]["standing"].reasons
    assert reason.startswith("not available on ")
    assert rows[cast.auditor2]["member"].role == TeamRole.AUDITOR
    assert NOTE not in page.content.decode()
