"""Make the rows of waiting work anew from the records."""

from django.core.management.base import BaseCommand

from foundation import work
from foundation.models import WorkItem


class Command(BaseCommand):
    help = "Bring the queues of waiting work up to date; they are derived from the records."

    def add_arguments(self, parser):
        parser.add_argument("--if-empty", action="store_true", help="only when there are none")

    def handle(self, *args, if_empty, **options):
        if if_empty and WorkItem.objects.exists():
            return
        work.rebuild()
        self.stdout.write(f"{WorkItem.objects.count()} pieces of work wait for somebody.")
