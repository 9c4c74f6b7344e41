"""Filing a complaint or an appeal; what comes after it is its flow."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone, translation

from certification.appeals import Matter
from certification.complaint_links import Complainant
from certification.enums import About, ComplaintKind, EntryKind
from certification.flows.complaint_acts import limit_of, write
from certification.models import Certificate, Complaint
from certification.services.complaint_telling import tell_complainant, tell_managers
from certification.services.numbers import next_number
from certification.services.outcomes import count_appeals
from foundation import journal
from organisations.enums import ROLES_OF, Kind

_SERIES = {ComplaintKind.COMPLAINT: "CP", ComplaintKind.APPEAL: "AP"}
FILED = "complaint.file"


@dataclass(frozen=True)
class Filing:
    """What a person wrote into the public form; only ``about``, ``body`` and ``text`` must be."""

    about: str
    body: Any
    text: str
    certificate: Certificate | None = None
    certificate_named: str = ""
    named: str = ""
    name: str = ""
    email: str = ""
    uploads: tuple = ()


@transaction.atomic
def file_complaint(filing: Filing, *, language: str) -> Complaint:
    """Keep a complaint of anybody, give it a number and tell whom it concerns to handle it.

    The limits run from today (ISO/IEC 17021-1:2015 9.8.3). Raises ValidationError when a file is
    refused; nothing is kept then.
    """
    certificate = filing.certificate
    about_holder = filing.about == About.HOLDER
    complaint = _made(
        ComplaintKind.COMPLAINT,
        filing.body,
        about=filing.about,
        enterprise=certificate.enterprise if certificate and about_holder else None,
        case=certificate.case if certificate else None,
        certificate=certificate,
        certificate_named=filing.certificate_named,
        named=filing.named,
        subject=_person_named(filing) if filing.about == About.AUDITOR else None,
        language=language,
        name=filing.name,
        email=filing.email,
    )
    actor = Complainant(complaint_id=complaint.pk)
    write(complaint, actor, EntryKind.FILED, filing.text, filing.uploads)
    journal.record(complaint, FILED, actor, after=complaint.status)
    tell_managers("complaint.received", complaint)
    tell_complainant("received", complaint)
    return complaint


@transaction.atomic
def file_appeal(matter: Matter, *, actor, text: str, uploads=()) -> Complaint:
    """Keep an appeal of an enterprise against a decision, a declined application or a finding.

    Raises IntegrityError when one against the same is there already, ValidationError when a file
    is refused.
    """
    complaint = _made(
        ComplaintKind.APPEAL,
        matter.body,
        about=matter.about,
        enterprise=matter.enterprise,
        case=matter.case,
        application=matter.application,
        certificate=matter.certificate,
        matter_id=matter.key,
        matter_kind=matter.kind,
        matter_label=matter.label,
        matter_url=matter.url,
        audit_id=matter.audit_id,
        language=translation.get_language(),
        filed_by=actor.user,
    )
    write(complaint, actor, EntryKind.FILED, text, uploads)
    count_appeals(complaint.audit_id)
    journal.record(complaint, FILED, actor, after=complaint.status)
    tell_managers("complaint.received", complaint)
    return complaint


def _made(kind, body, **facts) -> Complaint:
    acknowledge_by = limit_of(body, "complaint_acknowledgement_working_days")
    year = timezone.localdate().year
    series = _SERIES[kind]
    number = next_number(scope="portal", series=series, year=year)
    return Complaint.objects.create(
        number=f"{series}-{year}-{number:04}",
        kind=kind,
        body=body,
        acknowledge_by=acknowledge_by,
        decide_by=limit_of(body, "complaint_decision_working_days"),
        due_on=acknowledge_by,
        **facts,
    )


def _person_named(filing):
    """Return the one person of the body with the name given, so that it never reaches them."""
    wanted = "".join(filing.named.split()).casefold()
    people = filing.body.people(*ROLES_OF[Kind.BODY])
    found = [
        one
        for one in people
        if wanted and wanted in {"".join(n.split()).casefold() for n in (one.name, one.name_latin)}
    ]
    return found[0] if len(found) == 1 else None
