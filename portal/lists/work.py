"""The queue: everything that waits for the people of one organisation."""

from collections import Counter
from datetime import timedelta
from functools import cache, partial

import django_filters
from django.apps import apps
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from foundation.access import SIGNED_IN
from foundation.actor import OPERATOR
from foundation.lists import Choices, Empty, Filters, ListPage, View, register
from foundation.markup import kept
from foundation.models import WorkItem
from foundation.tables import Column
from foundation.worksources import SOURCES
from organisations.enums import ROLES_OF, Kind
from portal.chores import failed_jobs
from portal.lists import work_cells
from portal.lists.assigning import ACTIONS, colleagues

NOBODY = "nobody"


def _is_mine(actor):
    """Say which work this person may do and nobody else has been given."""
    may = WorkItem.people.through.objects.filter(user=actor.user).values("workitem")
    free = Q(assignee=actor.user) | Q(assignee=None)
    return Q(pk__in=may) & free & Q(organisation_id=actor.organisation_id)


def _is_ours(actor):
    return Q(organisation_id=actor.organisation_id)


def _is_past_due(actor):
    return Q(due_on__lt=timezone.localdate())


def _is_overdue(actor):
    return _is_ours(actor) & _is_past_due(actor)


def _is_due_today(actor):
    return Q(due_on=timezone.localdate())


def _is_due_this_week(actor):
    today = timezone.localdate()
    sunday = today + timedelta(days=6 - today.weekday())
    return _is_ours(actor) & Q(due_on__range=(today, sunday))


def _is_the_clients(actor):
    return ~_is_ours(actor)


def _is_unassigned(actor):
    return _is_ours(actor) & Q(assignee=None, sole=None)


_OWN = (
    View("mine", gettext_lazy("My queue"), _is_mine),
    View("overdue", gettext_lazy("Overdue"), _is_overdue, hot=True),
    View("week", gettext_lazy("Due this week"), _is_due_this_week),
)
_DESK = (
    *_OWN,
    View("client", gettext_lazy("Waiting for the client"), _is_the_clients),
    View("unassigned", gettext_lazy("Unassigned"), _is_unassigned),
    View("ours", gettext_lazy("All of ours"), _is_ours),
)


@kept
def _titles(label):
    """Map each action that a kind of record can wait for to what it is called."""
    found = {}
    for task in SOURCES[label].steps() if label in SOURCES else ():
        found.setdefault(task.action, str(task.title))
    return found


def _alike(label, action):
    """Return the actions that are called like one: whichever it becomes, it is the same work."""
    titles = _titles(label)
    return [one for one, title in titles.items() if title == titles.get(action)]


@kept
def _steps(roles):
    """Return the steps that can wait for people of these roles, each name once."""
    found = {}
    for source in SOURCES.values():
        titles = _titles(source.label_lower)
        for task in source.steps():
            if task.right.roles & roles:
                name = (titles[task.action], source.label_lower)
                found.setdefault(name, f"{source.label_lower}:{task.action}")
    often = Counter(title for title, _label in found)
    return tuple(
        (value, title if often[title] == 1 else f"{title} · {_kind(label)}")
        for (title, label), value in sorted(found.items())
    )


def _kind(label):
    return apps.get_model(label)._meta.verbose_name


def _steps_of(actor):
    """Return the steps of an organisation's work, and of those it waits for."""
    if actor.is_operator:
        return _steps(frozenset({OPERATOR}))
    roles = ROLES_OF.get(actor.kind, ())
    return _steps(frozenset((*roles, *(ROLES_OF[Kind.ENTERPRISE] if actor.oversees else ()))))


class StepsField(django_filters.fields.MultipleChoiceField):
    """Steps by ``record:action``; an address may name any of those that are called alike."""

    def valid_value(self, value):
        label, _colon, action = value.partition(":")
        return action in _titles(label)


class Steps(django_filters.MultipleChoiceFilter):
    field_class = StepsField


def _people(actor):
    names = [(str(pk), name) for pk, name in colleagues(actor).values_list("pk", "name")]
    return [(NOBODY, gettext_lazy("Nobody yet")), *names]


class WorkFilters(Filters):
    hint = gettext_lazy("Client, number or what is certified")
    words = ("number", "client_zh", "client_en", "detail_zh", "detail_en")

    step = Steps(label=gettext_lazy("Next step"), choices=(), method="of_steps", widget=Choices)
    who = django_filters.ChoiceFilter(
        label=gettext_lazy("Who"), method="of_person", empty_label=gettext_lazy("Anybody")
    )

    def __init__(self, data, *, queryset, actor):
        super().__init__(data, queryset=queryset, actor=actor)
        self.form.fields["step"].choices = partial(_steps_of, actor)
        # Asked for only where the filter is shown or used, and then once.
        self.form.fields["who"].choices = cache(partial(_people, actor))

    def of_steps(self, rows, name, values):
        """Keep the work of these steps."""
        wanted = Q(pk__in=[])
        for value in values:
            label, _colon, action = value.partition(":")
            wanted |= Q(subject_type=label, action__in=_alike(label, action))
        return rows.filter(wanted)

    def of_person(self, rows, name, value):
        """Keep the work of one person, or that of nobody."""
        if value == NOBODY:
            return rows.filter(assignee=None, sole=None)
        return rows.filter(Q(assignee_id=value) | Q(assignee=None, sole_id=value))


# What cells, export and bulk actions read of a row; of people their names alone.
_SHOWN = ("number", "client_zh", "client_en", "detail_zh", "detail_en", "subject_type", "action",
          "status", "url", "since", "due_on", "organisation_id", "overseen_by")  # fmt: skip


class WorkList(ListPage):
    name = "work"
    url_name = "work"
    title = gettext_lazy("Work")
    counted = ngettext_lazy("%(n)s item", "%(n)s items", "n")
    right = SIGNED_IN
    filters = WorkFilters
    sorts = {"due": ("urgent_on", "since"), "client": ("client_zh",), "since": ("since",)}
    order = "due"
    template = "portal/queue.html"
    bulk = ACTIONS
    parts = {"overdue": _is_past_due, "today": _is_due_today}
    columns = (
        Column(gettext_lazy("Client"), write=work_cells.client, main=True, sort="client"),
        Column(gettext_lazy("Next step"), write=work_cells.step),
        Column(gettext_lazy("Due"), write=work_cells.due, sort="due"),
        Column(gettext_lazy("Who"), write=work_cells.who),
    )

    def rows(self, actor):
        rows = WorkItem.objects.visible_to(actor).open().select_related("assignee", "sole")
        return rows.only(*_SHOWN, "assignee__name", "sole__name")

    def views_for(self, actor):
        return _DESK if actor.oversees else _OWN

    def heading(self, listing):
        """A queue is called as its view."""
        return listing.view.label

    def sentence(self, listing):
        """Say how much there is, and how much of it is urgent."""
        words = [_("%(words)s.") % {"words": super().sentence(listing)}]
        urgent = listing.parts
        if urgent["overdue"]:
            text = ngettext("%(n)s is overdue.", "%(n)s are overdue.", urgent["overdue"])
            words.append(text % {"n": urgent["overdue"]})
        if urgent["today"]:
            text = ngettext("%(n)s is due today.", "%(n)s are due today.", urgent["today"])
            words.append(text % {"n": urgent["today"]})
        return " ".join(words)

    def context(self, listing):
        return {"failed_jobs": failed_jobs(listing.actor).count()}

    def empty_for(self, actor):
        return Empty(_("Nothing waits for you"), _("What you can do appears here."), "tick")

    def export_columns(self, actor):
        return (
            (_("Number"), lambda row: row.number),
            (_("Client"), lambda row: row.client),
            (_("What"), lambda row: row.detail),
            (_("Next step"), lambda row: row.title),
            (_("Status"), lambda row: row.state),
            (_("Due"), lambda row: row.due_on),
            (_("Who"), lambda row: row.who),
        )


WORK = register(WorkList())
