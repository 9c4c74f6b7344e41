"""Audits: planned within their window or missed, proposed, objected to, held, reported."""

from datetime import timedelta
from decimal import ROUND_CEILING

from django.utils import timezone

from audits.checks.days import days_blockers, waits_for_approval
from audits.checks.team import Bench
from audits.enums import AUDITING_ROLES, AuditStatus, Grade, Meeting, Mode, TeamRole
from audits.models import AuditMember
from audits.services import planning, reports, timetable
from audits.services.findings import note_finding
from audits.services.meetings import is_late
from certification.enums import SURVEILLANCES, AuditKind, Recommendation
from certification.models import ProgrammeItem
from foundation.calendar import add_working_days, calendar_of, is_working_day
from foundation.workflow import REASON
from portal.demo import acts
from portal.simulation.registry import NotNowError, maker, spoiler, worker

# How often a team checks in away from the sites, and says why only later.
_FAR = 0.05
_LATER = (*SURVEILLANCES, AuditKind.RECERTIFICATION)
_MISSED = 0.07
_AHEAD = timedelta(days=45)
_TRIES = 12


@worker("certification.programmeitem")
def plan(world, item, actor):
    """Begin to plan an audit: at once before the first decision, later so that it fits."""
    day = world.once(item.pk, lambda: _planning_day(world, item))
    if timezone.localdate() < day:
        raise NotNowError
    planning.start_planning(item, actor)


def _planning_day(world, item: ProgrammeItem):
    """Return when the planners get to it: mostly in time, now and then too late."""
    today = timezone.localdate()
    if item.kind not in _LATER or item.window_to is None:
        return today + timedelta(days=world.chance.days(world.pace))
    if world.chance.happens(_MISSED):
        return item.window_to + timedelta(days=world.chance.randint(-20, 150))
    begins = max(item.window_from or today, today)
    spare = max((item.window_to - begins).days - 60, 0)
    return begins - _AHEAD + timedelta(days=world.chance.randint(0, spare))


@maker("audit", "declare")
def declare(world, audit, actor):
    if world.chance.happens(0.02):
        return {"no_conflict": False, "conflict": "Advised them last year."}
    return {"no_conflict": True}


@maker("audit", "propose", "announce")
def propose(world, audit, actor):
    """See that dates, people and timetable stand; who has not declared yet is waited for."""
    if waits_for_approval(audit):
        raise NotNowError
    if any(days_blockers(audit)):
        days = {"days_planned": audit.days, "days_reason": ""}
        planning.change_planning(audit=audit, actor=actor, **days)
    if not _stands(audit) or (audit.status == AuditStatus.OBJECTED and world.chance.happens(0.7)):
        _arrange(world, audit, actor)
    if audit.members.filter(declared_at=None).exists():
        raise NotNowError
    return {}


def _stands(audit) -> bool:
    if audit.starts_on is None or audit.starts_on <= timezone.localdate():
        return False
    members = list(audit.members.select_related("user"))
    bench = Bench(audit, [member.user for member in members])
    if any(bench.reasons(member.user, member.role) for member in members):
        return False
    auditing = [member for member in members if member.role in AUDITING_ROLES]
    return any(m.role == TeamRole.LEAD for m in auditing) and bool(audit.plan.all())


def _arrange(world, audit, actor) -> None:
    """Find dates and two people who can; raises NotNowError when nobody is free."""
    today = timezone.localdate()
    calendar = calendar_of(str(audit.enterprise.country))
    length = max(int((audit.days / 2).to_integral_value(ROUND_CEILING)), 1)
    item = audit.programme_item
    lead = world.chance.randint(4, 4 + int(5 * world.pace))
    first = add_working_days(today, lead, calendar)
    if item is not None and item.window_from and first < item.window_from:
        first = item.window_from
        if not is_working_day(first, calendar):
            first = add_working_days(first, 1, calendar)
    before = audit.case.audits.filter(kind=AuditKind.STAGE_1, cycle=audit.cycle).exclude(
        status__in=(AuditStatus.CANCELLED, AuditStatus.ABORTED)
    )
    if audit.kind == AuditKind.STAGE_2 and before.exists():
        ends = max((row.ends_on for row in before if row.ends_on), default=None)
        if ends is None:
            raise NotNowError
        if first <= ends:
            first = add_working_days(ends, 5, calendar)
    for _attempt in range(_TRIES):
        last = add_working_days(first, length - 1, calendar)
        team = _team(world, audit, actor, first, last)
        if team:
            _settle(audit, actor, (first, last), team)
            return
        first = add_working_days(first, 2, calendar)
    raise NotNowError


def _team(world, audit, actor, first, last) -> list:
    """Return a leader and another who are free on these days, those who know the client first."""
    audit.starts_on, audit.ends_on = first, last
    people = list(audit.body.people("auditor"))
    bench = Bench(audit, people)
    known = set(
        AuditMember.objects.filter(audit__case=audit.case).values_list("user_id", flat=True)
    )
    people.sort(key=lambda user: (user.pk not in known, world.chance.random()))
    chosen: list = []
    for user in people:
        standing = bench.standing(user)
        able = TeamRole.AUDITOR in standing.roles and not standing.lacks
        if standing.reasons or not able:
            continue
        leads = TeamRole.LEAD in standing.roles
        if not chosen and not leads:
            continue
        chosen.append(user)
        if len(chosen) == 2:  # noqa: PLR2004 -- a leader and another
            return chosen
    return []


def _settle(audit, actor, dates, team) -> None:
    first, last = dates
    item = audit.programme_item
    outside = item is not None and (
        (item.window_from and first < item.window_from)
        or (item.window_to and last > item.window_to)
    )
    audit = planning.change_planning(
        audit=audit,
        actor=actor,
        starts_on=first,
        ends_on=last,
        mode=Mode.ON_SITE,
        days_planned=audit.days,
        days_reason="",
        date_reason="As agreed with the enterprise." if outside else "",
    )
    for member in audit.members.exclude(user__in=team):
        planning.remove_member(audit=audit, actor=actor, member=member)
    for n, user in enumerate(team):
        role = TeamRole.AUDITOR if n else TeamRole.LEAD
        planning.add_member(audit=audit, actor=actor, user=user, role=role)
    audit = acts.fresh(audit)
    timetable.save_timetable(audit=audit, actor=actor, lines=timetable.suggest(audit))


@maker("audit", "answer_objection", weight=0.3)
def answer_objection(world, audit, actor):
    if not _stands(audit) or any(days_blockers(audit)):
        raise NotNowError
    return {"answer": "Other people are not free within the window."}


@maker("audit", "confirm")
def confirm(world, audit, actor):
    return {}


@maker("audit", "object", weight=0.08)
def object_to(world, audit, actor):
    return {REASON: "The plant stands still that week."}


def _starts(audit):
    return audit.starts_on


def _ends(audit):
    return audit.ends_on


def _meeting(world, audit, meeting: str) -> dict:
    facts = acts.meeting(audit, world.client_of(audit.enterprise_id).owner.name)
    if is_late(audit, meeting):
        facts["explanation"] = "The train was late."
    if facts["latitude"] is not None and world.chance.happens(_FAR):
        facts["latitude"] += 1
    return facts


@maker("audit", "open", since=_starts)
def open_audit(world, audit, actor):
    """Open on the first day; the dates of one that was forgotten are over."""
    if audit.starts_on < timezone.localdate() - timedelta(days=10) and world.chance.happens(0.8):
        raise NotNowError
    return _meeting(world, audit, Meeting.OPENING)


@maker("audit", "close_meeting", since=_ends)
def close_meeting(world, audit, actor):
    """Note what was found, then close."""
    if not audit.findings.exists():
        for grade in _found(world, audit):
            note_finding(audit=audit, actor=actor, **acts.finding_facts(audit, grade))
    return _meeting(world, audit, Meeting.CLOSING)


@maker("audit", "explain_check_in")
def explain_check_in(world, audit, actor):
    return {"explanation": "The gate is two streets away from the office."}


def _found(world, audit) -> list:
    if audit.kind == AuditKind.STAGE_1:
        return [Grade.OPPORTUNITY] if world.chance.happens(0.2) else []
    grades = [Grade.MINOR] * world.chance.weighed([0, 1, 2, 3], [4, 4, 2, 1])
    grades += [Grade.MAJOR] * world.chance.weighed([0, 1, 2], [8, 2, 1])
    return grades + ([Grade.OPPORTUNITY] if world.chance.happens(0.3) else [])


@spoiler("audit", "open", "close_meeting")
def nobody_there(world, audit, actor, data):
    return data | {"others": []}


@maker("audit", "abort", weight=0.01)
def abort(world, audit, actor):
    return {REASON: "A fire at the plant."}


@maker("audit", "submit_report")
def submit_report(world, audit, actor):
    """Write the report with the proposal that what was found allows."""
    words = acts.REPORT | {"recommendation": _recommendation(world, audit)}
    reports.save_report(audit=audit, actor=actor, **words)
    return {}


def _recommendation(world, audit) -> str:
    if audit.kind == AuditKind.STAGE_1:
        ready = not world.chance.happens(0.04)
        return Recommendation.READY if ready else Recommendation.NOT_READY
    if audit.findings.filter(grade=Grade.MAJOR).exists():
        return Recommendation.CONDITIONAL
    return Recommendation.CERTIFY


@maker("audit", "accept_report")
def accept_report(world, audit, actor):
    return {"note": "Read."}


@maker("audit", "return_report", weight=0.06)
def return_report(world, audit, actor):
    return {REASON: "Evidence of the second plant is missing."}


@maker("audit", "replan", weight=0.03)
def replan(world, audit, actor):
    return {REASON: "Somebody fell ill."}


@maker("audit", "cancel", weight=0.01)
def cancel(world, audit, actor):
    return {REASON: "The enterprise cannot receive anybody."}
