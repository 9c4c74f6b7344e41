"""Nothing passes unscanned where a scanner is configured; where none is, files say so.

An upload is stored as being checked and handed to nobody else; a job asks the scanner, again and
again while it is away.
"""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation import clamav, jobs, journal, notices, timeline
from foundation.actor import SYSTEM
from foundation.models import Delivery, Job, StoredFile
from foundation.models.files import FileState, ScanState
from foundation.models.jobs import JobState

SCAN = "foundation.scan_file"
CHUNK = 256 * 1024
_OPEN = (ScanState.NOT_SCANNED, ScanState.CHECKING)

FILES = notices.register_group(
    notices.Group(
        "files",
        _("Files"),
        _("A virus was found in what you uploaded."),
        levels=(Delivery.NOW, Delivery.DIGEST),
        position=85,
    )
)
notices.register(
    "foundation.file_infected",
    group=FILES,
    title=_("A virus was found in “%(name)s”"),
    body=_("The file is kept away from everybody: %(virus)s. Send a clean copy instead, and have "
           "the computer it came from checked."),
)  # fmt: skip
timeline.register("file.infected", _("A virus was found"))
timeline.register("quota_changed", _("Quota changed"))


def first_state() -> ScanState:
    """Return in which state an upload begins."""
    return ScanState.CHECKING if settings.CLAMAV_ADDRESS else ScanState.NOT_SCANNED


def begin(file: StoredFile) -> None:
    """Ask for a scan of a stored upload, inside the present transaction; once a day suffices."""
    if settings.CLAMAV_ADDRESS and not file.generated and file.scan in _OPEN:
        jobs.enqueue(SCAN, key=f"scan:{file.pk}:{timezone.localdate()}", subject=file)


def begin_all() -> int:
    """Ask for a scan of every upload that still waits for one; return how many do."""
    if not settings.CLAMAV_ADDRESS:
        return 0
    rows = StoredFile.objects.filter(generated=False, state=FileState.STORED, scan__in=_OPEN)
    for row in rows:
        begin(row)
    return len(rows)


def forget(file: StoredFile) -> None:
    """Ask for no scan of a file any more that is being removed."""
    Job.objects.filter(kind=SCAN, subject_id=file.pk, state=JobState.QUEUED).delete()


@jobs.job(
    SCAN,
    title=_("Check a file for viruses"),
    retry_for=(clamav.ScannerError,),
    max_attempts=500,
)
def scan_file(job) -> None:
    """Ask the scanner about one file; infected, it is kept away and people are told.

    A file that was removed while its scan began needs none.
    """
    file = StoredFile.objects.filter(pk=job.subject_id).first()
    if file is None or file.scan not in _OPEN:
        return
    if not settings.CLAMAV_ADDRESS:
        _settle(file, ScanState.NOT_SCANNED)
        return
    with file.path.open("rb") as handle:
        virus = clamav.scan(iter(lambda: handle.read(CHUNK), b""))
    with transaction.atomic():
        if _settle(file, ScanState.INFECTED if virus else ScanState.CLEAN) and virus:
            _tell(file, virus)
    # The scanner is there: what waits for a later attempt need not wait.
    Job.objects.filter(kind=SCAN, state=JobState.QUEUED, run_at__gt=timezone.now()).update(
        run_at=timezone.now(), published_at=None
    )


def _settle(file: StoredFile, state: ScanState) -> bool:
    rows = StoredFile.objects.filter(pk=file.pk, scan__in=_OPEN)
    return rows.update(scan=state, changed_at=timezone.now()) == 1


def _tell(file: StoredFile, virus: str) -> None:
    journal.record(file, "file.infected", SYSTEM, {"virus": virus, "sha256": file.sha256})
    operators = get_user_model().objects.filter(is_staff=True, is_active=True)
    people = [file.uploaded_by, *operators] if file.uploaded_by else list(operators)
    notices.notify("foundation.file_infected", to=people, obj=file, name=file.name, virus=virus)
