"""Minor nonconformities whose limit and grace have passed become major ones."""

import logging
from collections.abc import Callable

from django.utils import timezone

from audits.enums import WITH_CLIENT, Grade
from audits.flows.findings import FINDING_FLOW
from audits.models import Finding
from audits.services import limits
from certification.enums import LIVE
from foundation import jobs
from foundation.actor import SYSTEM
from foundation.workflow import WorkflowRefusal, perform
from schemes.queries import book_of

logger = logging.getLogger(__name__)


class NotEscalatedError(Exception):
    """Some nonconformities could not be made major; the others were."""


def escalate_overdue(progress: Callable[[int], None] = lambda percent: None) -> int:
    """Make every minor a major that is overdue past its grace; return how many it were.

    May run any number of times. The grace is counted by the rule set of each case. A record that
    fails does not hold up the others; NotEscalatedError names all that failed.
    """
    due = _past_grace()
    count, failed = 0, []
    for done, finding in enumerate(due):
        progress(min(99, 100 * done // len(due)))
        try:
            perform(FINDING_FLOW, finding, "escalate", SYSTEM)
        except WorkflowRefusal:
            continue  # it moved meanwhile, or its audit was about what was refused
        except jobs.OUTAGES:
            raise
        except Exception:
            logger.exception("finding %s could not be escalated", finding.pk)
            failed.append(str(finding.pk))
            continue
        count += 1
    if failed:
        raise NotEscalatedError(", ".join(failed))
    return count


def _past_grace() -> list[Finding]:
    """Return the minors that wait for the enterprise and whose grace is over."""
    today, books = timezone.localdate(), {}
    rows = Finding.objects.filter(
        grade=Grade.MINOR,
        status__in=WITH_CLIENT,
        due_on__lt=today,
        audit__case__status__in=LIVE,
    ).select_related("audit__case__rule_set", "audit__enterprise", "audit__body", "raised_by")
    found = []
    for finding in rows.order_by("due_on", "number"):
        rule_set = finding.audit.case.rule_set
        if rule_set.pk not in books:
            books[rule_set.pk] = book_of(rule_set)
        last = limits.escalation_of(finding, books[rule_set.pk])
        if last is not None and last.on < today:
            found.append(finding)
    return found
