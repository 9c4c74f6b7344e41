"""Minor nonconformities whose limit and grace have passed become major ones."""

from django.db.models import Q
from django.utils import timezone

from audits.enums import WITH_CLIENT, Grade
from audits.flows.findings import FINDING_FLOW
from audits.models import Finding
from audits.queries.refused import is_refused
from certification.enums import LIVE
from foundation.actor import SYSTEM
from foundation.sweeps import Acts, Progress, silent
from foundation.workflow import perform
from schemes.models import RuleSet
from schemes.queries import book_of


def escalate_overdue(progress: Progress = silent) -> int:
    """Make every minor a major that is overdue past its grace; return how many it were.

    May run any number of times. The grace is counted by the rule set of each case. A record that
    fails does not hold up the others; NotAllDoneError names all that failed.
    """
    acts = Acts(progress)
    acts.do(_past_grace(), _escalate)
    return acts.end()


def _escalate(finding: Finding) -> None:
    perform(FINDING_FLOW, finding, "escalate", SYSTEM)


def _past_grace() -> list[Finding]:
    """Return the minors that wait for the enterprise and whose grace is over."""
    today, over = timezone.localdate(), Q(pk__in=[])
    for rule_set in RuleSet.objects.all():
        latest = book_of(rule_set).limit("minor_grace_days").latest_over(today)
        if latest is not None:
            over |= Q(audit__case__rule_set=rule_set, due_on__lte=latest)
    rows = Finding.objects.filter(
        over,
        grade=Grade.MINOR,
        status__in=WITH_CLIENT,
        due_on__lt=today,
        audit__case__status__in=LIVE,
    )
    return list(rows.exclude(is_refused()).order_by("due_on", "number").only("status"))
