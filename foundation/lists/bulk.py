"""One action on many rows of a list: each in its own transaction, with a result of its own."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation import actor as actors
from foundation import jobs
from foundation.access import SIGNED_IN, Right
from foundation.lists.declared import ListPage, find
from foundation.lists.listing import Listing
from foundation.models import BulkItem, BulkRun
from foundation.models.lists import BulkState
from foundation.workflow import Incomplete

logger = logging.getLogger(__name__)
JOB = "foundation.bulk"
PICK, EVERY = "pick", "all"
REPORT_EVERY = 1.0
CHUNK = 500


@dataclass(frozen=True)
class BulkAction:
    """What a list lets people do with many rows at once.

    ``each(obj, actor, **facts)`` does it to one row, fetched through the actor; it refuses with
    ValidationError or PermissionDenied and a reason for people. ``right`` is asked without a row
    for the button and with each row. ``form`` asks for what all rows share: its ``facts(…)``, or
    its cleaned data, must fit JSON and come back to ``each`` as JSON gives them.
    """

    name: str
    label: Any
    each: Callable
    title: Any = ""
    text: Any = ""
    right: Right = SIGNED_IN
    form: Callable[..., forms.Form] | None = None


def actions_for(page: ListPage, actor) -> list[BulkAction]:
    """Return what this actor may do with many rows of a list."""
    return [action for action in page.bulk if action.right(actor)]


def action_of(page: ListPage, name: str, actor) -> BulkAction:
    """Return one action of a list. Raises KeyError or PermissionDenied."""
    action = next((one for one in page.bulk if one.name == name), None)
    if action is None:
        raise KeyError(name)
    access = action.right(actor)
    if not access:
        raise PermissionDenied(access.reason)
    return action


def selected(listing: Listing, query) -> list:
    """Return the keys of the rows an address selects: those ticked, or all that match.

    What the actor may not see is not among them.
    """
    if query.get(EVERY):
        return list(listing.rows.values_list("pk", flat=True)[: settings.LIST_BULK_LIMIT + 1])
    field = listing.filters.queryset.model._meta.pk
    wanted = []
    for text in dict.fromkeys(query.getlist(PICK)):
        try:
            wanted.append(field.to_python(text))
        except ValidationError:
            continue
    return list(listing.visible.filter(pk__in=wanted).values_list("pk", flat=True))


@transaction.atomic
def bulk_start(*, actor, listing: Listing, action: BulkAction, keys, facts: dict) -> BulkRun:
    """Write down what is to be done with which rows, and ask for the job that does it."""
    run = BulkRun.objects.create(
        person=actor.user,
        organisation_id=actor.organisation_id,
        list_name=listing.page.name,
        place={name: str(value) for name, value in listing.place.items()},
        action=action.name,
        facts=facts,
        total=len(keys),
        back=listing.address[:1000],
    )
    rows = (BulkItem(run=run, object_id=str(key)) for key in keys)
    BulkItem.objects.bulk_create(rows, batch_size=CHUNK)
    jobs.enqueue(JOB, key=f"bulk:{run.pk}", subject=run, actor=actor)
    return run


@jobs.job(
    JOB, title=gettext_lazy("Bulk action"), retry_for=(OperationalError, OSError), max_attempts=8
)
def bulk_perform(job):
    """Do the rows of a bulk action that are not done yet, with the rights its person has now."""
    run = BulkRun.objects.select_related("person").get(pk=job.subject_id)
    BulkRun.objects.filter(pk=run.pk, started_at=None).update(started_at=timezone.now())
    page = find(run.list_name)
    with translation.override(run.person.language):
        try:
            actor = actors.again(run.person, run.organisation_id)
            action = action_of(page, run.action, actor)
        except (LookupError, PermissionDenied) as refusal:
            run.items.filter(state=BulkState.WAITING).update(
                state=BulkState.REFUSED, reason=_why(refusal)
            )
            return
        work = _Work(page, run, action, actor)
        said = time.monotonic()
        waiting = list(run.items.filter(state=BulkState.WAITING).values_list("pk", "object_id"))
        for done, (key, object_id) in enumerate(waiting, run.total - len(waiting) + 1):
            work.do(key, object_id)
            if time.monotonic() - said > REPORT_EVERY:
                said = time.monotonic()
                jobs.progress(job, min(99, done * 100 // run.total))


@dataclass(frozen=True)
class _Work:
    page: ListPage
    run: BulkRun
    action: BulkAction
    actor: Any

    def do(self, key, object_id) -> None:
        """Do one row: its effect and its result are one transaction, so it is never done twice."""
        item = BulkItem.objects.filter(pk=key, state=BulkState.WAITING)
        try:
            with transaction.atomic():
                if item.update(state=BulkState.DONE):
                    row = self._row(object_id)
                    self.action.each(row, self.actor, **self.run.facts)
        except (ValidationError, PermissionDenied) as refusal:
            item.update(state=BulkState.REFUSED, reason=_why(refusal))
        except OperationalError:
            raise  # the whole job is tried again, and goes on where it stood
        except Exception as error:
            logger.exception("bulk action %s, row %s", self.run.pk, object_id)
            item.update(state=BulkState.FAILED, reason=jobs.describe(error))

    def _row(self, object_id):
        """Return the row through the actor, if the action may be done with it."""
        rows = self.page.rows(self.actor, **self.run.place).order_by()
        row = rows.filter(pk=object_id).first()
        if row is None:
            raise ValidationError(_("You cannot see this record any more."))
        access = self.action.right(self.actor, row)
        if not access:
            raise PermissionDenied(access.reason)
        return row


def _why(refusal) -> str:
    """Return the reason of a refusal in words."""
    if isinstance(refusal, ValidationError):
        return " ".join(str(text) for text in refusal.messages)
    if isinstance(refusal, Incomplete):
        return " ".join(str(blocker.message) for blocker in refusal.blockers)
    return str(refusal)
