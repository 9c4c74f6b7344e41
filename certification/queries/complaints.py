"""What is asked of complaints and appeals: who took part, who is free, what may come next."""

import unicodedata
from collections import defaultdict

from django.db.models import Q
from django.utils import timezone

from certification.enums import ComplaintStatus, DecisionKind, EntryKind
from certification.models import Certificate, Complaint, ComplaintEntry
from certification.models.complaints import ENDED, FOR_COMPLAINANT, FOR_HOLDER, UNDECIDED
from foundation.models import Attachment
from foundation.models.base import subject_type
from organisations.enums import ROLES_OF, BodyStatus, Kind, Role
from organisations.models import Organisation

_HANDLING = ("case__involvements", "case__decisions", "application__review")


def complaints_for(actor):
    """Return the complaints and appeals an actor sees, with what their pages and rights ask."""
    rows = Complaint.objects.visible_to(actor)
    return rows.select_related(
        "body", "enterprise", "authority", "case", "application", "handler", "decider", "decided_by"
    ).prefetch_related(*_HANDLING, "entries")


def involved(complaint: Complaint, case=None) -> set:
    """Return the keys of who may not handle or decide it (ISO/IEC 17021-1:2015 9.7, 9.8).

    Whom it is about, and who audited, judged, reviewed or decided in the case concerned, in any
    cycle. ``case`` is one that is only about to be named.
    """
    people = {complaint.subject_id}
    case = complaint.case or case
    if case is not None:
        people |= {row.user_id for row in case.involvements.all()}
        people |= {row.decided_by_id for row in case.decisions.all()}
    application = complaint.application
    if application is not None:
        review = getattr(application, "review", None)
        people |= {application.reviewer_id, review and review.reviewer_id}
    return people - {None}


def independent_people(complaint: Complaint, case=None) -> list:
    """Return the people of the body who took no part in the matter, by name."""
    taken = involved(complaint, case)
    people = complaint.body.people(*ROLES_OF[Kind.BODY])
    return [person for person in people if person.pk not in taken]


def nobody_is_independent(complaint: Complaint) -> bool:
    """Tell whether the body has nobody left who may handle it."""
    return not independent_people(complaint)


def missed_limit(complaint: Complaint, today=None):
    """Return the day of the limit that the body has missed, or None.

    Acknowledgement and decision are promised to the complainant; a progress report that comes late
    is the handler's affair.
    """
    today = today or timezone.localdate()
    if complaint.status == ComplaintStatus.RECEIVED and complaint.acknowledge_by < today:
        return complaint.acknowledge_by
    if complaint.status in UNDECIDED and complaint.decide_by < today:
        return complaint.decide_by
    return None


def may_turn_to_authority(complaint: Complaint) -> bool:
    """After the end, when a limit was missed, or when the body has nobody independent."""
    return (
        complaint.status in ENDED
        or missed_limit(complaint) is not None
        or nobody_is_independent(complaint)
    )


def authority_for(body: Organisation) -> Organisation | None:
    """Return the authority that oversees a body: that of the smallest region it lies in."""
    rows = Organisation.objects.filter(kind=Kind.AUTHORITY)
    found = [row for row in rows if body.region.startswith(row.region_prefix)]
    return max(found, key=lambda row: len(row.region_prefix), default=None)


def open_question(complaint: Complaint):
    """Return the question to the complainant that is not answered yet, or None."""
    for entry in reversed(complaint.entries.all()):
        if entry.kind == EntryKind.ANSWER:
            return None
        if entry.kind == EntryKind.QUESTION:
            return entry
    return None


def client_has_answered(complaint: Complaint) -> bool:
    return any(entry.kind == EntryKind.CLIENT_ANSWER for entry in complaint.entries.all())


def authority_has_answered(complaint: Complaint) -> bool:
    return any(entry.kind == EntryKind.AUTHORITY for entry in complaint.entries.all())


def entries_for(complaint: Complaint, actor) -> list:
    """Return what of the file an actor reads, oldest first."""
    entries = list(complaint.entries.select_related("author"))
    if actor.kind in (Kind.BODY, Kind.AUTHORITY) or actor.is_operator:
        return entries
    is_holder = actor.kind == Kind.ENTERPRISE and not complaint.is_appeal
    wanted = FOR_HOLDER if is_holder else FOR_COMPLAINANT
    return [entry for entry in entries if entry.kind in wanted]


def open_appeals(case):
    """Return the appeals of a case that are not decided yet, oldest first."""
    rows = [row for row in case.complaints.all() if row.is_appeal and row.status in UNDECIDED]
    return sorted(rows, key=lambda row: row.created_at)


def public_bodies():
    """Return the certification bodies that somebody can complain about, by name."""
    known = (BodyStatus.APPROVED, BodyStatus.SUSPENDED)
    rows = Organisation.objects.filter(kind=Kind.BODY, body_profile__status__in=known)
    return rows.order_by("name_zh", "name_en")


def certificate_named(words: str) -> Certificate | None:
    """Return the published certificate with a number, a code or an address somebody copied."""
    last = words.strip().rstrip("/").rsplit("/", 1)[-1]
    key = "".join(
        c for c in unicodedata.normalize("NFKC", words).upper() if not c.isspace() and c != "-"
    )
    if not last.isprintable() or not key.isprintable():
        return None
    rows = Certificate.objects.published().select_related("body", "enterprise", "case")
    return rows.filter(Q(code=last) | Q(number_key=key)).first()


def files_of(entries) -> dict:
    """Return the files of entries by the key of their entry, in one statement."""
    rows = Attachment.objects.filter(
        subject_type=subject_type(ComplaintEntry), subject_id__in=[entry.pk for entry in entries]
    )
    found = defaultdict(list)
    for row in rows.select_related("file").order_by("created_at"):
        found[row.subject_id].append(row.file)
    return found


def upheld_refusal(case) -> Complaint | None:
    """Return the upheld appeal against the refusal of a case that waits for a new decision."""
    found = (row for row in case.complaints.all() if row.matter_kind == DecisionKind.REFUSE)
    return next((row for row in found if row.needs_new_decision), None)


def appeal_against(key) -> Complaint | None:
    """Return the appeal against a matter that stands, or None."""
    rows = Complaint.objects.filter(matter_id=key).exclude(status=ComplaintStatus.WITHDRAWN)
    return rows.first()


def with_appeals(rows, actor, may) -> list:
    """Return rows with the appeal against each that the actor sees, and whether to offer one.

    ``may(row)`` tells whether it is something to appeal against; an owner is offered it.
    """
    rows = list(rows)
    found = {
        row.matter_id: row
        for row in Complaint.objects.visible_to(actor)
        .filter(matter_id__in=[row.pk for row in rows])
        .exclude(status=ComplaintStatus.WITHDRAWN)
    } if rows else {}  # fmt: skip
    for row in rows:
        row.appeal = found.get(row.pk)
        row.may_appeal = Role.OWNER in actor.roles and row.appeal is None and bool(may(row))
    return rows
