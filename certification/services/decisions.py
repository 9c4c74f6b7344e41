"""Decisions on certification: who may decide, on what, and the row that keeps it."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from certification.enums import (
    SURVEILLANCES,
    ApplicationKind,
    AuditKind,
    DecisionKind,
    SpecialPurpose,
)
from certification.models import AuditOutcome, Case, Decision, Proposal
from certification.rights import DECIDER
from foundation.workflow import NotAllowed


def pending_outcomes(case: Case) -> list[AuditOutcome]:
    """Return what the audits of the present cycle reported and no decision rests on yet."""
    return [
        outcome
        for outcome in case.outcomes.all()
        if outcome.cycle == case.cycle and outcome.decision_id is None
    ]


def deciders_of(cases: Iterable) -> dict[tuple, set]:
    """Map (case, cycle) to those who decided in it, or dismissed a proposal to decide.

    They take no other part in it (ISO/IEC 17021-1:2015 9.5.1).
    """
    decided = Decision.objects.filter(case__in=cases).order_by()
    dismissed = Proposal.objects.filter(certificate__case__in=cases).exclude(dismissed_by=None)
    found = defaultdict(set)
    rows = decided.values_list("case", "cycle", "decided_by")
    names = ("certificate__case", "cycle", "dismissed_by")
    for case, cycle, person in rows.union(dismissed.order_by().values_list(*names)):
        found[case, cycle].add(person)
    return found


def deciders(case_id, cycle: int) -> set:
    """Return the keys of those who decided in one cycle of a case."""
    return deciders_of([case_id])[case_id, cycle]


def refused_audits(case: Case) -> set:
    """Return the keys of the audits whose object was refused, such as a declined extension.

    A refusal rests on all that was reported, surveillance too; that stays to be resolved.
    """
    refusals = {row.pk for row in case.decisions.all() if row.kind == DecisionKind.REFUSE}
    return {
        row.audit_id
        for row in case.outcomes.all()
        if row.decision_id in refusals and row.kind not in SURVEILLANCES
    }


def due_decision(case: Case) -> str:
    """Return the kind of decision that the reported audits call for."""
    if not case.certificates.all():
        return DecisionKind.GRANT
    pending = pending_outcomes(case)
    if any(outcome.kind == AuditKind.RECERTIFICATION for outcome in pending):
        return DecisionKind.RENEW
    application = case.application
    extending = application is not None and application.kind == ApplicationKind.EXTENSION
    if extending and any(_is_for_extension(outcome) for outcome in pending):
        return DecisionKind.EXTEND
    return DecisionKind.MAINTAIN


def _is_for_extension(outcome: AuditOutcome) -> bool:
    """Tell whether a special audit looked at what shall be added; none said so of old."""
    if outcome.kind != AuditKind.SPECIAL:
        return False
    return outcome.item is None or outcome.item.purpose in ("", SpecialPurpose.EXTENSION)


@transaction.atomic
def decide(
    *, case: Case, kind: str, actor, reason: str, certificate=None, cause="", **facts
) -> Decision:
    """Keep a decision for good.

    Raises NotAllowed when the actor took part in the cycle or is no certifier of the body
    (ISO/IEC 17021-1:2015 9.5.1); the database refuses the same.
    """
    access = DECIDER(actor, case)
    if not access:
        raise NotAllowed(access.reason)
    return Decision.objects.create(
        case=case,
        cycle=case.cycle,
        kind=kind,
        certificate=certificate,
        decided_by=actor.user,
        decided_on=timezone.localdate(),
        cause=cause,
        reason=reason,
        facts=facts,
    )


def decide_on_audits(*, case: Case, kind: str, actor, reason: str) -> Decision:
    """Keep a decision that rests on everything the audits reported so far."""
    pending = pending_outcomes(case)
    audits = [str(outcome.audit_id) for outcome in pending]
    decision = decide(case=case, kind=kind, actor=actor, reason=reason, audits=audits)
    rows = AuditOutcome.objects.filter(pk__in=[outcome.pk for outcome in pending])
    rows.update(decision=decision)
    return decision
