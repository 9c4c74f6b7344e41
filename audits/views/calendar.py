"""The calendar of a body's auditors, or of oneself: a week or a month, as a table and as a list."""

from datetime import date, timedelta

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from audits.queries import calendar as queries
from audits.rights import ABSENCES
from foundation.access import needs
from foundation.calendar import add_months

WEEK, MONTH = "week", "month"


def _asked(request) -> date:
    try:
        found = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return timezone.localdate()
    return found if date(2000, 1, 1) <= found <= date(2100, 1, 1) else timezone.localdate()


@require_safe
@needs(ABSENCES)
def calendar(request):
    """Show a week or a month; the address holds which."""
    day = _asked(request)
    view = MONTH if request.GET.get("view") == MONTH else WEEK
    if view == MONTH:
        first = day.replace(day=1)
        before, after = add_months(first, -1), add_months(first, 1)
    else:
        first = day - timedelta(days=day.weekday())
        before, after = first - timedelta(days=7), first + timedelta(days=7)
    last = after - timedelta(days=1)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    context = {
        "view": view,
        "first": first,
        "last": last,
        "before": before.isoformat(),
        "after": after.isoformat(),
        "day": day.isoformat(),
        "days": queries.working(request.actor, days).items(),
        "lines": queries.lines(request.actor, first, last),
        "today": timezone.localdate(),
    }
    return render(request, "audits/calendar.html", context)
