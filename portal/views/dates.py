"""A person's own dates: on a page, and as a calendar that other programs fetch."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from foundation import icalendar
from foundation.access import SIGNED_IN, needs, public
from foundation.models import CalendarFeed
from portal import dates, feeds

FETCHED_EVERY_HOURS = 4


@require_safe
@never_cache
@needs(SIGNED_IN)
def own_dates(request):
    """Show what is in the own calendar, and the address under which programs fetch it."""
    today = timezone.localdate()
    entries = dates.entries_of(request.user, today)
    feed = CalendarFeed.objects.visible_to(request.actor).first()
    context = {
        "entries": [entry for entry in entries if entry.last >= today],
        "overdue": [entry for entry in entries if entry.last < today and not entry.busy],
        "feed": feed,
        "address": feeds.address_of(feed) if feed else "",
    }
    return render(request, "portal/dates.html", context)


@require_POST
@needs(SIGNED_IN)
def dates_address(request):
    """Make an address for the own calendar, another in its place, or none."""
    if "end" in request.POST:
        feeds.end(request.user)
        messages.success(request, _("The address leads nowhere any more."))
    else:
        feeds.renew(request.user)
        messages.success(request, _("Your calendar has an address. Give it to nobody."))
    return redirect("own_dates")


# Calendar programs have no session: the signed address is the proof, and all it opens is a list
# of days that names no party.
@require_safe
@never_cache
@public
def calendar_feed(request, token):
    """Answer a calendar program with all dates of the person the address belongs to."""
    feed = feeds.read(token)
    if feed is None:
        raise Http404
    with translation.override(feed.user.language):
        data = icalendar.document(
            dates.entries_of(feed.user, timezone.localdate()),
            name=_("My dates in the certification portal"),
            hours=FETCHED_EVERY_HOURS,
        )
    response = HttpResponse(data, content_type=f"{icalendar.CONTENT_TYPE}; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="dates.ics"'
    response["Referrer-Policy"] = "no-referrer"
    return response
