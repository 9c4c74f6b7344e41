"""Long exports: a job writes the file with the rights its person has then, and says so."""

import tempfile

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from foundation import actor as actors
from foundation import files, jobs, notices
from foundation.exports import FORMATS, columns_of, csv_lines, file_name, lines_of, write_xlsx
from foundation.lists.declared import find
from foundation.lists.listing import Listing
from foundation.models import Export, Job
from foundation.models.base import subject_type
from foundation.models.jobs import JobState

JOB = "foundation.export_list"
READY = "list.exported"
CHUNK = 256 * 1024

notices.register(
    READY,
    title=_("Your list is ready: %(list)s"),
    body=_("The file has %(rows)s rows. It is kept for 7 days and only you can fetch it."),
    group=notices.WORK,
)


def is_long(listing: Listing) -> bool:
    """Tell whether a list is too long to be written while somebody waits."""
    return listing.count > settings.LIST_EXPORT_DIRECT


@transaction.atomic
def export_start(*, actor, listing: Listing, extension: str) -> Export:
    """Ask for a file; asking again for the same one while it is made gives the same."""
    asked = {
        "list_name": listing.page.name,
        "place": {name: str(value) for name, value in listing.place.items()},
        "query": listing.link().removeprefix("?"),
        "extension": extension,
    }
    for present in Export.objects.visible_to(actor).filter(file=None, **asked):
        if job_of(present).state in (JobState.QUEUED, JobState.RUNNING):
            return present
    export = Export.objects.create(
        person=actor.user, organisation_id=actor.organisation_id, total=listing.count, **asked
    )
    jobs.enqueue(JOB, key=f"export:{export.pk}", subject=export, actor=actor)
    return export


def job_of(export: Export) -> Job:
    """Return the job that makes a file."""
    return Job.objects.get(subject_type=subject_type(export), subject_id=export.pk)


@jobs.job(JOB, title=_("Export of a list"), retry_for=(OperationalError, OSError), max_attempts=5)
def export_write(job):
    """Write the file of an export, in the person's language and with the rights held now."""
    export = Export.objects.select_related("person").get(pk=job.subject_id)
    if export.file_id:
        return
    actor = actors.again(export.person, export.organisation_id)
    page = find(export.list_name)
    access = page.right(actor)
    if not access:
        raise PermissionDenied(access.reason)
    with (
        translation.override(export.person.language),
        tempfile.TemporaryFile() as handle,
    ):
        listing = Listing(page, actor, export.query, export.place)
        _write(handle, listing, export.extension, job)
        handle.seek(0)
        _keep(export, page, listing, iter(lambda: handle.read(CHUNK), b""))


def _write(handle, listing, extension, job) -> None:
    header, values = columns_of(listing)
    count = max(listing.count, 1)
    rows = lines_of(listing, values, lambda done: jobs.progress(job, min(99, done * 100 // count)))
    if extension == "csv":
        for line in csv_lines(header, rows):
            handle.write(line.encode())
    else:
        write_xlsx(handle, listing.page.title, header, rows)


@transaction.atomic
def _keep(export, page, listing, chunks) -> None:
    """Store the file, give it to its person and say so; all of it or nothing."""
    export.file = files.write_generated(
        chunks,
        name=file_name(page.name, export.extension),
        content_type=FORMATS[export.extension].partition(";")[0],
        organisation_id=export.organisation_id,
    )
    export.total = listing.count
    export.save(update_fields=["file", "total", "changed_at"])
    files.attach(export.file, export, "export")
    notices.notify(
        READY,
        to=[export.person],
        obj=export,
        url=export.get_absolute_url(),
        rows=listing.count,
        **notices.in_both("list", str, page.title),
    )
