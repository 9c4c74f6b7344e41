"""What missed limits call for: proposed to a certifier, or done where the rules say so."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone

from certification.enums import (
    LIVE,
    SURVEILLANCES,
    Cause,
    CertificateStatus,
    DecisionKind,
    Ground,
    ProposalStatus,
)
from certification.flows.certificates import CERTIFICATE_FLOW, WITHDRAWAL_CAUSES
from certification.flows.proposals import POSSIBLE_FROM, PROPOSAL_FLOW, RAISED
from certification.models import (
    AuditOutcome,
    Certificate,
    CertificateEvent,
    ProgrammeItem,
    Proposal,
)
from certification.models.proposals import NAMES_IT
from certification.services.periods import suspension_ends_by
from certification.services.telling import tell_body, tell_deciders
from foundation import journal
from foundation.actor import SYSTEM
from foundation.notices import in_both
from foundation.sweeps import Acts, Progress, silent
from foundation.workflow import perform
from organisations.enums import Role
from schemes.queries import book_of

_KIND = {
    Ground.SURVEILLANCE: DecisionKind.SUSPEND,
    Ground.MAJOR: DecisionKind.SUSPEND,
    Ground.SUSPENSION: DecisionKind.WITHDRAW,
    Ground.TRANSFER: DecisionKind.CANCEL,
    Ground.APPROVAL: DecisionKind.SUSPEND,
}


@dataclass(frozen=True)
class Missed:
    """A limit that was missed: of which certificate, when, by what, with which public cause."""

    certificate_id: UUID
    ground: str
    missed_on: date
    cause: str
    about: str = ""
    about_url: str = ""

    def __str__(self):
        return str(self.certificate_id)

    @property
    def key(self) -> tuple:
        return (self.certificate_id, self.ground, self.about, self.missed_on)


Source = Callable[[date], Iterable[Missed]]
SOURCES: list[Source] = []


def source(function: Source) -> Source:
    """Register a function that yields every limit missed as of a day, in a few statements."""
    SOURCES.append(function)
    return function


@source
def surveillances(today: date) -> Iterable[Missed]:
    """Yield audits not held in their window (ISO/IEC 17021-1:2015 9.6.5; CNCA-QMS-01 5.4.1.4).

    One that began in time and goes on has missed nothing.
    """
    held = AuditOutcome.objects.filter(
        case=OuterRef("case"), cycle=OuterRef("cycle"), kind=OuterRef("kind")
    ).exclude(last_day=None)
    rows = ProgrammeItem.objects.filter(
        kind__in=SURVEILLANCES,
        window_to__lt=today,
        done_on=None,
        cycle=F("case__cycle"),
        case__status__in=LIVE,
        case__certificates__status=CertificateStatus.VALID,
        # One that an extension brought later has missed nothing.
        case__certificates__first_issued_on__lte=F("window_to"),
    ).exclude(Exists(held) | Q(begun_on__lte=F("window_to")))
    for pk, kind, on in rows.values_list("case__certificates", "kind", "window_to"):
        yield Missed(pk, Ground.SURVEILLANCE, on, Cause.SURVEILLANCE_OVERDUE, about=kind)


@source
def suspensions(today: date) -> Iterable[Missed]:
    """Yield suspensions that ended without a decision (ISO/IEC 17021-1:2015 9.6.5)."""
    events = CertificateEvent.objects.filter(
        certificate=OuterRef("pk"), after=CertificateStatus.SUSPENDED
    ).exclude(before=CertificateStatus.SUSPENDED)
    rows = Certificate.objects.filter(
        status=CertificateStatus.SUSPENDED, suspended_until__lt=today
    ).annotate(why=Subquery(events.order_by("-on", "-created_at").values("cause")[:1]))
    for pk, on, why in rows.values_list("pk", "suspended_until", "why"):
        cause = why if why in WITHDRAWAL_CAUSES else Cause.OBLIGATIONS
        yield Missed(pk, Ground.SUSPENSION, on, cause)


@source
def transfers(today: date) -> Iterable[Missed]:
    """Yield what another body took over, and the own body still keeps in force (IAF MD 2)."""
    rows = Certificate.objects.filter(status=CertificateStatus.VALID, transferred_on__isnull=False)
    for pk, on in rows.values_list("pk", "transferred_on"):
        yield Missed(pk, Ground.TRANSFER, on, Cause.TRANSFER)


@source
def approvals(today: date) -> Iterable[Missed]:
    """Yield what nobody took over in time after its body lost the approval (IAF MD 2)."""
    rows = Certificate.objects.filter(
        status=CertificateStatus.VALID, transfer_by__lt=today, transferred_on=None
    )
    for pk, on in rows.values_list("pk", "transfer_by"):
        yield Missed(pk, Ground.APPROVAL, on, Cause.APPROVAL)


def sweep(progress: Progress = silent) -> int:
    """Propose what missed limits call for, close what no longer holds; return how many changed.

    May run any number of times; a night that was missed is made up for by the next. A record that
    fails does not hold up the others; NotAllDoneError names all that failed.
    """
    today = timezone.localdate()
    missed = {row.key: row for function in SOURCES for row in function(today)}
    known = set(Proposal.objects.standing(today).values_list(*NAMES_IT))
    acts = Acts(progress)
    acts.do([row for key, row in missed.items() if key not in known], _raise)
    still_open = Proposal.objects.filter(status=ProposalStatus.OPEN)
    listed = still_open.only("status", *NAMES_IT)
    acts.do([row for row in listed if row.key not in missed], _lapse)
    over = still_open.filter(due_on__lt=today, automatic=True)
    over = over.select_related("certificate__case__rule_set")
    acts.do([row for row in over if row.key in missed], _suspend)
    return acts.end()


@transaction.atomic
def _raise(missed: Missed) -> bool:
    # Whoever acts on the certificate comes before or after, and does not wait for the journal.
    certificate = Certificate.objects.select_for_update(of=("self",)).get(pk=missed.certificate_id)
    standing = certificate.proposals.standing(timezone.localdate())
    if missed.key in standing.values_list(*NAMES_IT):
        return False  # another sweep was faster
    kind = _KIND[missed.ground]
    if certificate.status != POSSIBLE_FROM[kind]:
        return False
    rules = book_of(certificate.case.rule_set)
    due_on = rules.limit("status_change_working_days").last_day(timezone.localdate())
    suspends = missed.ground == Ground.SURVEILLANCE and rules.value("surveillance_missed_suspends")
    proposal = Proposal.objects.create(
        certificate=certificate,
        ground=missed.ground,
        about=missed.about,
        about_url=missed.about_url,
        missed_on=missed.missed_on,
        kind=kind,
        cause=missed.cause,
        due_on=due_on,
        automatic=bool(suspends) and due_on is not None,
    )
    facts = {"ground": proposal.ground, "missed_on": proposal.missed_on.isoformat()}
    journal.record(
        proposal, RAISED, SYSTEM, facts, after=proposal.status, internal_to=proposal.body_id
    )
    url = proposal.get_absolute_url()
    if proposal.ground == Ground.TRANSFER:
        return True  # told when it happened
    if proposal.ground == Ground.SUSPENSION:
        to = (Role.CERTIFIER, Role.MANAGER)
        tell_body("certificate.suspension_over", certificate, *to, url=url)
    else:
        why = in_both("why", lambda row: row.why, proposal)
        tell_deciders("proposal.raised", certificate, url=url, **why)
        # Where no certifier is independent, somebody has to know.
        tell_body("proposal.raised", certificate, Role.MANAGER, url=url, **why)
    return True


def _lapse(proposal: Proposal) -> None:
    perform(PROPOSAL_FLOW, proposal, "lapse", SYSTEM)


def _suspend(proposal: Proposal) -> None:
    """Suspend where the rule set says that a missed surveillance does (CNCA-QMS-01 5.4.1.4)."""
    certificate = proposal.certificate
    perform(
        CERTIFICATE_FLOW,
        certificate,
        "suspend_by_rule",
        SYSTEM,
        cause=proposal.cause,
        until=suspension_ends_by(certificate),
        proposal=proposal,
    )
    tell_body(
        "certificate.suspended_by_rule",
        certificate,
        Role.CERTIFIER,
        Role.MANAGER,
        **in_both("why", lambda row: row.why, proposal),
    )
