"""How well a body keeps what it promises, measured from the journal."""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.cache import cache
from django.utils import timezone

from certification.models import Application, ApplicationVersion
from foundation.calendar import working_days_between
from foundation.models import JournalEntry
from foundation.models.base import subject_type
from schemes.rulebook import Limit

# Below this number a share says more about chance than about the body.
ENOUGH = 20
PERIOD = timedelta(days=365)
_KEPT_FOR = timedelta(hours=12).total_seconds()
_ANSWERS = ("application.accept", "application.return", "application.decline")
_WITHDRAWN = "application.cancel"


@dataclass(frozen=True)
class Kept:
    """How many of the reviews of a year were done within the limit."""

    on_time: int
    count: int

    @property
    def percent(self) -> int:
        """The share in whole per cent, never rounded up."""
        return self.on_time * 100 // self.count


def reviews_kept(body_id, country: str, limit: Limit, today: date) -> Kept | None:
    """Return how a body kept the limit of reviews over the last twelve months, measured daily.

    Every submission counts whose review is done or late, those nobody has looked at too; one that
    the applicant withdrew before counts for nobody. None when there are too few to say anything.
    """
    key = f"reviews-kept:{body_id}:{country}:{limit.value}:{today}"
    found = cache.get(key)
    if found is None:
        found = measured(body_id, country, limit, today - PERIOD, today)
        cache.set(key, found, _KEPT_FOR)
    on_time, count = found
    return Kept(on_time, count) if count >= ENOUGH else None


def measured(body_id, country: str, limit: Limit, first: date, today: date) -> tuple[int, int]:
    """Count the reviews of what was submitted from a day to today: those kept, and all.

    Those still within their limit do not count yet.
    """
    since, until = (
        timezone.make_aware(datetime.combine(on, datetime.min.time()))
        for on in (first, today + timedelta(days=1))
    )
    sent = ApplicationVersion.objects.filter(
        application__body=body_id,
        application__enterprise__country=country,
        created_at__gte=since,
        created_at__lt=until,
    ).values_list("application_id", "created_at")
    ended = _ended(body_id, since)
    outcomes = [
        _within(limit, today, at, _next(ended[application], at)) for application, at in sent
    ]
    counted = [kept for kept in outcomes if kept is not None]
    return sum(counted), len(counted)


def _ended(body_id, since: datetime) -> dict:
    """Return when the reviews of a body's applications ended, and how, by application."""
    entries = JournalEntry.objects.filter(
        subject_type=subject_type(Application),
        subject_id__in=Application.objects.filter(body=body_id).values("pk"),
        verb__in=(*_ANSWERS, _WITHDRAWN),
        at__gte=since,
    ).order_by("at")
    found = defaultdict(list)
    for application, at, verb in entries.values_list("subject_id", "at", "verb"):
        found[application].append((at, verb))
    return found


def _next(ended: list, at: datetime) -> tuple[datetime, str] | None:
    place = bisect_left(ended, (at, ""))
    return ended[place] if place < len(ended) else None


def _within(limit: Limit, today: date, sent: datetime, end) -> bool | None:
    """Tell whether a review was done in time; None while it may be, and when it was withdrawn."""
    last = timezone.localdate(end[0]) if end else today
    calendar = limit.calendar or "weekdays"
    in_time = working_days_between(timezone.localdate(sent), last, calendar) <= limit.value
    if end is not None and end[1] in _ANSWERS:
        return in_time
    return None if in_time else False
