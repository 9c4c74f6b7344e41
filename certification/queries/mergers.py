"""Mergers as pages show them."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.enums import IN_FORCE, MergerStatus
from certification.models import Certificate, ChangeReport, FormerHolder, Merger

# Who is expected to do what while a merger stands so; for those who have nothing to do.
NEXT = {
    MergerStatus.PROPOSED: _("The other enterprise confirms or refuses."),
    MergerStatus.AGREED: _("Each certification body decides what becomes of its case."),
}


def mergers(actor):
    """Return the mergers an actor may see, with what their lists show."""
    rows = Merger.objects.visible_to(actor)
    return rows.select_related("absorbed", "absorbing", "reporter", "reported_by", "confirmed_by")


def progress_of(merger: Merger) -> list[ChangeReport]:
    """Return the newest report to the body of each case, with its certificates."""
    rows = merger.changes.select_related("case__body").prefetch_related("case__certificates")
    newest = {row.case_id: row for row in rows.order_by("created_at")}
    return sorted(newest.values(), key=lambda row: row.number)


def held_already(change: ChangeReport) -> list[Certificate]:
    """Return what the new holder holds for the same standards, so that two would stand."""
    mine = change.case.certificates.filter(status__in=IN_FORCE)
    rows = Certificate.objects.filter(
        enterprise=change.merger.absorbing_id,
        status__in=IN_FORCE,
        scheme__in=mine.values("scheme"),
    ).exclude(case=change.case_id)
    return list(rows.select_related("edition", "body").order_by("number"))


def former_holders(certificate: Certificate) -> list[dict]:
    """Return who held a certificate before, with the day it passed over; the latest first."""
    rows = FormerHolder.objects.filter(case=certificate.case_id)
    return [
        {"holder": row, "until": timezone.localdate(row.until)}
        for row in rows.exclude(identifier=certificate.holder_identifier).order_by("-until")
    ]


def cases_once_held(named: Q) -> list:
    """Return the keys of the cases whose former holder fits, for a search by an old name."""
    return list(FormerHolder.objects.filter(named).values_list("case", flat=True)[:100])
