"""The daily digest: one e-mail a day that says what is due and what is new."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.apps import apps
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from foundation import jobs, notices
from foundation.formatting import listed
from foundation.models import Delivery, Digest, Notice, NoticeChoice, WorkItem
from organisations.actors import actor_for

MAIL = "portal.mail_digest"
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Content:
    """What one digest says: overdue work, work due within seven days, and news."""

    overdue: list
    soon: list
    news: list

    def __bool__(self):
        return bool(self.overdue or self.soon or self.news)

    @property
    def sentence(self) -> str:
        """The whole digest in one line: 1 overdue, 2 due this week, 3 news."""
        parts = []
        if count := len(self.overdue):
            parts.append(ngettext("%(n)s overdue", "%(n)s overdue", count) % {"n": count})
        if count := len(self.soon):
            words = ngettext("%(n)s due within a week", "%(n)s due within a week", count)
            parts.append(words % {"n": count})
        if count := len(self.news):
            parts.append(ngettext("%(n)s message", "%(n)s messages", count) % {"n": count})
        return listed(parts) if parts else _("Nothing is due")


def actors_of(user) -> list:
    """Return a person as each of the parties he or she acts for."""
    first = actor_for(user)
    return [actor_for(user, organisation.pk) for organisation in first.memberships] or [first]


def due_items(actors, today: date) -> list:
    """Return what waits for these actors and is overdue or due within seven days, soonest first."""
    due = WorkItem.objects.open(today).filter(due_on__lte=today + WEEK)
    return sorted(
        (item for actor in actors for item in due.waiting_for(actor)),
        key=lambda item: (item.urgent_on, item.since),
    )


def people_with_due(today: date) -> set:
    """Return the keys of everybody for whom something is due, in one query."""
    due = WorkItem.objects.open(today).filter(due_on__lte=today + WEEK)
    given = Q(assignee=None) | Q(assignee=F("people"))
    return set(due.filter(given).values_list("people", flat=True).distinct())


def content_of(user, rows, *, with_due: bool = True) -> Content:
    """Return what a digest with these notices tells a person now, in the active language."""
    today, actors = timezone.localdate(), actors_of(user)
    items = due_items(actors, today) if with_due else []
    news = []
    for notice in _concerning(rows, actors):
        notice.title, notice.body = notices.texts(notice)
        news.append(notice)
    return Content(
        overdue=[item for item in items if item.due_on < today],
        soon=[item for item in items if item.due_on >= today],
        news=news,
    )


def _concerning(rows, actors) -> list:
    """Leave out what is about records the person may not see any more."""
    rows = list(rows)
    by_type = {}
    for notice in rows:
        by_type.setdefault(notice.subject_type, set()).add(notice.subject_id)
    visible = {("", None)}
    for label, keys in by_type.items():
        manager = apps.get_model(label).objects if label else None
        if hasattr(manager, "visible_to"):
            for actor in actors:
                found = manager.visible_to(actor).filter(pk__in=keys)
                visible |= {(label, key) for key in found.values_list("pk", flat=True)}
        else:
            visible |= {(label, key) for key in keys}
    return [row for row in rows if (row.subject_type, row.subject_id) in visible]


def make(day: date, tick=lambda: None) -> int:
    """Prepare the digests of a day for everybody who has something to read; return how many.

    One row a person and day: what was made before a crash is not made again.
    """
    silent = NoticeChoice.objects.filter(group=notices.DUE.key, level=Delivery.NEVER)
    readers = people_with_due(day) - set(silent.values_list("user_id", flat=True))
    readers |= set(Notice.objects.waiting_for_digest().values_list("recipient_id", flat=True))
    count = 0
    people = User.objects.filter(pk__in=readers, is_active=True).exclude(digests__day=day)
    for user in people.order_by("pk"):
        tick()
        count += _make_one(user, day)
    return count


@transaction.atomic
def _make_one(user, day: date) -> bool:
    digest, created = Digest.objects.get_or_create(recipient=user, day=day)
    if created:
        Notice.objects.filter(recipient=user).waiting_for_digest().update(digest=digest)
        jobs.enqueue(MAIL, key=f"digest:{digest.pk}", subject=digest)
    return created
