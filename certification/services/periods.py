"""The periods that rule data give to a certificate."""

from datetime import date

from django.utils import timezone

from certification import deadlines
from certification.models import Case, Certificate
from schemes.queries import book_of


def suspension_ends_by(certificate: Certificate) -> date:
    """Return the last day to which it may be suspended from today (ISO/IEC 17021-1:2015 9.6.5)."""
    rules = book_of(certificate.case.rule_set)
    since = timezone.localdate()
    return deadlines.suspension(rules, since=since, expires_on=certificate.expires_on).on


def dismissed_until(certificate: Certificate) -> date:
    """Return the last day until which a proposal dismissed today may rest (dismissal_days)."""
    limit = book_of(certificate.case.rule_set).limit("dismissal_days")
    return limit.last_day(timezone.localdate())


def restorable_until(case: Case, expires_on: date) -> date | None:
    """Return the last day on which an expired certificate may be restored, None where never."""
    found = deadlines.restoration(book_of(case.rule_set), expired_on=expires_on)
    return found.on if found else None


def may_be_restored(case: Case, expires_on: date) -> bool:
    """Tell whether a certificate that ended on a day could still be restored today."""
    until = restorable_until(case, expires_on)
    return until is not None and timezone.localdate() <= until
