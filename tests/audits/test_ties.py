"""Who is tied to an enterprise is on no team, judges nothing there, and is replaced in time."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from audits.checks.team import Bench
from audits.queries.judges import possible_judges
from foundation.models import JournalEntry, Notice, WorkItem
from foundation.workflow import Incomplete
from schemes.models import Competence, Interest
from schemes.services.interests import interest_declare
from tests.audits.auditwork import (
    act,
    completed,
    confirmed,
    fresh,
    nonconformity,
    planned,
    present,
    proposed,
    reported,
    running,
)

pytestmark = pytest.mark.django_db
CONSULTANCY = "Consultancy until"


def tie(cast, who, **facts):
    today = timezone.localdate()
    rows = {
        "user": getattr(cast, who),
        "identifier": cast.enterprise.identifier,
        "name": "Gears",
        "kind": "consultancy",
        "began_on": today - dt.timedelta(days=3000),
        "ended_on": today - dt.timedelta(days=100),
        "declared_by": getattr(cast, who),
    }
    return Interest.objects.create(**rows | facts)


def declare(cast, who, **facts):
    rows = {
        "actor": cast.actor(who),
        "user": getattr(cast, who),
        "country": "CN",
        "identifier": cast.enterprise.identifier,
        "name": "Gears",
        "kind": "consultancy",
        "began_on": timezone.localdate() - dt.timedelta(days=30),
    }
    return interest_declare(**rows | facts)


def test_the_planner_reads_the_reason_and_cannot_propose(cast, client):
    audit = planned(cast)
    tie(cast, "auditor2")
    with pytest.raises(Incomplete, match=CONSULTANCY):
        act(audit, "propose", cast.actor("planner"))
    cast.client(client, "planner")
    words = client.get(reverse("audits:planning", args=[audit.pk])).content.decode()
    assert CONSULTANCY in words


@pytest.mark.parametrize(("days", "barred"), [(0, True), (1, False)])
def test_the_first_day_of_the_audit_counts(cast, days, barred):
    """The period ends the day before the audit, or on its first day."""
    today = timezone.localdate()
    audit = planned(cast, first=today + dt.timedelta(days=10))
    last = audit.starts_on - dt.timedelta(days=days)
    ended = last.replace(year=last.year - 2)
    tie(cast, "auditor2", ended_on=ended)
    reasons = Bench(fresh(audit), [cast.auditor2]).reasons(cast.auditor2, "auditor")
    assert bool(reasons) == barred


def test_the_enterprise_never_reads_the_reason(cast, client):
    audit = proposed(cast)
    declare(cast, "auditor2")
    cast.client(client, "owner")
    for address in (
        audit.get_absolute_url(),
        reverse("audits:audit_do", args=[audit.pk, "confirm"]),
    ):
        words = client.get(address).content.decode()
        assert "onsultancy" not in words
        assert "interest" not in words.lower().replace("interested", "")


@pytest.mark.parametrize("make", [proposed, confirmed])
def test_a_late_declaration_is_on_the_planners_desk_until_the_audit_is_replanned(cast, make):
    audit = make(cast)
    assert not WorkItem.objects.filter(subject_id=audit.pk, action="replan").exists()
    declare(cast, "auditor2")
    member = audit.members.get(user=cast.auditor2)
    assert member.no_conflict is False
    item = WorkItem.objects.get(subject_id=audit.pk, action="replan")
    assert list(item.people.all()) == [cast.planner]
    kept = Notice.objects.filter(kind="audits.conflict")
    assert {notice.recipient for notice in kept} == {cast.planner, cast.manager}
    entry = JournalEntry.objects.get(verb="audit.conflict")
    assert (entry.user, entry.internal_to) == (None, cast.body.pk)
    # Nobody left the team by it, and the status is what it was.
    assert fresh(audit).status == audit.status
    act(audit, "replan", cast.actor("planner"), reason="A tie")
    assert not WorkItem.objects.filter(subject_id=audit.pk, action="replan").exists()


def test_an_audit_does_not_open_with_somebody_tied(cast):
    audit = confirmed(cast)
    declare(cast, "auditor2")
    with pytest.raises(Incomplete) as refusal:
        act(audit, "open", cast.actor("auditor"), **present(audit))
    [blocker] = refusal.value.blockers
    assert str(blocker) == (
        f"{cast.auditor2} may not audit this enterprise: a planner replaces this person."
    )


def test_during_an_audit_planner_and_manager_are_told(cast):
    audit = running(cast)
    declare(cast, "auditor2")
    kept = Notice.objects.filter(kind="audits.conflict_late")
    assert {notice.recipient for notice in kept} == {cast.planner, cast.manager}
    assert audit.members.get(user=cast.auditor2).no_conflict is False


def test_what_is_over_or_ended_long_ago_is_left_alone(cast):
    done = completed(cast)
    declare(cast, "auditor2")
    assert done.members.get(user=cast.auditor2).no_conflict is True
    today = timezone.localdate()
    audit = planned(cast, kind="stage_2", case=done.case, days=2)
    declare(
        cast,
        "auditor",
        began_on=today - dt.timedelta(days=2000),
        ended_on=today - dt.timedelta(days=1000),
    )
    assert audit.members.get(user=cast.auditor).no_conflict is True


def test_a_tied_reviewer_does_not_accept_a_report(cast):
    audit = reported(cast)
    tie(cast, "reviewer")
    with pytest.raises(Incomplete, match="may not judge this enterprise"):
        act(audit, "accept_report", cast.actor("reviewer"))


def test_a_tied_auditor_is_not_offered_as_judge(cast):
    finding = nonconformity(cast)
    assert cast.auditor2 in possible_judges(finding)
    tie(cast, "auditor2")
    assert cast.auditor2 not in possible_judges(finding)


def test_a_competence_that_ends_soon_after_the_audit_is_said_and_bars_nobody(cast):
    audit = planned(cast)
    rows = Competence.objects.filter(user=cast.auditor2, scheme__code="QMS")
    rows.update(valid_until=audit.ends_on + dt.timedelta(days=20))
    bench = Bench(audit, [cast.auditor2])
    assert bench.standing(cast.auditor2).reasons == ()
    [caution] = bench.cautions(cast.auditor2)
    assert caution.startswith("QMS, Auditor, areas 17–19: ends on ")


@pytest.mark.parametrize("status", ["proposed", "returned", "suspended", "withdrawn"])
def test_only_an_approved_competence_counts_for_a_team(cast, status):
    audit = planned(cast)
    Competence.objects.filter(user=cast.auditor2).update(status=status)
    with pytest.raises(Incomplete, match="no valid competence as Auditor"):
        act(audit, "propose", cast.actor("planner"))
