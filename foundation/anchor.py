"""The anchor: where every chain of the journal stood, kept outside the database.

A chain that was cut and closed again, or a whole database of yesterday, fits in itself. It does
not fit the anchor, which lies beside the stored files and is renewed every minute.
"""

import json
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.durable import write_whole
from foundation.models import JournalChain, JournalEntry, StoredFile
from foundation.models.files import FileState

NAME = "journal-anchor.json"
# So many of the newest files are looked for when a full look would take too long.
NEWEST = 50


def _path() -> Path:
    return Path(settings.FILES_DIR) / NAME


def heads() -> dict[str, list]:
    """Return number and hash of the last entry of every chain."""
    rows = JournalChain.objects.order_by("name").values_list("name", "number", "hash")
    return {name: [number, digest] for name, number, digest in rows}


def read() -> dict | None:
    """Return the anchor, or None when there is none yet."""
    try:
        return json.loads(_path().read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None


def write(*, by_hand: bool = False) -> list[str]:
    """Renew the anchor, unless the journal does not reach up to it; return what does not fit.

    ``by_hand`` renews it in any case: a person has accepted the journal as it is.
    """
    present = heads()
    wrong = [] if by_hand else _behind(read(), present)
    if not wrong:
        old = read()
        if old is None or old["heads"] != present:
            facts = {"at": timezone.now().isoformat(), "heads": present}
            write_whole(_path(), json.dumps(facts, indent=1).encode())
    return wrong


def mismatches() -> list[str]:
    """Say whether database and files are of one moment; an empty list means that they are."""
    return [*_behind(read(), heads()), *_files_behind()]


def _behind(anchor, present) -> list[str]:
    if anchor is None:
        return []
    at = datetime.fromisoformat(anchor["at"]).isoformat(timespec="seconds")
    wrong = []
    for name, (number, digest) in anchor["heads"].items():
        stands = present.get(name, [0, ""])[0]
        if stands < number:
            text = _(
                "The database is older than the files: chain %(chain)s of its journal ends with "
                "entry %(stands)s, and had %(number)s at %(at)s."
            )
            wrong.append(text % {"chain": name, "stands": stands, "number": number, "at": at})
        elif number and not _has(name, number, digest):
            text = _("The journal was written anew: entry %(number)s of chain %(chain)s is not the"
                     " one that stood there at %(at)s.")  # fmt: skip
            wrong.append(text % {"chain": name, "number": number, "at": at})
    return wrong


def _has(chain, number, digest) -> bool:
    return JournalEntry.objects.filter(chain=chain, number=number, hash=digest).exists()


def _files_behind() -> list[str]:
    """Look for the newest files: when they are missing together, the folder is an older one."""
    newest = StoredFile.objects.filter(state=FileState.STORED).order_by("-created_at")[:NEWEST]
    missing = []
    for row in newest:
        if row.path.exists():
            break
        missing.append(row)
    if not missing:
        return []
    text = _(
        "The files are older than the database: those stored since %(since)s are missing, "
        "%(count)s or more."
    )
    since = missing[-1].created_at.isoformat(timespec="seconds")
    return [text % {"since": since, "count": len(missing)}]
