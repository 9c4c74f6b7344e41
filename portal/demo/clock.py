"""The moving clock of the demonstration: stories take turns in the order of their days."""

import heapq
from collections.abc import Callable, Generator, Iterable
from datetime import date, datetime, time, timedelta

import time_machine
from django.utils import timezone

from foundation.calendar import add_working_days, is_working_day
from portal.demo.crew import Alone
from portal.demo.stories import EndOfStory

OPENING = time(9)
STEP = timedelta(minutes=7)


def run(
    start: date,
    end: datetime,
    stories: Iterable[tuple[int, Generator]],
    *,
    nightly: Callable[[], object] = lambda: None,
    crew=None,
    tell: Callable[[date], object] = lambda day: None,
) -> int:
    """Play stories until a moment and return how many steps were taken.

    ``nightly`` is called on every day on which something happens, and at the end; ``tell`` too,
    with the day, to show how far the clock has come. ``crew`` does the jobs.

    Each story begins some days after ``start`` and yields the working days it lets pass before
    it goes on. Steps are taken in the order of time, so that every chain of the journal runs
    forwards. A story that would go on after ``end`` stays where it is.
    """
    crew = crew or Alone()
    queue = [
        (add_working_days(start + timedelta(days=offset), 1), n, story)
        for n, (offset, story) in enumerate(stories)
    ]
    heapq.heapify(queue)
    steps, zone = 0, timezone.get_default_timezone()
    moment = datetime.combine(start, OPENING, zone)
    while queue:
        day, n, story = heapq.heappop(queue)
        before = moment.date()
        moment = max(moment + STEP, datetime.combine(day, OPENING, zone))
        if moment > end:
            continue
        with time_machine.travel(moment, tick=False):
            if moment.date() != before:
                tell(moment.date())
                nightly()
            crew.settle(n)
            try:
                pause = next(story)
            except (StopIteration, EndOfStory):
                continue
            finally:
                crew.take(n)
        steps += 1
        after = pause if isinstance(pause, date) else add_working_days(moment.date(), pause)
        heapq.heappush(queue, (_working(max(after, moment.date())), n, story))
    with time_machine.travel(end, tick=False):
        nightly()
        crew.finish()
    return steps


def _working(day: date) -> date:
    return day if is_working_day(day) else add_working_days(day, 1)
