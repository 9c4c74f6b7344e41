"""Everything an application consists of, fetched once."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.utils import timezone

from certification.enums import DocumentKind
from foundation import files
from organisations.queries import LICENCE
from schemes.queries import rule_book_for
from schemes.rulebook import RuleBook

CHINA = "CN"


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
