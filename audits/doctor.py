"""What the doctor asks about audits: their numbers."""

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.models import Audit
from certification.models import Case, Counter
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
