"""The journal: whole, in step with the records, not ahead of the clock."""

from datetime import timedelta

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value, Window
from django.db.models.functions import Coalesce, Lag
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation import journal
from foundation.checkup import WARNING, Finding, check, name_of
from foundation.models import JournalChain, JournalEntry
from foundation.models.base import subject_type
from foundation.workflow import FLOWS, SAME

SKEW = timedelta(seconds=60)


def _moves():
    return JournalEntry.objects.exclude(after="")


@check("journal.chains", gettext_lazy("Every chain of the journal is whole up to its head."))
def chains():
    """Recompute each chain; heads without entries and entries without a head count too."""
    names = set(JournalChain.objects.values_list("name", flat=True))
    names |= set(JournalEntry.objects.order_by().values_list("chain", flat=True).distinct())
    for name in sorted(names):
        for problem in journal.verify(name):
            yield Finding(
                problem,
                _("Compare with the last good backup, and find out who reached the database."),
                f"foundation.journalchain {name}",
            )


@check("journal.statuses", gettext_lazy("Every status is what the journal said last."))
def statuses():
    """Compare the status of each record with the last transition that the journal tells of."""
    for flow in FLOWS.values():
        told = _moves().filter(subject_type=flow.model._meta.label_lower, subject_id=OuterRef("pk"))
        last = Subquery(told.order_by("-pk").values("after")[:1])
        rows = flow.model._base_manager.annotate(told=Coalesce(last, Value("")))
        began = Q(told="") & Q(**{f"{flow.status_field}__in": flow.begins})
        wrong = rows.exclude(began).exclude(told=F(flow.status_field))
        for row in wrong.iterator():
            yield Finding(
                _("%(record)s is “%(status)s”, and its journal ended with “%(told)s”.")
                % {"record": row, "status": flow.status_of(row), "told": row.told or flow.start},
                _("Something wrote past the workflow. Read its journal and decide which is true."),
                name_of(row),
            )


@check("journal.steps", gettext_lazy("No transition is missing from the journal."))
def steps():
    """Compare what each entry began with and what the one before it ended with."""
    pairs = _moves().annotate(
        ended=Window(
            Lag("after"),
            partition_by=[F("subject_type"), F("subject_id")],
            order_by=F("id").asc(),
        )
    )
    for entry in pairs.exclude(ended=None).exclude(ended=F("before")).iterator():
        yield Finding(
            _("Entry %(number)s of chain %(chain)s begins with “%(before)s” where the one before"
              " it ended with “%(ended)s”.")
            % {"number": entry.number, "chain": entry.chain, "before": entry.before,
               "ended": entry.ended},
            _("A step was taken past the workflow. Read the journal of the record."),
            f"{entry.subject_type} {entry.subject_id}",
        )  # fmt: skip


@check("journal.verbs", gettext_lazy("Every step in the journal is one that its workflow knows."))
def verbs():
    """Compare the kinds of steps taken with the tables; a rule may have changed since."""
    taken = (
        _moves()
        .order_by()
        .values_list("subject_type", "verb", "before", "after")
        .annotate(count=models.Count("pk"))
    )
    tables = {subject_type(flow.model): flow for flow in FLOWS.values()}
    for subject, verb, before, after, count in taken:
        flow = tables.get(subject)
        prefix, _dot, action = verb.partition(".")
        if flow is None or prefix != flow.name or not before:
            continue
        known = [row for row in flow.transitions if row.action == action and before in row.sources]
        if not any(after == (before if row.target is SAME else row.target) for row in known):
            yield Finding(
                _("%(count)s times “%(verb)s” led from “%(before)s” to “%(after)s”.")
                % {"count": count, "verb": verb, "before": before, "after": after},
                _("Right if the workflow had this step then; otherwise read these entries."),
                subject,
                WARNING,
            )


@check("journal.clock", gettext_lazy("The clock is not before the last entry of the journal."))
def clock():
    """Find entries of the future: the clock of a machine was or is wrong."""
    last = JournalEntry.objects.aggregate(at=models.Max("at"))["at"]
    if last is not None and last > timezone.now() + SKEW:
        yield Finding(
            _("The journal was written until %(last)s, and the clock says %(now)s.")
            % {"last": last.isoformat(), "now": timezone.now().isoformat()},
            _("Set the clock of every machine by the same time service before work goes on."),
        )
