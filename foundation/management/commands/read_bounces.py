import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from foundation import bounces


class Command(BaseCommand):
    """Mark the addresses to which mail servers could not deliver mails of ours."""

    help = "Read delivery reports (RFC 3464) from a maildir, an mbox, one message, or - for stdin."

    def add_arguments(self, parser):
        parser.add_argument("source", help="a maildir, a file, or -")

    def handle(self, *args, source, **options):
        """Read everything; a message that says nothing about our mails is counted and left."""
        counts = {True: 0, False: 0, None: 0}
        for message in self._messages(source):
            counts[bounces.take(message)] += 1
        self.stdout.write(
            f"{counts[True]} addresses marked, {counts[False]} known already, "
            f"{counts[None]} other messages."
        )

    def _messages(self, source):
        if source == "-":
            return bounces.messages_of(sys.stdin.buffer.read())
        path = Path(source)
        if not path.exists():
            raise CommandError(f"{source}: does not exist")
        return bounces.messages_in(path)
