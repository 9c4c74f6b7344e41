"""What the outcome of an audit counts beside what the audit reports."""

from certification.enums import ComplaintKind
from certification.models import AuditOutcome, Complaint
from certification.models.complaints import UNDECIDED


def count_appeals(audit_id) -> None:
    """Count the undecided appeals against findings of an audit again; None counts nothing.

    Call it inside the transaction that changed one: the row stays locked, so that of two at once
    the second sees the first.
    """
    if audit_id is None:
        return
    for outcome in AuditOutcome.objects.select_for_update().filter(audit_id=audit_id):
        rows = Complaint.objects.filter(
            kind=ComplaintKind.APPEAL, audit_id=audit_id, status__in=UNDECIDED
        )
        outcome.open_appeals = rows.count()
        outcome.save(update_fields=["open_appeals", "changed_at"])
