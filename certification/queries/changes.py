"""Reported changes as pages show them, and changes that nobody reported yet."""

from django.utils.translation import gettext_lazy as _

from certification.enums import IN_FORCE, OPEN_CHANGES, REPORTABLE, ChangeKind, ChangeStatus
from certification.models import Case, Certificate, ChangeReport

# What changes the printed name or address, so that it need not be reported twice.
_OF_THE_HOLDER = (ChangeKind.NAME, ChangeKind.ADDRESS, ChangeKind.LEGAL)
_KIND_OF = {
    "name_zh": ChangeKind.NAME,
    "name_en": ChangeKind.NAME,
    "address_zh": ChangeKind.ADDRESS,
    "address_en": ChangeKind.ADDRESS,
}
# Who is expected to do what while a report stands so; for those who have nothing to do.
NEXT = {
    ChangeStatus.REPORTED: _("The certification body assesses what follows."),
    ChangeStatus.ASKED: _("The enterprise answers the question of the body."),
    ChangeStatus.REVISION: _("A certifier decides on the new revision of the certificates."),
    ChangeStatus.AUDIT: _("A special audit looks at the change; a decision rests on it."),
    ChangeStatus.APPLICATION: _("The owner of the enterprise applies for it."),
}


def changes(actor):
    """Return the reports an actor may see, with what their lists show."""
    rows = ChangeReport.objects.visible_to(actor)
    return rows.select_related("case__enterprise", "case__body", "case__rule_set", "reported_by")


def page_of(actor):
    """Return the reports an actor may open, with what their page reads."""
    related = (
        "item",
        "application",
        "case__enterprise",
        "case__body",
        "reported_by",
        "merger__absorbed",
        "merger__absorbing",
    )
    return (
        changes(actor)
        .select_related(*related)
        .prefetch_related("case__involvements", "certificates__edition")
    )


def to_revise(certificate: Certificate) -> list[ChangeReport]:
    """Return the reports because of which a certificate is to be revised."""
    rows = certificate.changes.filter(status=ChangeStatus.REVISION)
    return list(rows.select_related("case__enterprise", "case__body").order_by("created_at"))


def unreported(case: Case, content: dict | None = None) -> list[str]:
    """Return the kinds of changes that the registered facts show and nobody reported.

    Compares the holder as printed last with the enterprise as registered; ``content`` is that of
    one certificate where it is known.
    """
    if case.status not in REPORTABLE:
        return []
    contents = [content] if content else _printed(case)
    enterprise = case.enterprise
    kinds = {
        kind
        for printed in contents
        for name, kind in _KIND_OF.items()
        if getattr(enterprise, name) and getattr(enterprise, name) != printed["holder"][name]
    }
    if not kinds or case.changes.filter(status__in=OPEN_CHANGES, kind__in=_OF_THE_HOLDER).exists():
        return []
    return [kind for kind in (ChangeKind.NAME, ChangeKind.ADDRESS) if kind in kinds]


def _printed(case: Case) -> list[dict]:
    rows = case.certificates.filter(status__in=IN_FORCE).prefetch_related("revisions")
    return [
        max(row.revisions.all(), key=lambda revision: revision.revision).content for row in rows
    ]
