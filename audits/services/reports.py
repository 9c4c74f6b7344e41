"""Keep the draft of a report."""

from django.db import transaction

from audits.enums import AuditStatus
from audits.models import Audit, AuditReport
from audits.rights import LEAD
from audits.services.planning import held
from foundation.workflow import NotAllowed

WRITABLE = (AuditStatus.IN_PROGRESS, AuditStatus.REPORTING)


@transaction.atomic
def save_report(*, audit: Audit, actor, **facts) -> AuditReport:
    """Keep what was written so far; anything may be empty. Raises NotAllowed, WrongState."""
    access = LEAD(actor, audit)
    if not access:
        raise NotAllowed(access.reason)
    fresh = held(audit, WRITABLE)
    report, _created = AuditReport.objects.get_or_create(audit=fresh)
    for name, value in facts.items():
        setattr(report, name, value)
    report.save()
    return report
