"""Opening and closing meeting: attendance, check-in, findings shown, what the case is told."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from audits.enums import AuditStatus, FindingStatus, Grade, Meeting
from audits.services.meetings import distance_km, latest
from audits.services.outcomes import report_outcome
from certification.enums import AuditKind, Moment
from certification.models import AuditOutcome, Evaluation
from foundation import files
from foundation.examination import IMAGES
from foundation.models import Notice
from foundation.workflow import Incomplete, NotAllowed, WrongState
from tests.audits.auditwork import (
    act,
    closed,
    completed,
    confirmed,
    fresh,
    noted,
    picture,
    present,
    ready_for_stage_2,
    running,
)


def refusal(audit, action, actor, **data):
    with pytest.raises(Incomplete) as caught:
        act(audit, action, actor, **data)
    return [str(blocker) for blocker in caught.value.blockers]


# Opening


def stage_2(cast, case):
    """Return a stage 2 that begins tomorrow."""
    first = timezone.localdate() + dt.timedelta(days=1)
    return confirmed(cast, AuditKind.STAGE_2, case=case, first=first, days=2)


def test_open_records_attendance_and_check_in(cast):
    audit = running(cast)
    assert audit.status == AuditStatus.IN_PROGRESS
    assert [(row.name, row.of_team, str(row.function_label)) for row in audit.attendance.all()] == [
        ("李工", True, "Lead auditor"),
        ("周牧野", True, "Auditor"),
        ("沈若溪", False, "总经理"),
    ]
    check_in = audit.check_ins.get()
    assert (check_in.meeting, check_in.user) == (Meeting.OPENING, cast.auditor)


def test_open_waits_for_the_first_day(cast):
    audit = confirmed(cast, first=timezone.localdate() + dt.timedelta(days=1))
    assert refusal(audit, "open", cast.actor("auditor"), **present(audit)) == [
        "The audit has not begun: its first day is still to come."
    ]


@pytest.mark.parametrize(
    ("lacking", "expected"),
    [
        ("team", "Say who of the team was present."),
        ("others", "Say who of the enterprise was present."),
    ],
)
def test_both_meetings_want_both_sides(cast, lacking, expected):
    actor = cast.actor("auditor")
    audit = confirmed(cast)
    facts = present(audit, **{lacking: []})
    assert refusal(audit, "open", actor, **facts) == [expected]
    act(audit, "open", actor, **present(audit))
    assert refusal(audit, "close_meeting", actor, **facts) == [expected]


@pytest.mark.parametrize("who", ["auditor2", "planner", "owner"])
def test_open_is_the_leaders(cast, who):
    audit = confirmed(cast)
    with pytest.raises(NotAllowed):
        act(audit, "open", cast.actor(who), **present(audit))


def test_open_of_stage_2_waits_for_the_report_of_stage_1(cast):
    first = closed(cast)
    second = stage_2(cast, first.case)
    with time_machine.travel(timezone.now() + dt.timedelta(days=1)):
        assert refusal(second, "open", cast.actor("auditor"), **present(second)) == [
            "The report of stage 1 is not there yet."
        ]


def test_open_of_stage_2_waits_for_readiness(cast):
    first = completed(cast, report={"recommendation": "not_ready"})
    second = stage_2(cast, first.case)
    with time_machine.travel(timezone.now() + dt.timedelta(days=1)):
        assert refusal(second, "open", cast.actor("auditor"), **present(second)) == [
            "Stage 1 found the enterprise not ready for stage 2."
        ]


def test_open_of_stage_2_passes_after_a_good_stage_1(cast):
    case = ready_for_stage_2(cast)
    second = stage_2(cast, case)
    with time_machine.travel(timezone.now() + dt.timedelta(days=1)):
        second = act(second, "open", cast.actor("auditor"), **present(second))
    assert second.status == AuditStatus.IN_PROGRESS


# The check-in


def at(clock, day=dt.date(2030, 5, 13)):
    moment = dt.datetime.combine(day, clock, timezone.get_current_timezone())
    return time_machine.travel(moment, tick=False)


def test_check_in_is_due_two_hours_after_the_opening_begins(cast):
    audit = confirmed(cast, first=dt.date(2030, 5, 13))
    assert timezone.localtime(latest(audit, Meeting.OPENING)).time() == dt.time(10, 30)
    assert timezone.localtime(latest(audit, Meeting.CLOSING)).time() == dt.time(19, 30)


@pytest.mark.parametrize(
    ("clock", "anomalies"), [(dt.time(10, 30), []), (dt.time(10, 31), ["late"])]
)
def test_check_in_later_than_allowed_is_an_anomaly(cast, clock, anomalies):
    audit = confirmed(cast, first=dt.date(2030, 5, 13))
    with at(clock):
        audit = act(audit, "open", cast.actor("auditor"), **present(audit))
    assert audit.check_ins.get().anomalies == anomalies


@pytest.mark.parametrize(
    ("latitude", "anomalies", "metres"),
    [("29.868300", [], 0), ("29.908300", [], 4448), ("29.968300", ["far"], 11119)],
)
def test_check_in_far_from_the_site_is_an_anomaly(cast, latitude, anomalies, metres):
    audit = confirmed(cast, first=dt.date(2030, 5, 13))
    facts = present(audit, latitude=latitude, longitude="121.544000", accuracy_m=20)
    with at(dt.time(8, 30)):
        audit = act(audit, "open", cast.actor("auditor"), **facts)
    check_in = audit.check_ins.get()
    assert (check_in.anomalies, check_in.distance_m) == (anomalies, metres)


def test_distance_is_unknown_without_a_position(cast):
    site = cast.enterprise.sites.get()
    assert distance_km(site, None, None) is None


def test_unexplained_check_in_is_told_to_the_case_and_an_explained_one_is_not(cast):
    audit = confirmed(cast, first=dt.date(2030, 5, 13))
    with at(dt.time(12, 30)):
        act(audit, "open", cast.actor("auditor"), **present(audit, explanation=""))
        act(audit, "close_meeting", cast.actor("auditor"), **present(audit))
    assert AuditOutcome.objects.get().unexplained_anomalies == 1
    check_in = audit.check_ins.get(meeting=Meeting.OPENING)
    check_in.explanation = "Snow."
    check_in.save()
    report_outcome(fresh(audit), cast.actor("auditor"))
    assert AuditOutcome.objects.get().unexplained_anomalies == 0


def test_what_the_meeting_left_open_is_explained_later_by_the_leader_alone(cast, client):
    """Nothing at the meeting asks why it was so far away; the decision does."""
    first = timezone.localdate()
    audit = confirmed(cast, first=first)
    far = {"latitude": "29.968300", "longitude": "121.544000", "explanation": ""}
    with at(dt.time(8, 30), first):
        act(audit, "open", cast.actor("auditor"), **present(audit, **far))
        act(audit, "close_meeting", cast.actor("auditor"), **present(audit))
    assert AuditOutcome.objects.get().unexplained_anomalies == 1
    why = {"explanation": "The new gate is on the other side of the hill."}
    for name in ("auditor2", "planner", "reviewer", "owner"):
        with pytest.raises(NotAllowed):
            act(audit, "explain_check_in", cast.actor(name), **why)
    cast.client(client, "auditor")
    address = reverse("audits:audit_do", args=[audit.pk, "explain_check_in"])
    page = client.get(address)
    assert "Opening meeting: Far from the site." in page.content.decode()
    assert client.post(address, {"explanation": " "}).status_code == 422
    assert client.post(address, why).status_code == 302
    check_in = audit.check_ins.get(meeting=Meeting.OPENING)
    assert check_in.explanation == why["explanation"]
    assert check_in.explained_at is not None
    assert AuditOutcome.objects.get().unexplained_anomalies == 0
    with pytest.raises(NotAllowed, match="No check-in of this audit lacks an explanation"):
        act(audit, "explain_check_in", cast.actor("auditor"), explanation="Again.")


def test_open_keeps_photos_of_the_meeting(cast):
    audit = confirmed(cast)
    photo = files.store(picture(), actor=cast.actor("auditor"), accept=IMAGES)
    act(audit, "open", cast.actor("auditor"), **present(audit, photos=[photo]))
    assert [row.file for row in files.attachments_of(audit, "check_in")] == [photo]


# Closing


def test_close_meeting_shows_the_findings_with_due_dates_by_grade(cast):
    audit = closed(cast, grades=[Grade.MINOR, Grade.MAJOR, Grade.OPPORTUNITY, Grade.CONFORMITY])
    today = timezone.localdate()
    found = [(f.number, f.status, f.due_on) for f in audit.findings.order_by("created_at")]
    assert found == [
        ("NC-01", FindingStatus.OPEN, today + dt.timedelta(days=30)),
        ("NC-02", FindingStatus.OPEN, today + dt.timedelta(days=60)),
        ("OFI-01", FindingStatus.CLOSED, None),
        ("OK-01", FindingStatus.CLOSED, None),
    ]
    assert audit.findings.filter(shown_at=None).count() == 0
    notice = Notice.objects.filter(kind="audits.closed").first()
    assert notice.params["count"] == "2"


def test_close_meeting_wants_nonconformities_complete(cast):
    audit = running(cast)
    noted(cast, audit, requirement="", statement="", evidence="")
    noted(cast, audit, Grade.OPPORTUNITY, requirement="", statement="", evidence="")
    assert refusal(audit, "close_meeting", cast.actor("auditor"), **present(audit)) == [
        "NC-01 lacks the requirement, the statement, the objective evidence."
    ]


def test_close_meeting_takes_a_file_for_evidence(cast):
    audit = running(cast)
    photo = files.store(picture(), actor=cast.actor("auditor"))
    noted(cast, audit, evidence="", evidence_files=[photo])
    assert act(audit, "close_meeting", cast.actor("auditor"), **present(audit)).closed_at


def test_close_meeting_keeps_days_held_and_diverging_opinions(cast):
    audit = running(cast)
    facts = present(audit, days_held="1.5", disagreement="We see NC-01 differently.")
    audit = act(audit, "close_meeting", cast.actor("auditor"), **facts)
    audit = fresh(audit)
    assert (str(audit.days_held), audit.disagreement) == ("1.5", "We see NC-01 differently.")


def test_close_meeting_tells_the_case_and_asks_for_a_rating(cast):
    audit = closed(cast, grades=[Grade.MAJOR, Grade.MINOR])
    outcome = AuditOutcome.objects.get(audit_id=audit.pk)
    assert (outcome.open_majors, outcome.minors_without_plan) == (1, 1)
    assert outcome.report_reviewed is False
    assert outcome.facts["team"] == ["李工", "周牧野"]
    assert [f["number"] for f in outcome.facts["findings"]] == ["NC-01", "NC-02"]
    evaluation = Evaluation.objects.get()
    assert (evaluation.moment, evaluation.subject_id) == (Moment.AUDIT, audit.pk)


def test_close_meeting_happens_once(cast):
    audit = closed(cast)
    with pytest.raises(WrongState):
        act(audit, "close_meeting", cast.actor("auditor"), **present(audit))


def test_abort_leaves_nothing_for_the_decision(cast):
    audit = running(cast)
    noted(cast, audit)
    audit = act(audit, "abort", cast.actor("auditor"), reason="Fire alarm.")
    assert audit.status == AuditStatus.ABORTED
    assert not AuditOutcome.objects.exists()
    assert audit.findings.get().shown_at is None
