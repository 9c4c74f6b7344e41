"""The timetable: clauses covered, days held, nobody twice at once, and the suggestion."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils import timezone

from audits.checks.timetable import (
    clause_numbers,
    coverage,
    planned_days,
    remote_percent,
    timetable_blockers,
    uncovered,
    unknown,
    working_days_of,
)
from audits.enums import Activity, AuditStatus, Mode, TeamRole
from audits.services import planning, timetable
from certification.enums import AuditKind
from foundation.models import Notice
from foundation.workflow import Incomplete, NotAllowed, WrongState
from tests.audits.auditwork import act, confirmed, fresh, planned, proposed, started


def line(start, end, activity=Activity.AUDIT, *, member=None, day=None, **facts):
    """Return a line of a timetable that is in no database."""
    return SimpleNamespace(
        day=day or dt.date(2030, 5, 13),
        starts_at=dt.time.fromisoformat(start),
        ends_at=dt.time.fromisoformat(end),
        activity=activity,
        member_id=member,
        member=None,
        remote=facts.get("remote", False),
        clauses=facts.get("clauses", ""),
    )


def team(*people):
    members = [SimpleNamespace(user_id=person, role=TeamRole.AUDITOR) for person in people]
    members.append(SimpleNamespace(user_id="trainee", role=TeamRole.TRAINEE))
    return SimpleNamespace(members=SimpleNamespace(all=lambda: members))


@pytest.mark.parametrize(
    ("text", "numbers", "wrong"),
    [
        ("4.1, 4.2;5", ["4.1", "4.2", "5"], []),
        ("８．５．１、9.2，10", ["8.5.1", "9.2", "10"], []),
        ("4-6", ["4", "5", "6"], []),
        ("A.5 A.6", ["A.5", "A.6"], []),
        ("all, 8.x", [], ["all", "8.x"]),
        ("", [], []),
    ],
)
def test_clause_numbers_reads_what_people_type(text, numbers, wrong):
    assert clause_numbers(text) == (numbers, wrong)


def test_unknown_names_what_no_standard_has():
    clauses = {"x": ["4.1", "8.5.1"]}
    assert unknown(["4", "8.5", "8.5.1", "8.5.2", "11"], clauses) == ["8.5.2", "11"]


@pytest.mark.parametrize(
    ("named", "missing"),
    [
        ([], ["4", "5"]),
        (["4"], ["5"]),
        (["4.1", "5.1.1"], ["4.2", "5.1.2"]),
        (["4", "5.1"], []),
        (["4.1", "4.2", "5"], []),
    ],
)
def test_uncovered_says_it_the_shortest_way(named, missing):
    assert uncovered(named, ["4.1", "4.2", "5.1", "5.1.1", "5.1.2"]) == missing


def test_planned_days_counts_auditors_alone_and_no_breaks():
    items = [
        line("08:00", "12:00"),
        line("12:00", "13:00", Activity.BREAK),
        line("13:00", "17:00", member="a"),
        line("13:00", "17:00", member="trainee"),
    ]
    assert planned_days(team("a", "b"), items, 8) == Decimal("1.5")


def test_planned_days_are_not_made_more_by_longer_days():
    assert planned_days(team("a"), [line("08:00", "20:00")], 8) == Decimal("1.0")


def test_remote_percent_is_the_share_of_the_time():
    items = [line("08:00", "09:00", remote=True), line("09:00", "12:00")]
    assert remote_percent(items) == 25
    assert remote_percent([]) == 0


@pytest.mark.parametrize(
    ("country", "first", "last", "expected"),
    [
        ("CN", "2026-11-25", "2026-11-30", [25, 26, 27, 30]),
        ("CN", "2026-11-27", "2026-11-29", [27, 29]),
        # The Saturday makes up for a day of the National Day holiday.
        ("CN", "2026-10-09", "2026-10-12", [9, 10, 12]),
        ("DE", "2026-10-09", "2026-10-12", [9, 12]),
    ],
)
def test_an_audit_works_on_working_days_and_on_its_ends(country, first, last, expected):
    audit = SimpleNamespace(
        starts_on=dt.date.fromisoformat(first),
        ends_on=dt.date.fromisoformat(last),
        case=SimpleNamespace(enterprise=SimpleNamespace(country=country)),
    )
    assert [on.day for on in working_days_of(audit)] == expected


# The guard of the confirmation


def missing(audit):
    return [str(blocker) for blocker in timetable_blockers(fresh(audit))]


def write(cast, audit, lines, **facts):
    timetable.save_timetable(audit=audit, actor=cast.actor("planner"), lines=lines, **facts)


def changed(audit, change):
    """Return the suggested lines with a change made to them."""
    lines = timetable.suggest(fresh(audit))
    change(lines)
    return lines


def without(activity):
    def change(lines):
        lines[:] = [row for row in lines if row["activity"] != activity]

    return change


@pytest.mark.parametrize("kind", [AuditKind.STAGE_1, AuditKind.STAGE_2])
@pytest.mark.parametrize("days", [1, 2, 3])
def test_suggest_writes_a_complete_timetable(cast, kind, days):
    audit = planned(cast, kind, days=days, declared=False, schemes=("QMS", "EMS"))
    if days == 1:
        planning.change_planning(
            audit=audit, actor=cast.actor("planner"), days_planned=2, days_reason="Small"
        )
    write(cast, audit, timetable.suggest(fresh(audit)))
    assert missing(audit) == []


@pytest.mark.parametrize(("days_planned", "used"), [(8, 4), (9, 6)])
def test_suggest_leaves_the_weekend_free_when_the_working_days_suffice(cast, days_planned, used):
    audit = planned(cast, declared=False)
    audit = fresh(audit)
    audit.starts_on, audit.ends_on = dt.date(2026, 11, 25), dt.date(2026, 11, 30)
    audit.days_planned = days_planned
    assert len({row["day"] for row in timetable.suggest(audit)}) == used


def test_suggest_gives_nothing_without_auditors(cast):
    audit = started(cast)
    audit.starts_on = audit.ends_on = timezone.localdate()
    assert timetable.suggest(audit) == []


def test_confirm_wants_a_timetable(cast):
    audit = act(planned(cast), "propose", cast.actor("planner"))
    with pytest.raises(Incomplete) as caught:
        act(audit, "confirm", cast.actor("owner"))
    assert [str(blocker) for blocker in caught.value.blockers] == [
        "The timetable is not written yet."
    ]


@pytest.mark.parametrize(
    ("activity", "expected"),
    [
        (Activity.OPENING, "The timetable has no opening meeting."),
        (Activity.CLOSING, "The timetable has no closing meeting."),
    ],
)
def test_timetable_wants_both_meetings(cast, activity, expected):
    audit = planned(cast, declared=False)
    write(cast, audit, changed(audit, without(activity)))
    assert expected in missing(audit)


def test_timetable_wants_every_day_and_no_other(cast):
    audit = planned(cast, days=2, declared=False)
    first = timezone.localdate()
    lines = timetable.suggest(fresh(audit))
    for row in lines:
        if row["day"] != first:
            row["day"] = first + dt.timedelta(days=4)
    write(cast, audit, lines)
    found = missing(audit)
    assert [text.partition(" for ")[0] for text in found] == [
        "The timetable has nothing",
        "The timetable has lines",
    ]


def test_timetable_refuses_two_places_at_once(cast):
    audit = planned(cast, declared=False)

    def change(lines):
        for row in lines:
            if row["member"] == cast.auditor2:
                row["member"] = cast.auditor

    write(cast, audit, changed(audit, change))
    found = missing(audit)
    assert len([text for text in found if text.startswith("李工 is at two places at once")]) == 1


def test_timetable_refuses_who_left_the_team(cast):
    audit = planned(cast, declared=False)
    write(cast, audit, timetable.suggest(fresh(audit)))
    audit.members.filter(user=cast.auditor2).update(role=TeamRole.OBSERVER)
    assert "周牧野 is on the timetable but does not audit here." in missing(audit)


def test_timetable_of_stage_2_covers_every_clause_or_says_why_not(cast):
    audit = planned(cast, AuditKind.STAGE_2, days=2, declared=False)

    def change(lines):
        for row in lines:
            kept = [n for n in row["clauses"].split(", ") if n != "8.3"]
            row["clauses"] = ", ".join(kept)

    lines = changed(audit, change)
    write(cast, audit, lines)
    assert missing(audit) == ["ISO 9001:2015: nobody audits 8.3; add it or say why not."]
    write(cast, audit, lines, uncovered_reason="No design of its own (8.3).")
    assert missing(audit) == []


def test_coverage_of_surveillance_asks_for_internal_audit_and_review(cast):
    audit = planned(cast, declared=False)
    audit.kind = AuditKind.SURVEILLANCE_1
    found = coverage(audit, [line("08:00", "09:00", clauses="8.5, 9.2")])
    assert list(found.missing.values()) == [["9.3"]]
    assert coverage(audit, [line("08:00", "09:00", clauses="9")]).missing == {}


def test_timetable_wants_the_days_on_site_or_a_reason(cast):
    audit = planned(cast, declared=False)

    def change(lines):
        lines[:] = [row for row in lines if row["starts_at"] < dt.time(12)]
        lines[-1]["activity"] = Activity.CLOSING

    write(cast, audit, changed(audit, change))
    assert missing(audit) == ["The timetable holds 0.9 audit days, at least 1.6 are needed."]
    planning.change_planning(audit=audit, actor=cast.actor("planner"), days_reason="Tiny site.")
    assert missing(audit) == []


# Who writes it, and when


@pytest.mark.parametrize(("who", "allowed"), [("planner", True), ("auditor", True),
                                              ("auditor2", False), ("owner", False)])  # fmt: skip
def test_save_timetable_is_for_planner_and_leader(cast, who, allowed):
    audit = planned(cast, declared=False)
    if not allowed:
        with pytest.raises(NotAllowed):
            timetable.save_timetable(audit=audit, actor=cast.actor(who), lines=[])
        return
    lines = timetable.suggest(fresh(audit))
    timetable.save_timetable(audit=audit, actor=cast.actor(who), lines=lines)
    assert audit.plan.count() == len(lines)


def test_save_timetable_tells_the_enterprise_once_it_is_complete(cast):
    audit = act(planned(cast), "propose", cast.actor("planner"))
    write(cast, audit, timetable.suggest(fresh(audit)))
    write(cast, audit, timetable.suggest(fresh(audit)))
    assert Notice.objects.filter(kind="audits.timetable").count() == 2


def test_save_timetable_is_over_once_confirmed(cast):
    audit = confirmed(cast)
    with pytest.raises(WrongState):
        write(cast, audit, [])


def test_remote_lines_count_on_the_proposal(cast):
    audit = planned(cast, declared=False)
    planning.change_planning(audit=audit, actor=cast.actor("planner"), mode=Mode.MIXED)

    def change(lines):
        lines[1]["remote"] = True

    write(cast, audit, changed(audit, change))
    assert 0 < remote_percent(audit.plan.all()) < 100
    assert proposed(cast, AuditKind.STAGE_1, enterprise=cast.rival_enterprise).status == (
        AuditStatus.PROPOSED
    )
