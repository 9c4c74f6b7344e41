import os
from contextlib import nullcontext
from datetime import datetime, timedelta
from io import StringIO

import time_machine
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from certification.models import MonthlyReport
from certification.services import reports
from certification.services.certificates import expire_due
from foundation import jobs, logs, work
from foundation.models import Job
from foundation.models.jobs import JobState
from organisations.actors import actor_for
from organisations.enums import Role
from organisations.models import Organisation
from portal import figures
from portal.demo import approvals, cast, clock, parties, profiles
from portal.demo.crew import Alone, Crew


class Command(BaseCommand):
    help = "Fill an empty portal with the demonstration: parties, cases and certificates."

    def add_arguments(self, parser):
        parser.add_argument("--size", choices=["tiny", "small"], default="small")
        parser.add_argument(
            "--workers",
            type=int,
            default=os.cpu_count() or 1,
            help="processes that make the documents; 0 makes them in this one",
        )

    def handle(self, *args, size, workers, **options):
        if not settings.DEMO:
            raise CommandError("The demonstration has published passwords; not in production.")
        if Organisation.objects.exists():
            raise CommandError("There is data already; the demonstration wants an empty portal.")
        with logs.quiet():
            self._make(size, workers)

    def _make(self, size, workers):
        call_command("sync_schemes", verbosity=0)
        now = timezone.localtime()
        start = (now - timedelta(days=cast.DAYS)).date()
        opening = datetime.combine(start, clock.OPENING, timezone.get_default_timezone())
        with time_machine.travel(opening, tick=False):
            desks, clients = cast.enrol(size)
            jobs.run_due()
        plays = (cast.small if size == "small" else cast.tiny)(desks, clients)
        with work.paused(), Crew(workers) if workers else nullcontext(Alone()) as crew:
            tell = self._teller(now)
            steps = clock.run(start, now, plays, nightly=expire_due, crew=crew, tell=tell)
        for desk in desks:
            parties.away(desk)
        profiles.fill(desks[0])
        approvals.orders(desks[2])
        work.rebuild()
        self._report(timezone.localdate())
        call_command("sweep", stdout=StringIO())
        jobs.run_due()
        self.stdout.write(f"{len(clients)} enterprises, {len(plays)} stories, {steps} steps.")
        if failed := Job.objects.filter(state=JobState.FAILED).count():
            raise CommandError(f"{failed} jobs failed; the page of the jobs names them.")

    def _report(self, today):
        """Open the monthly reports, make those of the month that is over, count the figures."""
        reports.open_months(today)
        for report in MonthlyReport.objects.filter(month__lt=today.replace(day=1)):
            people = report.body.people(Role.MANAGER)
            if people:
                actor = actor_for(people[0], report.body_id)
                reports.version_ask(report=report, actor=actor)
        figures.renew_all(today)

    def _teller(self, end):
        """Return a function that says each month once how far the clock has come."""
        told = set()

        def tell(day):
            if (day.year, day.month) not in told:
                told.add((day.year, day.month))
                self.stdout.write(f"{day:%Y-%m} of {end:%Y-%m}")
                self.stdout.flush()

        return tell
