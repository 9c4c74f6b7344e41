from datetime import timedelta
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from portal.backup import restoring

UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def age(text: str) -> timedelta:
    """Return a time such as 90m, 26h or 7d. Raises ValueError."""
    return timedelta(**{UNITS[text[-1]]: int(text[:-1])})


class Command(BaseCommand):
    help = (
        "Restore a backup into an empty installation and compare it with its manifest. When "
        "anything does not fit, the portal can only be read until somebody accepts it."
    )
    requires_migrations_checks = False
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, nargs="?", help="a backup, or where they lie")
        parser.add_argument("--not-older-than", type=age, help="refuse older work, such as 26h")
        parser.add_argument("--check", action="store_true", help="only compare with the manifest")
        parser.add_argument("--accept", metavar="REASON", help="let a read-only portal work again")

    def handle(self, *args, folder, not_older_than, accept, **options):
        if accept is not None:
            if folder or len(accept.split()) < 2:  # noqa: PLR2004 -- one word is no reason
                raise CommandError("--accept takes a reason in a few words, and no folder.")
            row = restoring.accept(accept, restoring.person())
            self.stdout.write(f"Accepted by {row.accepted_by}; the portal works again.")
            return
        if folder is None:
            raise CommandError("Name the backup, or the folder in which backups lie.")
        backup = restoring.chosen(folder.resolve())
        self.stdout.write(f"Comparing {backup} with its manifest")
        facts = restoring.check(backup, not_older_than=not_older_than)
        newest = restoring.newest(facts).isoformat(timespec="seconds")
        self.stdout.write(f"The backup is whole; its newest work is of {newest}.")
        if options["check"]:
            return
        problems = restoring.restore(backup, facts, self.stdout.write)
        if problems:
            raise CommandError(
                "\n".join(["Restored, and read-only, because something does not fit:", *problems])
            )
        self.stdout.write("Restored and compared: everything is there.")
