from datetime import datetime, timedelta

import time_machine
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from certification.services.certificates import sweep
from foundation import jobs
from organisations.models import Organisation
from portal.demo import cast, clock


class Command(BaseCommand):
    help = "Fill an empty portal with the demonstration: parties, cases and certificates."

    def add_arguments(self, parser):
        parser.add_argument("--size", choices=["tiny", "small"], default="small")

    def handle(self, *args, size, **options):
        if not settings.DEMO:
            raise CommandError("The demonstration has published passwords; not in production.")
        if Organisation.objects.exists():
            raise CommandError("There is data already; the demonstration wants an empty portal.")
        call_command("sync_schemes", verbosity=0)
        now = timezone.localtime()
        start = (now - timedelta(days=cast.DAYS)).date()
        opening = datetime.combine(start, clock.OPENING, timezone.get_default_timezone())
        with time_machine.travel(opening, tick=False):
            desks, clients = cast.enrol(size)
            jobs.run_due()
        plays = (cast.small if size == "small" else cast.tiny)(desks, clients)
        steps = clock.run(start, now, plays, nightly=sweep)
        self.stdout.write(f"{len(clients)} enterprises, {len(plays)} stories, {steps} steps.")
