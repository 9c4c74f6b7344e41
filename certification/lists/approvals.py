"""The changes of a body's approval, and what each of them reaches."""

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from certification.enums import ApprovalChangeKind, ApprovalChangeStatus
from certification.models import ApprovalChange
from certification.queries import approvals as queries
from foundation import journal, timeline
from foundation.access import IS_OPERATOR, SIGNED_IN
from foundation.lists import Action, Empty, Filters, ListPage, View, register
from foundation.tables import Column
from organisations.enums import Kind
from organisations.models import Organisation
from schemes.queries.standing import area_ranges

_CELLS = "certification/cells"


def body_seen(actor, pk) -> Organisation:
    """Return a certification body that the actor may see, or answer 404."""
    rows = Organisation.objects.visible_to(actor).filter(kind=Kind.BODY)
    return get_object_or_404(rows, pk=pk)


def change_seen(actor, pk) -> ApprovalChange:
    """Return a change of an approval that the actor may see, or answer 404."""
    rows = ApprovalChange.objects.visible_to(actor)
    rows = rows.select_related("body", "prepared_by", "ordered_by")
    return get_object_or_404(rows, pk=pk)


class ApprovalChangeFilters(Filters):
    hint = _("Reference or reason")
    words = ("reference", "reason")


class ApprovalChangeList(ListPage):
    name = "approval_changes"
    url_name = "certification:approval_changes"
    place_names = ("pk",)
    title = _("Changes of the approval")
    counted = ngettext_lazy("%(n)s change", "%(n)s changes", "n")
    right = SIGNED_IN
    filters = ApprovalChangeFilters
    template = "certification/approval_changes.html"
    columns = (
        Column(_("Change"), template=f"{_CELLS}/approval_change.html", main=True),
        Column(_("Cause"), field="get_cause_display"),
        Column(_("Takes effect on"), template=f"{_CELLS}/approval_change_day.html", sort="day"),
        Column(_("Status"), template=f"{_CELLS}/approval_change_status.html"),
    )
    views = (
        View("", _("All changes")),
        View("prepared", _("Not ordered yet"), Q(status=ApprovalChangeStatus.PREPARED), hot=True),
    )
    sorts = {"day": ("takes_effect_on", "created_at")}
    order = "-day"

    def rows(self, actor, pk):
        rows = queries.changes_of(actor, body_seen(actor, pk))
        return rows.prefetch_related("approvals__scheme")

    def context(self, listing):
        return {"body": body_seen(listing.actor, listing.place["pk"])}

    def actions(self, actor, pk):
        if not IS_OPERATOR(actor, None):
            return ()
        url = reverse("certification:approval_change_new", args=[pk])
        return (Action(_("Change the approval"), url, primary=True),)

    def empty_for(self, actor, pk):
        text = _("The operator of the portal records what an authority orders.")
        return Empty(_("The approval was not changed"), text, "shield")

    def export_columns(self, actor):
        return (
            (_("What changes"), lambda row: row.get_kind_display()),
            (_("Schemes"), _schemes),
            (_("Cause"), lambda row: row.get_cause_display()),
            (_("Reference of the order"), lambda row: row.reference),
            (_("Takes effect on"), lambda row: row.takes_effect_on),
            (_("Status"), lambda row: row.get_status_display()),
        )


def _schemes(change) -> str:
    return "; ".join(approval.scheme.code for approval in change.approvals.all())


class AffectedFilters(Filters):
    hint = _("Number or enterprise")
    words = (
        "application__number",
        "application__case__number",
        "application__case__certificates__number",
        "application__enterprise__name_zh",
        "application__enterprise__name_en",
    )


class AffectedList(ListPage):
    """The page of one change: what was decided, and scheme by scheme what it reaches."""

    name = "approval_change"
    url_name = "certification:approval_change"
    place_names = ("pk",)
    title = _("Change of an approval")
    counted = ngettext_lazy(
        "It reaches %(n)s certificate or case", "It reaches %(n)s certificates or cases", "n"
    )
    right = SIGNED_IN
    filters = AffectedFilters
    template = "certification/approval_change.html"
    columns = (
        Column(_("Enterprise"), template=f"{_CELLS}/affected.html", main=True, sort="name"),
        Column(_("Standard"), field="edition"),
        Column(_("Technical areas"), field="reached"),
        Column(_("Certificate"), template=f"{_CELLS}/affected_certificate.html"),
        Column(_("Transfer by"), template=f"{_CELLS}/affected_day.html"),
    )
    views = (
        View("", _("Everything it reaches")),
        View("certified", _("Certificates"), queries.CERTIFIED),
        View("under_way", _("Under way, without a certificate"), queries.UNDER_WAY),
    )
    sorts = {"name": ("application__enterprise__name_zh", "scheme__position")}
    order = "name"

    def rows(self, actor, pk):
        rows = queries.affected(change_seen(actor, pk))
        return rows.select_related(
            "scheme", "edition", "application__enterprise", "application__case"
        ).prefetch_related("areas", "application__case__certificates")

    def prepare(self, rows, actor):
        for row in rows:
            row.certificate = queries.certificate_of(row)
            row.reached = area_ranges(row.areas.all())
            row.place = row.application.case or row.application
        return rows

    def heading(self, listing):
        return change_seen(listing.actor, listing.place["pk"]).get_kind_display()

    def context(self, listing):
        change = change_seen(listing.actor, listing.place["pk"])
        kept = ApprovalChangeKind(change.kind)
        return {
            "change": change,
            "approvals": [
                (approval, area_ranges(areas))
                for approval, areas in queries.changed_areas(change).items()
            ],
            "is_prepared": change.status == ApprovalChangeStatus.PREPARED,
            "consequence": CONSEQUENCES[kept],
            "entries": timeline.lines(_history(change, listing.actor)),
        }

    def actions(self, actor, pk):
        change = change_seen(actor, pk)
        if change.status != ApprovalChangeStatus.PREPARED or not IS_OPERATOR(actor, change):
            return ()
        do = "certification:approval_change_do"
        return (
            Action(_("Put the change into effect"), reverse(do, args=[pk, "order"]), primary=True),
            Action(_("Drop the change"), reverse(do, args=[pk, "drop"])),
        )

    def empty_for(self, actor, pk):
        text = _("No certificate and no case of the body lies within what changes.")
        return Empty(_("It reaches nothing"), text, "tick")

    def export_columns(self, actor):
        return (
            (_("Enterprise"), lambda row: row.application.enterprise.name),
            (_("Identifier"), lambda row: row.application.enterprise.identifier),
            (_("Case or application"), lambda row: row.place.number),
            (_("State"), lambda row: row.place.get_status_display()),
            (_("Scheme"), lambda row: row.scheme.code),
            (_("Standard"), lambda row: str(row.edition)),
            (_("Technical areas"), lambda row: "; ".join(a.code for a in row.areas.all())),
            (_("Certificate number"), _of("number")),
            (_("Status of the certificate"), _of("get_status_display")),
            (_("Expires on"), _of("expires_on")),
            (_("Transfer by"), _of("transfer_by")),
        )


def _history(change, actor) -> list:
    rows = journal.history(change.journal_thread, actor)
    return [row for row in rows if row.subject_id == change.pk]


def _of(name: str):
    """Return a function that reads something of the certificate of a row, if it has one."""

    def read(row):
        found = getattr(row.certificate, name, None)
        return found() if callable(found) else found

    return read


CONSEQUENCES = {
    ApprovalChangeKind.NARROW: _(
        "The body takes no application, makes no offer and decides nothing in what falls away. "
        "Holders are asked to transfer their certificates to another approved body in time "
        "(IAF MD 2); no certificate changes by itself."
    ),
    ApprovalChangeKind.SUSPEND: _(
        "Until it is reinstated the body takes no application, makes no offer and decides nothing "
        "here. Audits may go on; certificates stay as they are."
    ),
    ApprovalChangeKind.REINSTATE: _(
        "The body accepts, offers and decides again. Days set for transfers are lifted."
    ),
    ApprovalChangeKind.WITHDRAW: _(
        "The body takes no application, makes no offer and decides nothing here. Holders are "
        "asked to transfer their certificates to another approved body in time (IAF MD 2); no "
        "certificate changes by itself."
    ),
}
APPROVAL_CHANGES = register(ApprovalChangeList())
AFFECTED = register(AffectedList())
