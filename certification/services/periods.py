"""The periods that rule data give to a certificate."""

from datetime import date

from django.utils import timezone

from certification.models import Case, Certificate
from foundation.calendar import add_months
from schemes.queries import book_of


def suspension_ends_by(certificate: Certificate) -> date:
    """Return the last day to which it may be suspended from today (ISO/IEC 17021-1:2015 9.6.5)."""
    months = int(book_of(certificate.case.rule_set).value("suspension_months"))
    return min(add_months(timezone.localdate(), months), certificate.expires_on)


def restorable_until(case: Case, expires_on: date) -> date | None:
    """Return the last day on which an expired certificate may be restored, None where never.

    ISO/IEC 17021-1:2015 9.6.3.2.5; CNCA-QMS-01:2025 5.8.2 knows no restoration.
    """
    months = int(book_of(case.rule_set).value("restoration_months") or 0)
    return add_months(expires_on, months) if months else None


def may_be_restored(case: Case, expires_on: date) -> bool:
    """Tell whether a certificate that ended on a day could still be restored today."""
    until = restorable_until(case, expires_on)
    return until is not None and timezone.localdate() <= until
