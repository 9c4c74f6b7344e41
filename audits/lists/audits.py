"""Audits, findings, and the audits of the programme that wait for a planner."""

import django_filters
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy, pgettext

from audits.enums import ENDED, WITH_CLIENT, AuditStatus, FindingStatus, Grade
from audits.models import Audit, AuditMember, Finding
from audits.queries.programme import waiting_items
from audits.rights import ABSENCES
from audits.services.reminders import finding_remind
from certification.enums import AuditKind
from certification.lists.reminding import reminding
from foundation.lists import Action, Empty, Filters, ListPage, View, register
from foundation.tables import Column
from organisations.enums import Kind
from organisations.rights import ACTS, PLANNER

_S, _F = AuditStatus, FindingStatus
_CELLS = "audits/cells"


def _in(*statuses):
    return Q(status__in=statuses)


def _is_member(**somebody):
    """Return the condition that somebody is on the team of an audit."""
    return Exists(AuditMember.objects.filter(audit=OuterRef("pk"), **somebody))


class AuditFilters(Filters):
    hint = _("Number, client or auditor")
    words = ("number", "enterprise__name_zh", "enterprise__name_en")

    kind = django_filters.ChoiceFilter(
        label=_("Kind of audit"), choices=AuditKind.choices, empty_label=_("Every kind")
    )
    since = django_filters.DateFilter(label=_("From"), field_name="ends_on", lookup_expr="gte")
    until = django_filters.DateFilter(label=_("Until"), field_name="starts_on", lookup_expr="lte")

    def condition(self, words):
        return super().condition(words) | Q(_is_member(user__name__icontains=words))


class AuditList(ListPage):
    name = "audits"
    url_name = "audits:audits"
    title = _("Audits")
    counted = ngettext_lazy("%(n)s audit", "%(n)s audits", "n")
    right = ACTS
    filters = AuditFilters
    columns = (
        Column(_("Audit"), template=f"{_CELLS}/audit.html", main=True, sort="client"),
        Column(_("Standards"), template=f"{_CELLS}/standards.html"),
        Column(_("Dates"), template=f"{_CELLS}/dates.html", sort="date"),
        Column(_("Leader of the team"), template=f"{_CELLS}/lead.html"),
        Column(_("Status"), template=f"{_CELLS}/status.html"),
    )
    views = (
        View("", _("All audits")),
        View("mine", _("My audits"), lambda actor: Q(_is_member(user=actor.user))),
        View("planning", _("In planning"), _in(_S.PLANNED, _S.OBJECTED)),
        View("proposed", _("Waiting for the enterprise"), _in(_S.PROPOSED)),
        View("coming", _("Confirmed"), _in(_S.CONFIRMED)),
        View("running", _("In progress"), _in(_S.IN_PROGRESS)),
        View("report", _("Report being written or reviewed"), _in(_S.REPORTING, _S.REPORTED)),
        View("completed", _("Completed"), _in(_S.COMPLETED)),
        View("ended", _("Cancelled or broken off"), _in(*ENDED)),
    )
    sorts = {
        "date": ("starts_on", "created_at"),
        "number": ("number",),
        "client": ("enterprise__name_zh",),
    }
    order = "-date"
    empty = Empty(
        _("No audits here"),
        _("Audits come from the programme of a case, once its contract is signed."),
        "calendar",
    )

    def rows(self, actor):
        rows = Audit.objects.visible_to(actor).select_related("case", "enterprise", "body")
        return rows.prefetch_related("members__user", "editions")

    def views_for(self, actor):
        if actor.kind == Kind.BODY:
            return self.views
        return tuple(view for view in self.views if view.name != "mine")

    def actions(self, actor):
        if actor.kind != Kind.BODY:
            return ()
        found = [Action(_("Findings"), reverse("audits:findings"))]
        if ABSENCES(actor):
            found.append(Action(_("Absences"), reverse("audits:absences")))
        if PLANNER(actor):
            count = waiting_items(actor).count()
            words = ngettext("%(count)s to plan", "%(count)s to plan", count) % {"count": count}
            found.append(Action(words, reverse("audits:programme")))
            found.append(Action(_("Planning desk"), reverse("audits:desk"), primary=True))
        return found

    def export_columns(self, actor):
        return (
            (_("Audit"), lambda row: row.number),
            (_("Client"), lambda row: row.enterprise.name),
            (_("Kind of audit"), lambda row: row.get_kind_display()),
            (_("Standards"), lambda row: ", ".join(str(one) for one in row.editions.all())),
            (_("First day"), lambda row: row.starts_on),
            (pgettext("of an audit", "Last day"), lambda row: row.ends_on),
            (_("Manner"), lambda row: row.get_mode_display()),
            (_("Leader of the team"), lambda row: row.lead),
            (_("Audit days computed"), lambda row: row.days),
            (_("Audit days held"), lambda row: row.days_held),
            (_("Status"), lambda row: row.get_status_display()),
        )


class FindingFilters(Filters):
    hint = _("Words, number or client")
    words = (
        "number",
        "title",
        "audit__number",
        "audit__enterprise__name_zh",
        "audit__enterprise__name_en",
    )

    grade = django_filters.ChoiceFilter(
        label=_("Grade"), choices=Grade.choices, empty_label=_("Every grade")
    )


def _overdue(actor) -> Q:
    return _in(*WITH_CLIENT) & Q(due_on__lt=timezone.localdate())


_NOTED = View("noted", _("Noted, not yet shown"), _in(_F.NOTED))


class FindingList(ListPage):
    name = "findings"
    url_name = "audits:findings"
    title = _("Findings")
    counted = ngettext_lazy("%(n)s finding", "%(n)s findings", "n")
    right = ACTS
    filters = FindingFilters
    columns = (
        Column(_("Finding"), template=f"{_CELLS}/finding.html", main=True, sort="audit"),
        Column(_("Grade"), field="get_grade_display"),
        Column(_("Clause"), template=f"{_CELLS}/clause.html"),
        Column(_("Answer due"), template=f"{_CELLS}/due.html", sort="due"),
        Column(_("Status"), template=f"{_CELLS}/status.html"),
    )
    views = (
        View("", _("All findings")),
        View("overdue", _("Overdue"), _overdue, hot=True),
        View("enterprise", _("Waiting for the enterprise"), _in(*WITH_CLIENT)),
        View("auditor", _("Waiting for the auditor"), _in(_F.ANSWERED, _F.EVIDENCE)),
        _NOTED,
        View("closed", _F.CLOSED.label, _in(_F.CLOSED)),
    )
    bulk = (reminding(finding_remind),)
    sorts = {"due": ("due_on", "audit__number", "number"), "audit": ("audit__number", "number")}
    order = "due"
    empty = Empty(
        _("No findings here"), _("Findings appear after the closing meeting of an audit."), "flag"
    )

    def rows(self, actor):
        rows = Finding.objects.visible_to(actor)
        return rows.select_related("audit__enterprise", "audit__case", "clause__edition")

    def views_for(self, actor):
        if actor.kind == Kind.BODY:
            return self.views
        return tuple(view for view in self.views if view is not _NOTED)

    def actions(self, actor):
        return (Action(_("Audits"), reverse("audits:audits")),)

    def export_columns(self, actor):
        return (
            (_("Audit"), lambda row: row.audit.number),
            (_("Client"), lambda row: row.audit.enterprise.name),
            (_("Finding"), lambda row: row.number),
            (_("Grade"), lambda row: row.get_grade_display()),
            (_("Standard"), lambda row: str(row.clause.edition)),
            (_("Clause"), lambda row: row.clause.number),
            (_("In one line"), lambda row: row.title),
            (_("Answer due"), lambda row: row.due_on),
            (_("Status"), lambda row: row.get_status_display()),
            (_F.CLOSED.label, lambda row: row.closed_at and timezone.localdate(row.closed_at)),
        )


class ProgrammeFilters(Filters):
    hint = _("Number or enterprise")
    words = ("case__number", "case__enterprise__name_zh", "case__enterprise__name_en")

    kind = django_filters.ChoiceFilter(
        label=_("Kind of audit"), choices=AuditKind.choices, empty_label=_("Every kind")
    )


def _late(actor) -> Q:
    return Q(window_to__lt=timezone.localdate())


class ProgrammeList(ListPage):
    name = "programme"
    url_name = "audits:programme"
    title = _("Audits to plan")
    counted = ngettext_lazy("%(n)s audit to plan", "%(n)s audits to plan", "n")
    right = PLANNER
    filters = ProgrammeFilters
    columns = (
        Column(_("Audit"), template=f"{_CELLS}/programme_item.html", main=True),
        Column(_("Audit days computed"), field="days", number=True),
        Column(_("Not before"), template=f"{_CELLS}/window_from.html", sort="from"),
        Column(_("Not after"), template=f"{_CELLS}/window_to.html", sort="until"),
        Column(_("Start"), template=f"{_CELLS}/start.html", bare=True),
    )
    views = (
        View("", _("All to plan")),
        View("late", _("Window is over"), _late, hot=True),
        View("contract", _("Nothing but planning holds up"), Q(window_to=None)),
    )
    sorts = {"from": ("window_from",), "until": ("window_to",)}
    empty = Empty(
        _("Nothing waits to be planned"),
        _("The next audit appears here when a contract is signed or a window opens."),
        "calendar",
    )

    def rows(self, actor):
        return waiting_items(actor)

    def actions(self, actor):
        return (Action(_("All audits"), reverse("audits:audits")),)

    def export_columns(self, actor):
        return (
            (_("Case"), lambda row: row.case.number),
            (_("Client"), lambda row: row.case.enterprise.name),
            (_("Kind of audit"), lambda row: row.get_kind_display()),
            (_("Audit days computed"), lambda row: row.days),
            (_("Not before"), lambda row: row.window_from),
            (_("Not after"), lambda row: row.window_to),
        )


AUDITS = register(AuditList())
FINDINGS = register(FindingList())
PROGRAMME = register(ProgrammeList())
