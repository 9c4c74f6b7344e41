from django.core.management.base import BaseCommand

from portal.personal import retention


class Command(BaseCommand):
    help = "Remove what the table of retention says is no longer needed; the scheduler does it too."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only say how many")

    def handle(self, *args, dry_run, **options):
        counts = retention.apply(dry_run=dry_run)
        word = "would go" if dry_run else "removed"
        for name, count in counts.items():
            self.stdout.write(f"{name}: {count} {word}")
