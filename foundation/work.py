"""What waits for whom, kept as rows so that queues of thousands are one query.

Every record of a workflow is a source of work: the awaited transitions of its status, each for
the people whom its right lets act. Others register a source of their own. Whoever writes the
journal has changed something, so `journal.record` calls `refresh` in the same transaction; what
it does not reach (members who come and go, days that pass) `rebuild` does.
"""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from foundation import jobs
from foundation.actor import OPERATOR
from foundation.models import WorkItem
from foundation.models.base import subject_type
from foundation.worksources import SOURCES, Source

CHUNK = 200
_PAUSED = ContextVar("paused", default=False)
_FACTS = (
    "thread", "status", "organisation_id", "overseen_by", "number", "client_zh", "client_en",
    "detail_zh", "detail_en", "url", "since", "due_on", "urgent_on", "shown_from",
    "client_id", "sole_id",
)  # fmt: skip


@contextmanager
def paused():
    """Leave the rows alone for a while, for whoever writes thousands of records; rebuild after."""
    token = _PAUSED.set(True)
    try:
        yield
    finally:
        _PAUSED.reset(token)


def refresh(obj) -> None:
    """Bring the work of one record, and of the story it belongs to, up to date."""
    if _PAUSED.get():
        return
    if subject_type(obj) == settings.WORK_PARTY:
        _refresh_later(obj)
    keys: dict[str, set] = defaultdict(set)
    for label, source in SOURCES.items():
        if source.of_thread is not None:
            keys[label].update(source.of_thread(obj.journal_thread))
    if subject_type(obj) in SOURCES:
        keys[subject_type(obj)].add(obj.pk)
    known = models.Q(thread=obj.journal_thread)
    for label, some in keys.items():
        known |= models.Q(subject_type=label, subject_id__in=some)
    rows = defaultdict(list)
    for row in WorkItem.objects.filter(known).prefetch_related("people"):
        rows[row.subject_type].append(row)
        keys[row.subject_type].add(row.subject_id)
    crews: dict = {}
    with transaction.atomic():
        for label, wanted in keys.items():
            if wanted:
                _write(SOURCES[label], _wanted(SOURCES[label], wanted, crews), rows[label])


def _refresh_later(party) -> None:
    """An organisation has another name or other members: all its work may read differently."""
    if WorkItem.objects.filter(_of(party.pk)).exists():
        jobs.enqueue("foundation.refresh_work", key=f"work:{uuid4()}", subject=party)


@jobs.job("foundation.refresh_work", title=_("Bring the queue of an organisation up to date"))
def refresh_organisation(job) -> None:
    """Bring all work of one organisation up to date, after its members have changed."""
    keys = defaultdict(list)
    for label, key in (
        WorkItem.objects.filter(_of(job.subject_id))
        .values_list("subject_type", "subject_id")
        .distinct()
    ):
        keys[label].append(key)
    for label, wanted in keys.items():
        _in_chunks(SOURCES[label], wanted)


def _of(organisation_id):
    return (
        models.Q(organisation_id=organisation_id)
        | models.Q(overseen_by=organisation_id)
        | models.Q(client_id=organisation_id)
    )


def rebuild() -> None:
    """Bring all work up to date, also what became stale unnoticed."""
    for label, source in SOURCES.items():
        wanted = set(source.candidates())
        wanted.update(
            WorkItem.objects.filter(subject_type=label).values_list("subject_id", flat=True)
        )
        _in_chunks(source, sorted(wanted))
    WorkItem.objects.exclude(subject_type__in=SOURCES).delete()


def stale() -> list[str]:
    """Say which records have other work than the rows tell; an empty list means in order."""
    wrong = []
    for label, source in SOURCES.items():
        keys = set(source.candidates())
        keys.update(
            WorkItem.objects.filter(subject_type=label).values_list("subject_id", flat=True)
        )
        for some in _chunks(sorted(keys)):
            wanted = _wanted(source, some, {})
            present = {(row.subject_id, row.action): row for row in _present(source, some)}
            for key in sorted(wanted.keys() | present.keys()):
                row, expected = present.get(key), wanted.get(key)
                if row is None or expected is None or _differs(row, *expected):
                    wrong.append(f"{label} {key[0]} {key[1]}")
    return wrong


def _chunks(keys):
    return [keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK)]


def _in_chunks(source, keys):
    for some in _chunks(keys):
        _sync(source, some)


@transaction.atomic
def _sync(source: Source, keys: Iterable) -> None:
    """Make the rows of some records what the records ask for."""
    _write(source, _wanted(source, keys, {}), _present(source, keys))


def _write(source: Source, wanted: dict, rows: Iterable[WorkItem]) -> None:
    """Write what differs between the rows there are and what is wanted."""
    present = {(row.subject_id, row.action): row for row in rows}
    gone = [row.pk for key, row in present.items() if key not in wanted]
    if gone:
        WorkItem.objects.filter(pk__in=gone).delete()
    for (key, action), (facts, people) in wanted.items():
        row = present.get((key, action))
        if row is not None and not _differs(row, facts, people):
            continue
        if row is None:
            row = WorkItem(subject_type=source.label_lower, subject_id=key, action=action)
        for name, value in facts.items():
            setattr(row, name, value)
        if row.assignee_id is not None and row.assignee_id not in people:
            row.assignee_id = None
        row.save()
        row.people.set(people)


def _present(source, keys):
    rows = WorkItem.objects.filter(subject_type=source.label_lower, subject_id__in=keys)
    return rows.prefetch_related("people")


def _differs(row, facts, people):
    # Saving an answer makes a record younger; what waits for somebody still waits since then,
    # and without a date of its own it becomes urgent no later.
    kept = {"since"} if facts["due_on"] else {"since", "urgent_on"}
    return {person.pk for person in row.people.all()} != people or any(
        getattr(row, name) != facts[name] for name in _FACTS if name not in kept
    )


def _wanted(source, keys, crews):
    """Return {(key, action): (facts, people)} of the records with these keys.

    ``crews`` are the people of organisations asked for before; those of others are added.
    """
    rows = list(source.load(keys))
    if not rows:
        return {}
    parties = {party for row in rows for party in _parties(row) if party}
    if OPERATOR in source.roles:
        parties.add(OPERATOR)
    if new := parties - crews.keys():
        crews |= dict.fromkeys(new, ()) | import_string(settings.WORK_CREWS)(new)
    wanted = {}
    for row in rows:
        tasks = list(source.tasks(row))
        for action, actors in _who(row, tasks, crews).items():
            people = {actor.user.pk for actor in actors}
            facts = _facts(source, row, actors[0]) | {
                "sole_id": next(iter(people)) if len(people) == 1 else None
            }
            wanted[row.pk, action] = (facts, people)
    return wanted


def _parties(row):
    """Return the organisations whose people may have to act on a record."""
    names = ("enterprise_id", "body_id", "authority_id")
    return tuple(getattr(row, name, None) for name in names)


def _who(row, tasks, crews):
    """Return the actors of each task; a person has the first one the rights allow."""
    found = defaultdict(list)
    for party in (*_parties(row), OPERATOR):
        for actor in crews.get(party, ()) if tasks else ():
            for task in tasks:
                held = actor.roles | ({OPERATOR} if actor.is_operator else set())
                if task.right.roles & held and task.right(actor, row):
                    found[task.action].append(actor)
                    break
    return found


def _facts(source, row, actor):
    now = getattr(row, "desk_since", None) or row.changed_at
    due = getattr(row, "due_on", None)
    client = getattr(row, "enterprise", None) or getattr(row, "organisation", None)
    private = getattr(row, "is_private", False)
    return {
        "thread": row.journal_thread,
        "status": source.state(row),
        "organisation_id": actor.organisation_id,
        "overseen_by": None if private else getattr(row, "body_id", None),
        "client_id": client.pk if client else None,
        "number": getattr(row, "desk_number", str(row)),
        "client_zh": client.name_zh if client else "",
        "client_en": client.name_en if client else "",
        **_detail(row),
        "url": getattr(row, "desk_url", None) or row.get_absolute_url(),
        "since": now,
        "due_on": due,
        "urgent_on": due or timezone.localdate(now) + WorkItem.USUAL,
        "shown_from": getattr(row, "shown_from", None),
    }


def _detail(row):
    facts = {}
    for name, language in (("detail_zh", "zh-hans"), ("detail_en", "en")):
        with translation.override(language):
            facts[name] = str(getattr(row, "desk_detail", ""))[:300]
    return facts
