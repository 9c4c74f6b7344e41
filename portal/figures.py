"""A body's own figures of a year: counted once, kept, shown as tables and charts.

Each figure is a list of rows of plain values; titles and labels are written when it is shown, in
the reader's language.
"""

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count
from django.utils import timezone

from audits.enums import AUDITING_ROLES, ENDED, NONCONFORMITIES, AuditStatus
from audits.models import AuditMember, Finding
from certification.enums import AuditKind, CertificateStatus
from certification.models import (
    BodyFigures,
    Certificate,
    MonthlyReport,
    ProgrammeItem,
    Signature,
)
from certification.queries.punctuality import measured
from organisations.enums import BodyStatus, Kind
from organisations.models import Organisation
from schemes.queries import rule_book_for

KINDS = (AuditKind.SURVEILLANCE_1, AuditKind.SURVEILLANCE_2, AuditKind.RECERTIFICATION)
# How many years back the page offers.
YEARS = 5


def compute(body: Organisation, year: int, today: date) -> dict:
    """Count everything of a body's year up to a day, in a fixed number of statements."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    return {
        "on_time": _on_time(body, first, last, today),
        "load": _load(body, first, last),
        "findings": _findings(body, first, last),
        "revenue": _revenue(body, first, last),
        "certificates": _certificates(body),
    }


def renew(body: Organisation, year: int, today: date) -> BodyFigures:
    """Count a year again and keep it."""
    row, _created = BodyFigures.objects.update_or_create(
        body=body,
        year=year,
        defaults={"content": compute(body, year, today), "computed_at": timezone.now()},
    )
    return row


def renew_all(today: date) -> int:
    """Count this year, and the last one, for every approved body; return how many."""
    bodies = Organisation.objects.filter(kind=Kind.BODY, body_profile__status=BodyStatus.APPROVED)
    for body in bodies:
        for year in (today.year - 1, today.year):
            renew(body, year, today)
    return 2 * len(bodies)


def _on_time(body, first: date, last: date, today: date) -> list[dict]:
    """Count per step what was done within its limit, of all that was done or is late."""
    rows = []
    limit = rule_book_for(str(body.country), min(last, today)).limit("review_working_days")
    kept, count = measured(body.pk, body.country, limit, first, min(last, today))
    rows.append({"step": "review", "on_time": kept, "count": count})
    items = ProgrammeItem.objects.filter(
        case__body=body, kind__in=KINDS, window_to__range=(first, last)
    )
    counted: dict = defaultdict(lambda: [0, 0])
    for kind, until, done in items.values_list("kind", "window_to", "done_on"):
        if done is not None or until < today:
            counted[kind][0] += done is not None and done <= until
            counted[kind][1] += 1
    rows += [
        {"step": kind.value, "on_time": counted[kind][0], "count": counted[kind][1]}
        for kind in KINDS
    ]
    reports = MonthlyReport.objects.filter(body=body, due_on__range=(first, last))
    dates = reports.values_list("due_on", "handed_in_on")
    due = [(until, done) for until, done in dates if done is not None or until < today]
    on_time = sum(done is not None and done <= until for until, done in due)
    return [*rows, {"step": "report", "on_time": on_time, "count": len(due)}]


def _load(body, first: date, last: date) -> list[dict]:
    """Count per auditor and month the days planned and held; a day counts once for a person."""
    members = (
        AuditMember.objects.filter(
            audit__body=body,
            role__in=AUDITING_ROLES,
            audit__starts_on__lte=last,
            audit__ends_on__gte=first,
        )
        .exclude(audit__status__in=(*ENDED, AuditStatus.PLANNED))
        .values_list("user", "user__name", "audit__starts_on", "audit__ends_on", "audit__closed_at")
    )
    planned, held, names = defaultdict(set), defaultdict(set), {}
    for user, name, begin, end, closed in members:
        names[user] = name
        for number in range((end - begin).days + 1):
            on = begin + timedelta(days=number)
            if first <= on <= last:
                planned[user, on.month].add(on)
                if closed is not None:
                    held[user, on.month].add(on)
    ordered = sorted(planned.items(), key=lambda row: (names[row[0][0]], row[0]))
    return [
        {"person": names[user], "month": month, "planned": len(days),
         "held": len(held[user, month])}
        for (user, month), days in ordered
    ]  # fmt: skip


def _findings(body, first: date, last: date) -> list[dict]:
    """Count by clause and grade the nonconformities shown in the year, the most first."""
    rows = (
        Finding.objects.filter(
            audit__body=body, grade__in=NONCONFORMITIES, shown_at__date__range=(first, last)
        )
        .order_by()
        .values_list("clause__edition__designation", "clause__number", "grade")
        .annotate(count=Count("pk"))
    )
    found: dict = defaultdict(Counter)
    for edition, clause, grade, count in rows:
        found[edition, clause][grade] += count
    ordered = sorted(found.items(), key=lambda row: (-sum(row[1].values()), row[0]))
    return [
        {"edition": edition, "clause": clause, "major": grades["major"], "minor": grades["minor"]}
        for (edition, clause), grades in ordered
    ]


def _revenue(body, first: date, last: date) -> list[dict]:
    """Add up by month and currency the offers signed; every month of the year is there."""
    rows = Signature.objects.filter(
        offer__application__body=body, created_at__date__range=(first, last)
    ).values_list("created_at", "offer__currency", "offer__total")
    sums: dict = defaultdict(Decimal)
    counts: Counter = Counter()
    for at, currency, total in rows:
        key = (timezone.localdate(at).month, currency)
        sums[key] += total
        counts[key] += 1
    currencies = sorted({currency for _month, currency in sums}) or ["CNY"]
    return [
        {"month": month, "currency": currency, "contracts": counts[month, currency],
         "total": str(sums[month, currency])}
        for currency in currencies
        for month in range(1, 13)
    ]  # fmt: skip


def _certificates(body) -> list[dict]:
    """Count certificates by scheme and status, as they stand now."""
    rows = (
        Certificate.objects.filter(body=body)
        .exclude(status=CertificateStatus.ISSUING)
        .order_by()
        .values_list("scheme__code", "status")
        .annotate(count=Count("pk"))
    )
    order = CertificateStatus.values
    return [
        {"scheme": scheme, "status": status, "count": count}
        for scheme, status, count in sorted(rows, key=lambda row: (row[0], order.index(row[1])))
    ]
