"""Give a piece of work to one of the people who may do it."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from foundation import journal, notices, timeline
from foundation.access import ALLOWED, Denied, Right
from foundation.models import WorkItem
from foundation.workflow import NotAllowed, StaleState

notices.register(
    "work.assigned",
    title=_("For you: %(title)s"),
    body=_("%(by)s has given you %(name)s."),
    group=notices.WORK,
)
timeline.register("work.assigned", _("Work given to one person"))
timeline.register("work.released", _("Work given back to everybody who may do it"))


def _assigns(actor, item):
    if item is None:
        return ALLOWED if actor.organisation_id else Denied(_("Sign in first."))
    if actor.oversees and item.overseen_by == actor.organisation_id == item.organisation_id:
        return ALLOWED
    if item.organisation_id == actor.organisation_id and item.people.filter(pk=actor.user.pk):
        return ALLOWED
    return Denied(_("This work waits for somebody else."))


ASSIGNS = Right("hands out the work of the own organisation", _assigns)


@transaction.atomic
def assign(*, actor, item: WorkItem, person=None) -> WorkItem:
    """Give a piece of work to a person, or with None back to everybody who may do it.

    Raises NotAllowed when the actor has no say in it or the person may not do it, StaleState
    when it was given to somebody else meanwhile, or is done.
    """
    access = ASSIGNS(actor, item)
    if not access:
        raise NotAllowed(access.reason)
    if person is not None and not item.people.filter(pk=person.pk).exists():
        raise NotAllowed(_("%(name)s may not do this.") % {"name": person.name})
    if item.assignee_id == (person.pk if person else None):
        return item
    subject = next(iter(item.source.load([item.subject_id])), None)
    changed = WorkItem.objects.filter(pk=item.pk, assignee=item.assignee_id).update(assignee=person)
    if not changed or subject is None:
        raise StaleState(_("Somebody else was faster. Nothing was changed."))
    journal.record(
        subject,
        "work.assigned" if person else "work.released",
        actor,
        {"person": person.name} if person else {},
        internal_to=item.organisation_id,
    )
    if person is not None and person != actor.user:
        facts = notices.in_both("title", str, item.title) | notices.in_both(
            "name", lambda row: row.name, item
        )
        notices.notify(
            "work.assigned", to=[person], obj=subject, url=item.url, by=actor.name, **facts
        )
    item.refresh_from_db()
    return item
