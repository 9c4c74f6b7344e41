"""The register of certificates as lists show it."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.enums import CertificateStatus
from certification.models import Certificate
from schemes.models import Scheme

SOON = 90
SUSPENSION_SOON = 30
SORTS = ("expires_on", "number", "effective_on", "suspended_until")
RELATED = ("enterprise", "body", "scheme", "edition", "case")


def _ending(days: int) -> Q:
    until = timezone.localdate() + timedelta(days=days)
    return Q(status=CertificateStatus.VALID, expires_on__lte=until)


def _suspensions_ending() -> Q:
    until = timezone.localdate() + timedelta(days=SUSPENSION_SOON)
    return Q(status=CertificateStatus.SUSPENDED, suspended_until__lte=until)


VIEWS = {
    "": (_("All certificates"), Q),
    "valid": (_("Valid"), lambda: Q(status=CertificateStatus.VALID)),
    "ending": (_("Ending in 90 days"), lambda: _ending(SOON)),
    "suspended": (_("Suspended"), lambda: Q(status=CertificateStatus.SUSPENDED)),
    "suspensions": (_("Suspensions ending in 30 days"), _suspensions_ending),
    "requested": (
        _("Cancellation asked for"),
        lambda: (
            Q(cancellation_requested_at__isnull=False)
            & Q(status__in=(CertificateStatus.VALID, CertificateStatus.SUSPENDED))
        ),
    ),
}
HOT = ("suspensions", "requested")


@dataclass(frozen=True)
class Filter:
    """What the address of a register asks for; anything unknown in it is ignored."""

    view: str = ""
    status: str = ""
    scheme: str = ""
    words: str = ""
    sort: str = "expires_on"

    @classmethod
    def from_query(cls, query):
        """Read the parameters ``view``, ``status``, ``scheme``, ``q`` and ``sort``."""
        sort = query.get("sort", "")
        return cls(
            view=query.get("view", "") if query.get("view") in VIEWS else "",
            status=query.get("status", "") if query.get("status") in CertificateStatus else "",
            scheme=query.get("scheme", "").strip(),
            words=" ".join(query.get("q", "").split()),
            sort=sort if sort.removeprefix("-") in SORTS else cls.sort,
        )

    def apply(self, rows):
        """Return the rows that match, in the order asked for."""
        rows = rows.filter(VIEWS[self.view][1]())
        if self.status:
            rows = rows.filter(status=self.status)
        if self.scheme:
            rows = rows.filter(scheme__code=self.scheme)
        if self.words:
            rows = rows.filter(
                Q(number__icontains=self.words)
                | Q(holder_zh__icontains=self.words)
                | Q(holder_en__icontains=self.words)
                | Q(holder_identifier__iexact=self.words.replace(" ", ""))
            )
        return rows.order_by(self.sort, "pk")


def register(actor):
    """Return the certificates an actor may see, with what their lists show."""
    return Certificate.objects.visible_to(actor).select_related(*RELATED)


def counts(actor) -> dict[str, int]:
    """Return how many certificates each saved view holds for an actor."""
    names = {f"n_{name or 'all'}": condition() for name, (_label, condition) in VIEWS.items()}
    found = Certificate.objects.visible_to(actor).aggregate(
        **{
            name: Count("pk", filter=condition, distinct=True) if condition else
            Count("pk", distinct=True)
            for name, condition in names.items()
        }
    )  # fmt: skip
    return {name: found[f"n_{name or 'all'}"] for name in VIEWS}


def schemes():
    """Return the schemes a register can be narrowed to."""
    return Scheme.objects.order_by("position")
