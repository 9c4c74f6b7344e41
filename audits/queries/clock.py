"""The dates of findings for the clock of a case."""

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from audits.enums import WITH_CLIENT
from audits.flows.findings import DUE_RULE
from audits.models import Finding
from certification.deadlines import Basis, Deadline, Event
from certification.queries.clock import Entry
from schemes.queries import book_of


def entries_of(case, actor) -> Iterator[Entry]:
    """Yield what the enterprise has to answer, as far as the actor sees it."""
    rows = (
        Finding.objects.visible_to(actor)
        .filter(audit__case=case, status__in=WITH_CLIENT)
        .exclude(due_on=None)
        .select_related("audit__case")
        .order_by("due_on", "number")
    )
    rules = book_of(case.rule_set)
    for finding in rows:
        if finding.is_open:
            yield Entry(
                title=finding.title,
                deadline=_deadline(finding, rules),
                who=_("Enterprise"),
                about=finding.number,
                url=finding.get_absolute_url(),
            )


def _deadline(finding: Finding, rules) -> Deadline:
    """Count the limit of a finding: by the rule, until a plan with another day was accepted."""
    limit = rules.limit(DUE_RULE[finding.grade])
    shown = timezone.localdate(finding.shown_at)
    basis = Basis.PERIOD if limit.last_day(shown) == finding.due_on else Basis.SET
    return Deadline(finding.due_on, limit, basis, Event.SHOWN, shown)
