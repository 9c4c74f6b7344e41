"""The rows of the monthly files of a body, and what is missing in them."""

from collections.abc import Callable, Iterator
from datetime import date

from django.db.models import Prefetch

from certification.enums import CertificateStatus, DecisionKind
from certification.layouts import Column, Layout
from certification.models import Certificate, CertificateEvent, Decision, Offer
from certification.queries.report_facts import FACTS, Line, cure_of
from foundation.calendar import add_months

CHUNK = 500


def last_of(month: date) -> date:
    """Return the last day of a month."""
    return date.fromordinal(add_months(month.replace(day=1), 1).toordinal() - 1)


def content_of(
    layout: Layout, body_id, month: date, progress: Callable[[int], None] = lambda percent: None
) -> dict:
    """Return columns, rows and gaps of a body's file for a month, as texts.

    A gap is ``{"row", "number", "column", "url"}`` for a needed cell that is empty; columns of
    which the portal records nothing are listed once, under ``unrecorded``.
    """
    rows, gaps = [], []
    for line in lines_of(layout, body_id, month, progress):
        row = []
        for column in layout.columns:
            text = _written(column, line, layout.dates)
            if not text and _is_needed(column, line):
                gaps.append(
                    {
                        "row": len(rows) + 1,
                        "number": line.certificate.number,
                        "column": column.name,
                        "url": cure_of(column.fact, line),
                    }
                )
            row.append(text)
        rows.append(row)
    return {
        "layout": layout.key,
        "month": month.isoformat(),
        "columns": [column.name for column in layout.columns],
        "rows": rows,
        "gaps": gaps,
        "unrecorded": [column.name for column in layout.columns if not column.is_recorded],
    }


def _written(column: Column, line: Line, dates: str) -> str:
    """Return a cell as it is written: coded, days and letters as the layout wants them."""
    if column.is_constant or not column.fact:
        return column.constant
    value = FACTS[column.fact](line)
    if isinstance(value, date):
        return value.strftime(dates)
    text = "" if value is None else " ".join(str(value).split())
    if column.codes is not None:
        return column.codes.get(text, "")
    return "".join(text.split()).upper() if column.write == "code" else text


def _is_needed(column: Column, line: Line) -> bool:
    return column.needed == "always" or (column.needed == "audited" and line.is_audited)


def lines_of(layout: Layout, body_id, month: date, progress) -> Iterator[Line]:
    """Yield what the file of a month tells, in the order of days and numbers."""
    first, last = month.replace(day=1), last_of(month)
    found = _events(body_id, first, last) if layout.rows == "events" else _standing(body_id, last)
    for start in range(0, len(found), CHUNK):
        progress(min(90, 90 * start // len(found)))
        some = found[start : start + CHUNK]
        certificates = _certificates([key for key, _event, _decision in some])
        for key, event, decision in some:
            yield Line(certificates[key], first, last, event, decision)


def _events(body_id, first: date, last: date) -> list[tuple]:
    """Return what happened in a month: public changes, and decisions to maintain."""
    events = (
        CertificateEvent.objects.filter(certificate__body=body_id, on__range=(first, last))
        .select_related("certificate")
        .order_by("on", "certificate__number", "created_at")
    )
    kept = Decision.objects.filter(
        case__body=body_id, kind=DecisionKind.MAINTAIN, decided_on__range=(first, last)
    ).select_related("decided_by")
    numbers = Certificate.objects.filter(case__decisions__in=kept).exclude(
        status=CertificateStatus.ISSUING
    )
    of_case: dict = {}
    for pk, case, number, since in numbers.distinct().values_list(
        "pk", "case", "number", "first_issued_on"
    ):
        of_case.setdefault(case, []).append((pk, number, since))
    found = [(row.on, row.certificate.number, 0, row.certificate_id, row, None) for row in events]
    found += [
        (row.decided_on, number, 1, pk, None, row)
        for row in kept
        for pk, number, since in of_case.get(row.case_id, ())
        if since <= row.decided_on
    ]
    found.sort(key=lambda row: row[:3])
    return [row[3:] for row in found]


def _standing(body_id, last: date) -> list[tuple]:
    rows = Certificate.objects.filter(body=body_id, first_issued_on__lte=last)
    rows = rows.exclude(status=CertificateStatus.ISSUING).order_by("number")
    return [(pk, None, None) for pk in rows.values_list("pk", flat=True)]


def _certificates(keys) -> dict:
    """Fetch certificates with all that their facts look at, in a fixed number of statements."""
    rows = Certificate.objects.filter(pk__in=set(keys)).select_related(
        "case", "enterprise", "body", "scheme", "edition"
    )
    rows = rows.prefetch_related(
        "events",
        "revisions__decision__decided_by",
        "case__certificates",
        "case__outcomes",
        Prefetch("case__decisions", Decision.objects.select_related("decided_by")),
        "case__applications__schemes__areas",
        "case__applications__sites__site",
        Prefetch("case__applications__offers", Offer.objects.select_related("signature")),
    )
    return {row.pk: row for row in rows}
