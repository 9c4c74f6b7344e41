"""What the doctor asks about audits: their numbers, and what the cases know of their findings."""

from functools import partial

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.enums import AuditStatus
from audits.models import Audit
from audits.models import Finding as FindingOfAudit
from audits.services.outcomes import COUNTS, report_outcome
from certification.models import AuditOutcome, Case, Counter
from foundation.actor import SYSTEM
from foundation.checkup import Finding, check, name_of


@check("numbers.audits", gettext_lazy("The audits of a case count 1, 2, 3 without a gap."))
def audit_numbers():
    """Compare the audits of each case with its counter."""
    given = dict(
        Audit.objects.order_by().values_list("case").annotate(count=Count("pk")).values_list(
            "case", "count"
        )
    )  # fmt: skip
    counters = Counter.objects.filter(series="audit", year=0)
    last = dict(counters.values_list("scope", "last"))
    cases = {str(key): count for key, count in given.items()}
    wrong = {key for key in cases.keys() | last.keys() if cases.get(key, 0) != last.get(key, 0)}
    for case in Case.objects.filter(pk__in=wrong):
        yield Finding(
            _("Case %(number)s has %(count)s audits, and its counter stands at %(last)s.")
            % {
                "number": case.number,
                "count": cases.get(str(case.pk), 0),
                "last": last.get(str(case.pk), 0),
            },
            _("Compare with the last good backup: a record was lost, or a counter was changed."),
            name_of(case),
        )


@check(
    "outcomes.findings",
    gettext_lazy("What a case counts of open findings is what its audits have."),
)
def outcomes_count_findings():
    """Count the findings of each audit again and compare with what the decision reads."""
    shown = FindingOfAudit.objects.order_by().exclude(shown_at=None)
    counted = {row.pop("audit"): row for row in shown.values("audit").annotate(**COUNTS)}
    nothing = dict.fromkeys(COUNTS, 0)
    audits = Audit.objects.exclude(closed_at=None).exclude(status=AuditStatus.ABORTED)
    known = dict(audits.values_list("pk", "number"))
    for row in AuditOutcome.objects.values("pk", "audit_id", *COUNTS):
        kept = {name: row[name] for name in COUNTS}
        found = counted.get(row["audit_id"], nothing)
        if row["audit_id"] in known and kept != found:
            yield Finding(
                _("Audit %(number)s has %(counted)s open findings, and its case counts %(kept)s.")
                % {
                    "number": known[row["audit_id"]],
                    "counted": sum(found.values()),
                    "kept": sum(kept.values()),
                },
                _("The doctor can count them anew."),
                f"certification.auditoutcome {row['pk']}",
                repair=partial(_count_again, row["audit_id"]),
            )


@transaction.atomic
def _count_again(audit_id):
    report_outcome(Audit.objects.get(pk=audit_id), SYSTEM, hand_over=False)
