"""Drafts of a whole period: asked for, computed by a job, locked, computed anew, accepted."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audits.models import Schedule, ScheduleRow
from audits.schedule.checking import faults
from audits.schedule.problem import Placement
from audits.schedule.search import solve
from audits.schedule.teams import Teams
from audits.schedule.why import why_not
from audits.services.placing import Draft, draft_for, due_items, with_facts
from audits.services.planning import plan_placed
from certification.models import ProgrammeItem
from foundation import jobs
from foundation.models import Job
from foundation.models.jobs import JobState
from foundation.workflow import NotAllowed, StaleState
from organisations.enums import Role
from organisations.rights import PLANNER

FILL = "audits.fill_schedule"
LONGEST = timedelta(days=184)
# Seconds; a minute is what people wait for a quarter.
SEARCH = 45


def _allow(actor, obj=None) -> None:
    access = PLANNER(actor, obj)
    if not access:
        raise NotAllowed(access.reason)


@transaction.atomic
def schedule_start(*, actor, first, last) -> Schedule:
    """Ask for a draft of a period. Raises NotAllowed; ValidationError for days that cannot be."""
    _allow(actor)
    if last <= timezone.localdate():
        raise ValidationError({"last": _("This period is over.")})
    if last - first > LONGEST:
        raise ValidationError({"last": _("Choose half a year at most.")})
    schedule = Schedule.objects.create(
        body=actor.organisation, first=first, last=last, created_by=actor.user
    )
    return _ask(schedule, actor)


def _ask(schedule: Schedule, actor) -> Schedule:
    schedule.round += 1
    schedule.stopped_at = None
    schedule.save(update_fields=["round", "stopped_at", "changed_at"])
    jobs.enqueue(FILL, key=schedule.job_key, subject=schedule, actor=actor)
    return schedule


@transaction.atomic
def schedule_again(*, actor, schedule: Schedule) -> Schedule:
    """Place everything anew beside what is locked or accepted; while it is computed, that is it."""
    _allow(actor, schedule)
    fresh = Schedule.objects.select_for_update(of=("self",)).get(pk=schedule.pk)
    if job_of(fresh).state in (JobState.QUEUED, JobState.RUNNING):
        return fresh
    return _ask(fresh, actor)


def schedule_stop(*, actor, schedule: Schedule) -> None:
    """End a computation; the best plan until then is kept."""
    _allow(actor, schedule)
    Schedule.objects.filter(pk=schedule.pk, stopped_at=None).update(stopped_at=timezone.now())


def job_of(schedule: Schedule) -> Job:
    """Return the job that computes the present round."""
    return Job.objects.get(key=schedule.job_key)


def schedule_fill(schedule: Schedule, job: Job) -> None:
    """Compute a draft and keep it; the checker sees every plan before it is stored."""
    draft = _draft_of(schedule)

    def progress(percent: int) -> bool:
        jobs.progress(job, percent)
        return Schedule.objects.filter(pk=schedule.pk, stopped_at=None).exists()

    found = solve(draft.problem, seed=schedule.round, seconds=SEARCH, progress=progress)
    if wrong := faults(draft.problem, found.plan):
        raise AssertionError(wrong)
    with transaction.atomic():
        fresh = Schedule.objects.select_for_update(of=("self",)).get(pk=schedule.pk)
        if fresh.round != schedule.round:
            return
        _store(fresh, draft, found)


def _draft_of(schedule: Schedule) -> Draft:
    """Make the problem anew: what waits now, and what is locked and still can be."""
    kept = {str(row.item_id): row for row in schedule.rows.filter(locked=True, audit=None)}
    items = list(due_items(schedule.body, schedule.first, schedule.last))
    draft = draft_for(schedule.body, items, first=schedule.first, last=schedule.last)
    locked = {}
    for key, row in kept.items():
        placed = _placement(draft, row) if key in draft.items else None
        if placed and not faults(_alone(draft, key), {key: placed}):
            locked[key] = placed
    if not locked:
        return draft
    return draft_for(schedule.body, items, first=schedule.first, last=schedule.last, locked=locked)


def _alone(draft: Draft, key: str):
    """Return the problem without the order of stages, to ask about one placement by itself."""
    task = replace(draft.problem.task[key], after="")
    return replace(draft.problem, tasks=(task,), locked={})


def _placement(draft: Draft, row: ScheduleRow) -> Placement | None:
    begins = draft.problem.begins
    if row.starts_on is None or row.starts_on < begins:
        return None
    return Placement((row.starts_on - begins).days, (row.ends_on - begins).days, tuple(row.team))


def _store(schedule: Schedule, draft: Draft, found) -> None:
    locked = set(draft.problem.locked)
    schedule.rows.filter(audit=None).delete()
    done = set(schedule.rows.values_list("item_id", flat=True))
    teams = Teams(draft.problem)
    rows = []
    for key, item in draft.items.items():
        if item.pk in done:
            continue
        placed = found.plan.get(key)
        row = ScheduleRow(schedule=schedule, item=item, locked=key in locked)
        if placed is None:
            why = why_not(draft.problem, found.plan, key, teams)
            row.why = [[reason.code, dict(reason.facts)] for reason in why]
        else:
            row.starts_on, row.ends_on = draft.dates(placed)
            row.team = list(placed.team)
        rows.append(row)
    ScheduleRow.objects.bulk_create(rows)
    schedule.figures = {
        "plan": asdict(found.figures),
        "greedy": asdict(found.greedy),
        "seconds": found.seconds,
        "rounds": found.rounds,
        "begins": draft.problem.begins.isoformat(),
    }
    schedule.solved_at = timezone.now()
    schedule.save(update_fields=["figures", "solved_at", "changed_at"])


def rows_lock(*, actor, schedule: Schedule, rows: Iterable[ScheduleRow], locked: bool) -> int:
    """Keep rows as they are when the rest is computed anew, or let them go again."""
    _allow(actor, schedule)
    open_rows = schedule.rows.filter(pk__in=[row.pk for row in rows], audit=None)
    return open_rows.exclude(starts_on=None).update(locked=locked)


@dataclass
class Accepted:
    """How many rows became audits, and how many could not."""

    done: int = 0
    refused: int = 0


def rows_accept(*, actor, schedule: Schedule, rows: Iterable[ScheduleRow]) -> Accepted:
    """Begin to plan the audits of some rows, each in a transaction of its own.

    Stage 1 goes before stage 2. A row that does not hold any more, because somebody was booked or
    began to plan meanwhile, is left with the reason and not forced.
    """
    _allow(actor, schedule)
    keys = [row.pk for row in rows]
    found = Accepted()
    chosen = schedule.rows.filter(pk__in=keys, audit=None).exclude(starts_on=None)
    people = {str(person.pk): person for person in schedule.body.people(Role.AUDITOR)}
    for row in chosen.order_by("starts_on", "created_at"):
        try:
            _accept(actor, row, people)
        except (ValidationError, StaleState) as error:
            messages = error.messages if isinstance(error, ValidationError) else [str(error)]
            ScheduleRow.objects.filter(pk=row.pk).update(refusal=" ".join(messages))
            found.refused += 1
        else:
            found.done += 1
    return found


@transaction.atomic
def _accept(actor, row: ScheduleRow, people: dict) -> None:
    team = [people.get(key) for key in row.team]
    if None in team:
        raise ValidationError(_("Somebody of the team does not audit for the body any more."))
    item = with_facts(ProgrammeItem.objects.filter(pk=row.item_id)).get()
    audit = plan_placed(
        item=item, actor=actor, starts_on=row.starts_on, ends_on=row.ends_on, team=team
    )
    ScheduleRow.objects.filter(pk=row.pk).update(audit=audit, refusal="", locked=False)
