"""Load standards, clauses, areas, rules and audit-time tables from the data files."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from schemes.services.catalogue import CatalogueError, sync
from schemes.services.catalogue_files import DATA


class Command(BaseCommand):
    help = (
        "Loads the schemes' data files: all checked first, errors with file and line, "
        "one transaction; a second run changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--check",
            action="store_true",
            help="change nothing; exit 1 when the files are wrong or the database differs",
        )
        parser.add_argument("--data", type=Path, default=DATA, help="folder of the data files")

    def handle(self, *, check, data, verbosity, **options):
        try:
            changes = sync(data, check=check)
        except CatalogueError as error:
            raise CommandError(f"{error}\nNothing was changed.") from error
        for row in changes:
            if row.total and verbosity:
                self.stdout.write(
                    f"{row.model._meta.verbose_name_plural}: {row.added} added, "
                    f"{row.changed} changed, {row.ended} ended"
                )
        total = sum(row.total for row in changes)
        if check and total:
            raise CommandError(f"{total} rows differ from the data files.")
        if verbosity:
            self.stdout.write(f"{total} changes." if total else "0 changes: all rows are current.")
