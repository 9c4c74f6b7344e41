"""Decisions: by somebody who took no part, on audits that are reported, over no open major."""

from django.db.models import F, Q

from audits.enums import Grade
from audits.models import AuditMember, Finding, FindingAnswer
from certification.enums import DecisionKind
from certification.models import (
    Application,
    AuditOutcome,
    Certificate,
    CertificateRevision,
    Decision,
)
from certification.services.decisions import refused_audits
from foundation.models import JournalEntry
from organisations.enums import Role
from organisations.models import Membership
from portal.simulation.watch import Broken, Look, invariant

_ON_AUDITS = (DecisionKind.GRANT, DecisionKind.MAINTAIN, DecisionKind.RENEW, DecisionKind.EXTEND)


def _fresh(look: Look):
    """Return the decisions taken since the last look."""
    rows = look.rows(Decision)
    if not look.whole:
        rows = rows.filter(decided_on=look.today)
    return rows.select_related("case", "decided_by").order_by("created_at")


@invariant("whoever decides is a certifier who took no part in the cycle (ISO/IEC 17021-1 9.5.1)")
def deciders_are_independent(look: Look):
    """Recompute who took part: on the team, as reviewer, as judge of corrective actions."""
    for decision in _fresh(look):
        user = decision.decided_by_id
        held = Membership.objects.filter(
            Q(ended_at=None) | Q(ended_at__gte=decision.created_at),
            user=user, organisation=decision.case.body_id, role=Role.CERTIFIER,
        )  # fmt: skip
        if not held.exists():
            yield Broken(decision, f"{decision.decided_by} is no certifier of the body")
        for part in _parts(decision, user):
            yield Broken(decision, f"{decision.decided_by} decided and took part: {part}")


def _parts(decision, user):
    case, cycle = decision.case_id, decision.cycle
    audited = AuditMember.objects.filter(
        audit__case=case, audit__cycle=cycle, user=user, audit__opened_at__lt=decision.created_at
    )
    if audited.exists():
        yield "audit"
    judged = FindingAnswer.objects.filter(
        finding__audit__case=case, finding__audit__cycle=cycle, judged_by=user,
        judged_at__lt=decision.created_at,
    )  # fmt: skip
    if judged.exists():
        yield "judgement"
    reviewed = Application.objects.filter(case=case, reviewer=user)
    if cycle == decision.case.cycle and cycle == 1 and reviewed.exists():
        yield "review"


@invariant("no decision in favour passes over an open major (ISO/IEC 17021-1 9.5.2)")
def majors_block(look: Look):
    """Look at the majors of the case as they were at the moment of the decision."""
    for decision in _fresh(look).filter(kind__in=_ON_AUDITS):
        rows = Finding.objects.filter(
            Q(closed_at=None) | Q(closed_at__gt=decision.created_at),
            audit__case=decision.case_id,
            grade=Grade.MAJOR,
            shown_at__lt=decision.created_at,
        )
        for finding in rows.exclude(audit__in=refused_audits(decision.case)):
            if not _escalated_since(finding, decision):
                yield Broken(decision, f"{decision.kind} over {finding} ({finding.status})")


def _escalated_since(finding, decision) -> bool:
    """Tell whether it was still a minor when it was decided."""
    rows = JournalEntry.objects.filter(subject_id=finding.pk, verb="finding.escalate")
    return rows.filter(at__gt=decision.created_at).exists()


@invariant("no decision in favour rests on a report nobody reviewed, or on minors without a plan")
def audits_are_reported(look: Look):
    """Look at the outcomes a decision rests on."""
    for decision in _fresh(look).filter(kind__in=_ON_AUDITS):
        rows = AuditOutcome.objects.filter(decision=decision)
        for outcome in rows.filter(report_reviewed=False):
            yield Broken(decision, f"{outcome.kind} is not reported")
        if decision.decided_on == look.today:
            for outcome in rows.filter(minors_without_plan__gt=0):
                yield Broken(decision, f"{outcome.kind} has minors without a plan")
        if not rows.exists():
            yield Broken(decision, "it rests on no audit")


@invariant("every revision of a certificate rests on a decision about its case")
def certificates_are_decided(look: Look):
    """Compare each revision with its decision: same case, not before it, of a fitting kind."""
    rows = look.rows(CertificateRevision, "certificate__case")
    odd = rows.exclude(decision__case=F("certificate__case"), decision__decided_on=F("issued_on"))
    for revision in odd:
        yield Broken(revision, "it rests on no decision of that day on its case")
    first = rows.filter(revision=1).exclude(
        decision__kind__in=(DecisionKind.GRANT, DecisionKind.EXTEND)
    )
    for revision in first:
        yield Broken(revision, f"the first one rests on “{revision.decision.kind}”")
    bare = look.rows(Certificate).filter(revisions=None)
    for certificate in bare:
        yield Broken(certificate, "it has no revision")
