from django.core.management.base import BaseCommand, CommandError

from foundation import sweeps


class Command(BaseCommand):
    help = "Do now what the calendar brings about, as every night; doing it again changes nothing."

    def add_arguments(self, parser):
        names = [step.name for step in sweeps.in_order()]
        parser.add_argument("--only", choices=names, action="append", help="this step alone")

    def handle(self, *args, only, **options):
        failed = []
        for step in sweeps.in_order(only or ()):
            try:
                said = f"{step.run(sweeps.silent)} changed"
            except sweeps.NotAllDoneError as error:
                failed.append(step.name)
                said = f"failed for {error}"
            self.stdout.write(f"{step.name}: {said}")
        if failed:
            raise CommandError(f"Not everything could be done: {', '.join(failed)}. See the log.")
