"""Applications: an enterprise's own, or those a body has received."""

from itertools import product

import django_filters
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from certification.enums import ApplicationKind, ApplicationStatus
from certification.flows.applications import APPLICATION_FLOW
from certification.lists.reminding import reminding
from certification.models import Application
from certification.services.reminders import application_remind
from foundation.access import IS_OPERATOR
from foundation.lists import Action, Empty, Filters, ListPage, View, register
from foundation.tables import Column
from organisations.enums import Kind, Role
from organisations.rights import ACTS
from schemes.models import Scheme

_S = ApplicationStatus
_CLOSED = (_S.SIGNED, _S.DECLINED, _S.REJECTED, _S.CANCELLED)
_CELLS = "certification/application_cells"


def _in(*statuses):
    return Q(status__in=statuses)


_ENTERPRISE_VIEWS = (
    View("open", gettext_lazy("Open"), ~_in(*_CLOSED)),
    View("yours", gettext_lazy("Waiting for you"), _in(_S.RETURNED, _S.OFFERED), hot=True),
    View("drafts", gettext_lazy("Drafts"), _in(_S.DRAFT)),
    View("body", gettext_lazy("With the body"), _in(_S.SUBMITTED, _S.IN_REVIEW, _S.ACCEPTED)),
    View("closed", gettext_lazy("Closed"), _in(*_CLOSED)),
    View("all", gettext_lazy("All")),
)
_BODY_VIEWS = (
    View("open", gettext_lazy("Open"), ~_in(*_CLOSED, _S.DRAFT)),
    View("new", gettext_lazy("New"), _in(_S.SUBMITTED), hot=True),
    View("review", gettext_lazy("In review"), _in(_S.IN_REVIEW)),
    View("offer", gettext_lazy("To be offered"), _in(_S.ACCEPTED)),
    View("applicant", gettext_lazy("With the applicant"), _in(_S.RETURNED, _S.OFFERED)),
    View("closed", gettext_lazy("Closed"), _in(*_CLOSED)),
    View("all", gettext_lazy("All"), ~_in(_S.DRAFT)),
)
_MAIN = Column(
    gettext_lazy("Application"), template=f"{_CELLS}/main.html", main=True, sort="number"
)
_STATUS = Column(gettext_lazy("Status"), template=f"{_CELLS}/status.html")
_NEXT = Column(gettext_lazy("Next step"), field="next_step")
_ENTERPRISE_COLUMNS = (
    _MAIN,
    Column(gettext_lazy("Certification body"), template=f"{_CELLS}/body.html"),
    _STATUS,
    _NEXT,
    Column(gettext_lazy("Changed"), template=f"{_CELLS}/changed.html", sort="changed_at"),
)
_BODY_COLUMNS = (
    Column(gettext_lazy("Client"), template=f"{_CELLS}/client.html", main=True, sort="number"),
    _STATUS,
    _NEXT,
    Column(gettext_lazy("Due"), template=f"{_CELLS}/due.html", sort="review_due_on"),
    Column(gettext_lazy("Reviewer"), template=f"{_CELLS}/reviewer.html"),
)


def next_step(application, actor) -> str:
    """Return what is expected next: the reader's own act, or whom it waits for."""
    awaited = [
        row
        for row in APPLICATION_FLOW.transitions
        if application.status in row.sources and row.is_awaited(application)
    ]
    for row in awaited:
        if row.right(actor, application):
            return row.task or row.title
    if not awaited:
        return ""
    owners = awaited[0].right.roles & {Role.OWNER, Role.MEMBER}
    return _("Waiting for the applicant") if owners else _("Waiting for the body")


class ApplicationFilters(Filters):
    hint = gettext_lazy("Number or name")
    words = (
        "number",
        *(f"{p}__name_{tag}" for p, tag in product(("enterprise", "body"), ("zh", "en"))),
    )

    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("Kind"),
        choices=ApplicationKind.choices,
        empty_label=gettext_lazy("Every kind"),
    )
    scheme = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Standard"),
        field_name="schemes__scheme",
        queryset=Scheme.objects.all(),
        to_field_name="code",
        empty_label=gettext_lazy("Every standard"),
    )


class ApplicationList(ListPage):
    name = "applications"
    url_name = "certification:applications"
    title = gettext_lazy("Applications")
    counted = ngettext_lazy("%(n)s application", "%(n)s applications", "n")
    right = IS_OPERATOR | ACTS
    filters = ApplicationFilters
    sorts = {
        name: (name,)
        for name in ("number", "created_at", "changed_at", "submitted_at", "review_due_on")
    }
    order = "-changed_at"
    bulk = (reminding(application_remind),)

    def rows(self, actor):
        rows = Application.objects.visible_to(actor)
        return rows.select_related("enterprise", "body", "reviewer", "review").prefetch_related(
            "schemes__edition"
        )

    def views_for(self, actor):
        return _ENTERPRISE_VIEWS if actor.kind == Kind.ENTERPRISE else _BODY_VIEWS

    def columns_for(self, actor):
        return _ENTERPRISE_COLUMNS if actor.kind == Kind.ENTERPRISE else _BODY_COLUMNS

    def prepare(self, rows, actor):
        today = timezone.localdate()
        for row in rows:
            row.next_step = next_step(row, actor)
            row.standards = [item.edition.local_designation(today) for item in row.schemes.all()]
        return rows

    def actions(self, actor):
        if actor.kind != Kind.ENTERPRISE:
            return ()
        url = reverse("certification:application_new")
        return (Action(_("Start an application"), url, primary=True),)

    def empty_for(self, actor):
        if actor.kind != Kind.ENTERPRISE:
            text = _("What enterprises send to your body appears here.")
            return Empty(_("No applications here"), text, "file")
        return Empty(
            _("No applications here"),
            _(
                "An application takes about half an hour when your licence and sites are "
                "registered. It is kept as you type."
            ),
            "file",
            reverse("certification:application_new"),
            _("Start an application"),
        )

    def export_columns(self, actor):
        today = timezone.localdate()
        names_reviewer = actor.kind == Kind.BODY
        return (
            (_("Number"), lambda row: row.number),
            (_("Kind"), lambda row: row.get_kind_display()),
            (_("Standards"), lambda row: _standards(row, today)),
            (_("Enterprise"), lambda row: row.enterprise.name),
            (_("Identifier"), lambda row: row.enterprise.identifier),
            (_("Certification body"), lambda row: row.body.name if row.body else ""),
            (_("Status"), lambda row: row.get_status_display()),
            (_("Next step"), lambda row: row.next_step),
            (_("Sent"), lambda row: row.submitted_at and timezone.localdate(row.submitted_at)),
            (_("Due"), lambda row: row.due_on),
            (_("Reviewer"), lambda row: row.reviewer.name if _named(row, names_reviewer) else ""),
        )


def _standards(row, today) -> str:
    return ", ".join(item.edition.designations(today) for item in row.schemes.all())


def _named(row, names_reviewer) -> bool:
    return names_reviewer and row.reviewer is not None


APPLICATIONS = register(ApplicationList())
