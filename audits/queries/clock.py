"""The dates of findings for the clock of a case."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from audits.enums import WITH_CLIENT
from audits.models import Finding
from audits.services import limits
from certification.queries.clock import Entry
from certification.services.decisions import refused_audits
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
    rules, refused = book_of(case.rule_set), refused_audits(case)
    for finding in rows:
        if finding.is_open:
            about = {
                "who": _("Enterprise"),
                "about": finding.number,
                "url": finding.get_absolute_url(),
            }
            yield Entry(title=finding.title, deadline=limits.limit_of(finding, rules), **about)
            last = limits.escalation_of(finding, rules)
            if last is not None and finding.audit_id not in refused:
                yield Entry(
                    title=_("Becomes a major nonconformity unless the enterprise acts"),
                    deadline=last,
                    **about,
                )
