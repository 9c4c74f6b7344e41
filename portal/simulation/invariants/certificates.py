"""Certificates: valid as long as the rules let, numbered in a row, public as they are."""

from datetime import date, timedelta

from django.db.models import Count, Exists, Max, OuterRef, Q
from django.utils import timezone

from certification import deadlines
from certification.enums import (
    SURVEILLANCES,
    CertificateStatus,
    Ground,
    ProposalStatus,
    RevisionStatus,
)
from certification.models import (
    AuditOutcome,
    Certificate,
    CertificateEvent,
    ProgrammeItem,
    Proposal,
)
from foundation.calendar import add_working_days
from foundation.checkup import CHECKS
from portal.simulation.watch import Broken, Look, invariant
from schemes.queries import book_of
from verification.queries import certificate_by_code, facts

_S = CertificateStatus
_BEGINS = Q(events__after=_S.SUSPENDED) & ~Q(events__before=_S.SUSPENDED)
_IN_FORCE = (_S.VALID, _S.SUSPENDED)


@invariant("no certificate is in force past its last day")
def ends_are_kept(look: Look):
    """The night ends what ran out; nobody is told that it still holds."""
    for certificate in Certificate.objects.filter(status__in=_IN_FORCE, expires_on__lt=look.today):
        yield Broken(certificate, f"is {certificate.status} and ended {certificate.expires_on}")


@invariant("no certificate lasts longer than the rules let")
def periods_are_kept(look: Look):
    """Three years from the decision, or from the end before (ISO/IEC 17021-1 9.1.3, 9.6.3)."""
    for certificate in look.rows(Certificate).select_related("case__rule_set"):
        limit = book_of(certificate.case.rule_set).limit("certificate_validity_years")
        if certificate.expires_on < limit.last_day(certificate.effective_on):
            continue
        ends = {
            date.fromisoformat(row.content["dates"]["expires_on"])
            for row in certificate.revisions.all()
        }
        if not any(limit.last_day(end) == certificate.expires_on for end in ends):
            yield Broken(certificate, f"{certificate.effective_on} to {certificate.expires_on}")


@invariant("no suspension is set for longer than the rules let (ISO/IEC 17021-1 9.6.5)")
def suspensions_are_kept(look: Look):
    """Count the months from the day of the suspension."""
    rows = look.rows(Certificate).filter(status=_S.SUSPENDED).select_related("case__rule_set")
    for certificate in rows.annotate(
        since=Max(
            "events__on", filter=Q(events__after=_S.SUSPENDED) & ~Q(events__before=_S.SUSPENDED)
        )
    ):
        rules = book_of(certificate.case.rule_set)
        latest = deadlines.suspension(
            rules, since=certificate.since, expires_on=certificate.expires_on
        ).on
        if certificate.suspended_until is None or certificate.suspended_until > latest:
            yield Broken(
                certificate, f"suspended until {certificate.suspended_until}, {latest} is the limit"
            )

    # One that is over by the evening was too long all the same.
    for entry in look.entries:
        if entry.verb == "certificate.suspend":
            yield from _too_long(entry)


def _too_long(entry):
    certificate = Certificate.objects.select_related("case__rule_set").get(pk=entry.subject_id)
    rules, until = book_of(certificate.case.rule_set), date.fromisoformat(entry.data["until"])
    since = timezone.localdate(entry.at)
    latest = deadlines.suspension(rules, since=since, expires_on=certificate.expires_on).on
    if until > latest:
        yield Broken(certificate, f"was suspended until {until}, {latest} is the limit")


@invariant("a suspension that ended is put before a certifier (ISO/IEC 17021-1 9.6.5)")
def suspensions_are_resolved(look: Look):
    """The night proposes what is to be done, and nobody can wave it away."""
    over = Certificate.objects.filter(
        status=_S.SUSPENDED, suspended_until__lt=look.today, expires_on__gte=look.today
    )
    waits = Proposal.objects.filter(
        certificate=OuterRef("pk"), ground=Ground.SUSPENSION, status=ProposalStatus.OPEN
    )
    for certificate in over.exclude(Exists(waits)):
        yield Broken(certificate, f"was suspended until {certificate.suspended_until}")


@invariant("where the rules say so, who missed a surveillance is suspended in time")
def missed_surveillance_suspends(look: Look):
    """CNCA-QMS-01 5.4.1.4: unless a person dismissed it, a missed limit ends the validity."""
    if not look.whole:
        return
    rows = ProgrammeItem.objects.filter(
        kind__in=SURVEILLANCES, done_on=None, window_to__lt=look.today - timedelta(days=30),
        case__certificates__status=_S.VALID,
    ).select_related("case__rule_set")  # fmt: skip
    for item in rows.distinct():
        rules = book_of(item.case.rule_set)
        reported = AuditOutcome.objects.filter(case=item.case, cycle=item.cycle, kind=item.kind)
        if (
            item.cycle != item.case.cycle
            or not rules.value("surveillance_missed_suspends")
            or reported.exclude(last_day=None).exists()
        ):
            continue
        late = add_working_days(item.window_to, 12)
        valid = item.case.certificates.filter(status=_S.VALID, first_issued_on__lte=item.window_to)
        for certificate in valid:
            told = certificate.proposals.filter(missed_on=item.window_to)
            if late < look.today and not told.exclude(status="open").exists():
                yield Broken(certificate, f"{item.kind} was due {item.window_to}")


@invariant("the public is told the state that the journal tells")
def public_status_is_true(look: Look):
    """Ask as the public page does, and compare with the last step in the journal."""
    for certificate in look.rows(Certificate):
        told = look.memory.states.get(certificate.pk, _S.ISSUING)
        found = certificate_by_code(certificate.code)
        if told == _S.ISSUING:
            if found is not None:
                yield Broken(certificate, "is public before it is issued")
            continue
        public = facts(found)["status"] if found is not None else "unknown"
        over = told in _IN_FORCE and certificate.expires_on < look.today
        if public != (_S.EXPIRED if over else told):
            yield Broken(certificate, f"the public page says “{public}”, the journal “{told}”")


@invariant("every certificate that was issued has one revision in force")
def one_revision_is_in_force(look: Look):
    """And none before it is issued."""
    rows = look.rows(Certificate).annotate(
        current=Count("revisions", filter=Q(revisions__status=RevisionStatus.ISSUED))
    )
    issuing = Q(status=_S.ISSUING)
    for certificate in rows.filter((issuing & ~Q(current=0)) | (~issuing & ~Q(current=1))):
        yield Broken(certificate, f"is {certificate.status} with {certificate.current} in force")


@invariant("every state of a certificate is in its public history")
def history_is_public(look: Look):
    """The last public event leads to the state of the certificate."""
    for certificate in look.rows(Certificate).exclude(status=_S.ISSUING):
        events = CertificateEvent.objects.filter(certificate=certificate)
        last = events.order_by("on", "created_at").last()
        if last is None or last.after != certificate.status:
            yield Broken(certificate, f"is {certificate.status}, its history ends otherwise")


@invariant("numbers have neither gaps nor duplicates")
def numbers_are_in_a_row(look: Look):
    """What the doctor asks, on each day on which numbers were given."""
    if look.did("case.grant", "case.extend", "application.submit", "application.sign"):
        for name in ("numbers.certificates", "numbers.portal", "numbers.audits"):
            for finding in CHECKS[name].find():
                yield Broken(finding.record, finding.text)
