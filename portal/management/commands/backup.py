from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from foundation import heartbeats
from portal.backup import making


class Command(BaseCommand):
    help = (
        "Write a backup below a folder: the database as of one moment, then the files, then the "
        "manifest. People may work meanwhile."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument("--keep", type=int, help="remove the oldest backups beyond so many")

    def handle(self, *args, folder, keep, **options):
        if keep is not None and keep < 1:
            raise CommandError("--keep: at least one backup is kept.")
        made = making.make(folder.resolve(), keep=keep)
        self.stdout.write(
            f"{made.folder}: {made.copied} files copied, {made.linked} linked to the backup before,"
            f" {made.removed} old backups removed."
        )
        heartbeats.beat(heartbeats.BACKUP, {"problems": len(made.problems)})
        if made.problems:
            raise CommandError("\n".join(["The portal's own files are not whole:", *made.problems]))
