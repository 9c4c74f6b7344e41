"""Refuse passwords that are known to have leaked."""

import hashlib
import logging
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)
_LENGTH = 40


class LeakedPasswordValidator:
    """Refuse a password whose hash stands in the operator's list of leaked ones.

    The list is a text file of SHA-1 hashes in capital hexadecimal digits, sorted, one on a line,
    perhaps with a count behind. Nothing is asked of anybody outside. A list that cannot be read
    is told to the log and keeps nobody from choosing a password.
    """

    def validate(self, password, user=None):
        if not settings.LEAKED_PASSWORDS:
            return
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        try:
            found = _is_listed(Path(settings.LEAKED_PASSWORDS), digest.encode())
        except OSError as error:
            logger.warning("the list of leaked passwords: %s", type(error).__name__)
            return
        if found:
            raise ValidationError(self.get_help_text(), code="password_leaked")

    def get_help_text(self):
        return _("This password stands in a list of stolen ones. Choose another.")


def _is_listed(path: Path, digest: bytes) -> bool:
    """Search the sorted lines by halving: some forty reads in a list of a thousand million."""
    with path.open("rb") as lines:
        low, high = 0, path.stat().st_size
        while low < high:
            middle = (low + high) // 2
            if middle:
                # The line that begins here or next.
                lines.seek(middle - 1)
                lines.readline()
            else:
                lines.seek(0)
            line = lines.readline()
            if line and line[:_LENGTH] < digest:
                low = lines.tell()
            else:
                high = middle
        lines.seek(low)
        return lines.readline()[:_LENGTH] == digest
