"""Lists of audits and findings: saved views, filters, counts."""

import django_filters as filters
from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from audits.enums import ENDED, AuditStatus, FindingStatus, Grade
from audits.models import Audit, Finding
from certification.enums import AuditKind

S, F = AuditStatus, FindingStatus
# Saved views: name, title, statuses; None is everything. "mine" is told apart by the actor.
AUDIT_VIEWS = (
    ("", _("All audits"), None),
    ("planning", _("In planning"), (S.PLANNED, S.OBJECTED)),
    ("proposed", _("Waiting for the enterprise"), (S.PROPOSED,)),
    ("coming", _("Confirmed"), (S.CONFIRMED,)),
    ("running", _("In progress"), (S.IN_PROGRESS,)),
    ("report", _("Report being written or reviewed"), (S.REPORTING, S.REPORTED)),
    ("completed", _("Completed"), (S.COMPLETED,)),
    ("ended", _("Cancelled or broken off"), ENDED),
)
WITH_ENTERPRISE = (F.OPEN, F.PLAN_REJECTED, F.PLAN_ACCEPTED, F.EVIDENCE_REJECTED)
FINDING_VIEWS = (
    ("", _("All findings"), None),
    (
        "enterprise",
        _("Waiting for the enterprise"),
        (F.OPEN, F.PLAN_REJECTED, F.PLAN_ACCEPTED, F.EVIDENCE_REJECTED),
    ),
    ("auditor", _("Waiting for the auditor"), (F.ANSWERED, F.EVIDENCE)),
    ("noted", _("Noted, not yet shown"), (F.NOTED,)),
    ("closed", F.CLOSED.label, (F.CLOSED,)),
)


def _statuses(views, name):
    return next((statuses for key, _title, statuses in views if key == name), None)


class _Search(filters.FilterSet):
    views: tuple = ()
    words: tuple[str, ...] = ()

    q = filters.CharFilter(method="search")
    view = filters.CharFilter(method="choose_view")

    def search(self, rows, name, value):
        found = Q()
        for path in self.words:
            found |= Q(**{f"{path}__icontains": value.strip()})
        return rows.filter(found)

    def choose_view(self, rows, name, value):
        statuses = _statuses(self.views, value)
        return rows if statuses is None else rows.filter(status__in=statuses)


class AuditFilter(_Search):
    """The filters of the list of audits, as they stand in its address."""

    views = AUDIT_VIEWS
    words = ("number", "enterprise__name_zh", "enterprise__name_en", "members__user__name")

    kind = filters.ChoiceFilter(choices=AuditKind.choices)
    since = filters.DateFilter(field_name="ends_on", lookup_expr="gte")
    until = filters.DateFilter(field_name="starts_on", lookup_expr="lte")
    sort = filters.OrderingFilter(
        fields=(("starts_on", "date"), ("number", "number"), ("enterprise__name_zh", "client"))
    )

    class Meta:
        model = Audit
        fields = ()


class FindingFilter(_Search):
    """The filters of the list of findings."""

    views = FINDING_VIEWS
    words = (
        "number",
        "title",
        "audit__number",
        "audit__enterprise__name_zh",
        "audit__enterprise__name_en",
    )

    grade = filters.ChoiceFilter(choices=Grade.choices)
    sort = filters.OrderingFilter(fields=(("due_on", "due"), ("audit__number", "audit")))

    class Meta:
        model = Finding
        fields = ()


def audits_for(actor):
    """Return the audits of a list, with what a row shows."""
    return (
        Audit.objects.visible_to(actor)
        .select_related("case", "enterprise", "body")
        .prefetch_related("members__user", "editions")
        .order_by("-starts_on", "-created_at")
    )


def findings_for(actor):
    """Return the findings of a list, with what a row shows."""
    return (
        Finding.objects.visible_to(actor)
        .select_related("audit__enterprise", "audit__case", "clause__edition")
        .order_by(models.F("due_on").asc(nulls_last=True), "audit__number", "number")
    )


def saved_views(views, rows, chosen: str) -> list[dict]:
    """Return the saved views with their counts, in one query."""
    counts = dict(rows.order_by().values_list("status").annotate(count=Count("pk", distinct=True)))
    return [
        {
            "label": title,
            "url": f"?view={name}" if name else "?",
            "current": name == chosen,
            "count": sum(
                n for status, n in counts.items() if statuses is None or status in statuses
            ),
        }
        for name, title, statuses in views
    ]
