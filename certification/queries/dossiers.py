"""Everything an application consists of, fetched once."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.utils import timezone

from certification.enums import DocumentKind
from foundation import files
from foundation.models import Attachment, Job, StoredFile
from organisations.queries import LICENCE
from schemes.queries import rule_book_for
from schemes.rulebook import RuleBook

CHINA = "CN"
COPY = "copy"
COPY_JOB = "certification.render_application"


@dataclass
class Dossier:
    """An application with its schemes, sites and files, on one day."""

    application: Any
    enterprise: Any
    body: Any
    schemes: list
    sites: list
    documents: list
    licences: list
    today: date

    @cached_property
    def rules(self) -> RuleBook:
        """The limits of the enterprise's country on that day."""
        return rule_book_for(str(self.enterprise.country), self.today)

    @property
    def is_chinese(self) -> bool:
        return str(self.enterprise.country) == CHINA

    @property
    def areas(self) -> list:
        """The technical areas named, each once, in the order of the catalogue."""
        found = {area.pk: area for row in self.schemes for area in row.areas.all()}
        return sorted(found.values(), key=lambda area: area.position)


def dossier_of(application, today: date | None = None) -> Dossier:
    """Fetch what belongs to an application, in a fixed number of queries."""
    rows = application.sites.select_related("site").order_by(
        "-site__is_central", "site__created_at"
    )
    return Dossier(
        application=application,
        enterprise=application.enterprise,
        body=application.body,
        schemes=list(
            application.schemes.select_related("scheme", "edition").prefetch_related("areas")
        ),
        sites=[row.site for row in rows],
        documents=list(files.attachments_of(application).filter(label__in=DocumentKind.values)),
        licences=list(files.attachments_of(application.enterprise, LICENCE)),
        today=today or timezone.localdate(),
    )


@dataclass(frozen=True)
class Copy:
    """The PDF of a sent version, or the job that makes it; both None until somebody asks."""

    file: StoredFile | None
    job: Job | None


def copies_of(versions: list, actor) -> dict:
    """Map each version's key to its copy, with the job if the actor may see it."""
    keys = [version.pk for version in versions]
    rows = Attachment.objects.filter(
        subject_type="certification.applicationversion", subject_id__in=keys, label=COPY
    )
    made = {row.subject_id: row.file for row in rows.select_related("file")}
    asked = Job.objects.visible_to(actor).filter(kind=COPY_JOB, subject_id__in=keys)
    running = {row.subject_id: row for row in asked}
    return {key: Copy(made.get(key), running.get(key)) for key in keys}
