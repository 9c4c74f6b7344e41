"""Audits whose object was refused: no decision rests on them any more."""

from django.db.models import Exists, OuterRef

from certification.enums import SURVEILLANCES, DecisionKind
from certification.models import AuditOutcome


def is_refused(audit: str = "audit") -> Exists:
    """Return the condition that the audit a row names was about what the body refused.

    A refusal rests on all that was reported, surveillance too; that stays to be resolved.
    """
    rows = AuditOutcome.objects.filter(audit_id=OuterRef(audit), decision__kind=DecisionKind.REFUSE)
    return Exists(rows.exclude(kind__in=SURVEILLANCES))
