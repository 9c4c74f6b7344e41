"""The moving clock: nights in which the portal works by itself, days on which people do."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import time_machine
from django.utils import timezone

from foundation import daily, jobs, work
from foundation.calendar import is_working_day

MORNING, EVENING = time(9), time(20)
STEP = timedelta(seconds=20)
# Once in so many nights work is rebuilt whole; it is kept up to date by every act.
REBUILT = 30


class Clock:
    """Travels through the days of a simulation; a context manager."""

    def __init__(self, start: date):
        self.day = start
        self._zone = timezone.get_default_timezone()
        self._travel = time_machine.travel(self._at(time(0)), tick=False)

    def __enter__(self):
        self._traveller = self._travel.start()
        return self

    def __exit__(self, *error):
        self._travel.stop()

    def _at(self, moment: time) -> datetime:
        return datetime.combine(self.day, moment, self._zone)

    def go(self, moment: time) -> None:
        """Turn to an hour of the day; never back."""
        target = self._at(moment)
        if target > timezone.now():
            self._traveller.move_to(target)

    def tick(self) -> None:
        """Let a little time pass, so that one act comes after the other."""
        self._traveller.shift(STEP)

    def next_day(self) -> None:
        self.day += timedelta(days=1)

    @property
    def is_working_day(self) -> bool:
        return is_working_day(self.day)

    def night(self, run: Callable[[], object] = jobs.run_due) -> None:
        """Do what the portal does by itself before people come, in the order of the hours."""
        for hour in sorted({row.hour for row in daily.DAILY.values()}):
            self.go(time(hour, 5))
            daily.ask()
            run()
        if self.day.toordinal() % REBUILT == 0:
            work.rebuild()
