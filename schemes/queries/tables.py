"""Audit-time tables and factors of a day."""

from collections.abc import Iterable
from datetime import date

from schemes.audit_time import Band
from schemes.models import AuditTimeBand, AuditTimeFactor


def bands_in_force(codes: Iterable[str], on: date) -> list[Band]:
    """Return the table rows of these schemes that hold on a day, as the calculation takes them."""
    rows = AuditTimeBand.objects.in_force(on).filter(scheme__code__in=list(codes))
    return [
        Band(
            scheme=row.scheme.code,
            category=row.category,
            personnel_from=row.personnel_from,
            personnel_to=row.personnel_to,
            days=row.days,
            edition=row.edition,
            source=row.source,
        )
        for row in rows.select_related("scheme")
    ]


def factors_in_force(codes: Iterable[str], on: date):
    """Return the factors a reviewer may choose from, scheme by scheme."""
    rows = AuditTimeFactor.objects.in_force(on).filter(scheme__code__in=list(codes))
    return rows.select_related("scheme")
