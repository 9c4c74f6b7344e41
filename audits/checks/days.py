"""Whether fewer days than computed are planned, and whether a second person agreed to it."""

from django.urls import reverse
from django.utils.translation import gettext as _

from audits.models import Audit, TimeDeviation
from certification.services.audit_time import is_less
from foundation.workflow import Blocker
from schemes.queries import book_of


def deviation_of(audit: Audit) -> TimeDeviation | None:
    """Return the last word on the days as they are planned now, or None when nobody was asked."""
    rows = sorted(audit.deviations.all(), key=lambda row: row.created_at)
    return rows[-1] if rows and rows[-1].is_of(audit) else None


def waits_for_approval(audit: Audit) -> bool:
    """Tell whether the fewer days of a plan wait for a second person."""
    found = deviation_of(audit)
    return found is not None and found.judged_at is None


def has_fewer_days(audit: Audit) -> bool:
    """Tell whether so few days are planned that a second person looks at it."""
    rules = book_of(audit.case.rule_set)
    return audit.days_planned > 0 and is_less(audit.days_planned, audit.days, rules)


def days_blockers(audit: Audit):
    """Yield what is still to be done before fewer days than computed may be planned."""
    if audit.days_planned <= 0 or audit.days_planned >= audit.days:
        return
    figures = {"planned": audit.days_planned, "days": audit.days}
    if not audit.days_reason:
        text = _("%(planned)s of %(days)s audit days are planned. Plan more or give a reason.")
        yield Blocker(text % figures, reverse("audits:planning", args=[audit.pk]))
    elif has_fewer_days(audit):
        yield from _approval(audit, figures)


def _approval(audit, figures):
    found = deviation_of(audit)
    ask = reverse("audits:audit_do", args=[audit.pk, "ask_fewer_days"])
    if found is None:
        text = _(
            "%(planned)s of %(days)s audit days are planned: ask a second person to approve it."
        )
        yield Blocker(text % figures, ask)
    elif found.judged_at is None:
        text = _("The fewer audit days wait for approval by a second person.")
        yield Blocker(text, audit.get_absolute_url())
    elif not found.approved:
        text = _("The fewer audit days were sent back. Plan more, or give a better reason.")
        yield Blocker(text, reverse("audits:planning", args=[audit.pk]))
