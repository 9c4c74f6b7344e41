"""The audit programme of a cycle: which audits, how many days, within which window."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone

from certification import deadlines
from certification.deadlines import Cycle, Deadline
from certification.enums import (
    SURVEILLANCES,
    ApplicationKind,
    AuditKind,
    SpecialPurpose,
)
from certification.models import Case, ProgrammeItem
from foundation.calendar import add_months
from schemes.queries import book_of
from schemes.rulebook import RuleBook

_HUNDRED = Decimal(100)

LATER = (AuditKind.SURVEILLANCE_1, AuditKind.SURVEILLANCE_2, AuditKind.RECERTIFICATION)
# Audits after whose reviewed report somebody decides (ISO/IEC 17021-1:2015 9.5, 9.6).
DECISIVE = (AuditKind.STAGE_2, *LATER, AuditKind.SPECIAL)
# What has to be audited before the first decision of a case; a transfer is visited once (IAF MD 2).
FIRST = {
    ApplicationKind.INITIAL: (AuditKind.STAGE_1, AuditKind.STAGE_2),
    ApplicationKind.TRANSFER: (AuditKind.SPECIAL,),
    ApplicationKind.RECERTIFICATION: (AuditKind.RECERTIFICATION,),
    ApplicationKind.EXTENSION: (AuditKind.STAGE_1, AuditKind.STAGE_2),
    ApplicationKind.CHANGE: (AuditKind.STAGE_1, AuditKind.STAGE_2),
}


def first_audits(application) -> tuple[str, ...]:
    """Return what has to be audited before the first decision on an application.

    A transfer is visited only where its review says so (IAF MD 2).
    """
    review = getattr(application, "review", None)
    if application.kind == ApplicationKind.TRANSFER and review and review.visit is False:
        return ()
    return FIRST[application.kind]


def former_cycle(rules: RuleBook, *, decided_on: date, expires_on: date) -> date:
    """Return when the cycle began that a transferred certificate goes on with (IAF MD 2)."""
    years = int(rules.value("certificate_validity_years"))
    return min(decided_on, add_months(expires_on + timedelta(days=1), -12 * years))


def skip_past(case: Case, *, decided_on: date) -> None:
    """Leave the surveillances of a transferred cycle to the former body whose time was before."""
    rows = case.programme.to_come().filter(cycle=case.cycle, kind__in=SURVEILLANCES)
    rows.filter(window_to__lt=decided_on).update(dropped_on=decided_on)


def plan_case(case: Case, calculation, application, *, today: date) -> None:
    """Write the programme of a new case.

    The audits before the first decision, then surveillance in years 1 and 2 and the
    recertification in year 3 (ISO/IEC 17021-1:2015 9.1.3), whose windows follow from the
    decision. Recertification of an enterprise certified elsewhere ends a cycle of its own.
    """
    rules, kind = book_of(case.rule_set), application.kind
    first = first_audits(application)
    total = calculation.total_days
    days = dict.fromkeys(first, total) | {
        AuditKind.STAGE_1: calculation.stage_1_days,
        AuditKind.STAGE_2: calculation.stage_2_days,
    }
    for name in first:
        purpose = SpecialPurpose.TRANSFER if name == AuditKind.SPECIAL else ""
        _add(
            case,
            rules,
            cycle=case.cycle,
            kind=name,
            days=days[name],
            window_from=today,
            purpose=purpose,
        )
    cycle, initial = case.cycle, total
    if kind == ApplicationKind.RECERTIFICATION:
        cycle += 1
        initial = total / _share(rules, AuditKind.RECERTIFICATION)
    for name in LATER:
        part = _to_step(initial * _share(rules, name), rules)
        _add(case, rules, cycle=cycle, kind=name, days=part)


def plan_special(
    *,
    case: Case,
    purpose: str,
    reason: str,
    days: Decimal,
    window_from: date,
    window_to: date | None,
    short_notice: bool = False,
) -> ProgrammeItem:
    """Add a special audit to the present cycle and return it (ISO/IEC 17021-1:2015 9.6.4).

    ``days`` are audit days; without ``window_to`` nothing but planning holds it up. One at
    ``short_notice`` is seen by the body alone until it is announced. The act that plans it
    writes the journal.
    """
    return _add(
        case,
        book_of(case.rule_set),
        cycle=case.cycle,
        kind=AuditKind.SPECIAL,
        days=days,
        window_from=window_from,
        window_to=window_to,
        purpose=purpose,
        reason=reason,
        short_notice=short_notice,
    )


# Apps that plan audits say here whether one of a programme item is on its way.
UNDER_WAY: list[Callable[[ProgrammeItem], bool]] = []


def is_under_way(item: ProgrammeItem) -> bool:
    """Tell whether somebody plans or holds the audit of an item."""
    return any(test(item) for test in UNDER_WAY)


def announce(item: ProgrammeItem) -> None:
    """Note that the enterprise was told of an audit at short notice; the first time counts."""
    if item.announced_at is None:
        item.announced_at = timezone.now()
        item.save(update_fields=["announced_at", "changed_at"])


def replan_recertification(case: Case, calculation) -> None:
    """Give the recertification audit of the present cycle the days computed for it today."""
    on_site = book_of(case.rule_set).number("onsite_share_percent") / _HUNDRED
    case.programme.filter(cycle=case.cycle, kind=AuditKind.RECERTIFICATION, done_on=None).update(
        days=calculation.total_days, on_site_days=calculation.total_days * on_site
    )


def begin_cycle(case: Case, *, decided_on: date, expires_on: date) -> None:
    """Give the later audits of the present cycle their windows, counted from the decision.

    Certificates are issued with the date of their decision.
    """
    cycle = Cycle(decided_on, issued_on=decided_on, expires_on=expires_on)
    for kind, found in deadlines.programme(book_of(case.rule_set), cycle).items():
        _set_window(case, kind, found)


def _set_window(case: Case, kind: str, found: Deadline | None) -> None:
    """Give an audit to come its window, or none when it is not due before the end."""
    case.programme.filter(cycle=case.cycle, kind=kind, done_on=None).update(
        window_from=found and found.opens_on, window_to=found and found.on
    )


def cycle_of(case: Case) -> Cycle | None:
    """Return what happened in the present cycle, None before its certification was decided."""
    rows = {row.kind: row for row in case.programme.all() if row.cycle == case.cycle}
    last = rows.get(AuditKind.RECERTIFICATION)
    if case.cycle_starts_on is None or last is None or last.window_to is None:
        return None
    return Cycle(
        case.cycle_starts_on,
        issued_on=case.cycle_starts_on,
        expires_on=last.window_to,
        held={kind: row.done_on for kind, row in rows.items() if row.done_on},
    )


def misplaced(case: Case, rules: RuleBook) -> dict[ProgrammeItem, Deadline]:
    """Return the audits to come whose window is not the one that rules and facts give."""
    cycle = cycle_of(case)
    counted = deadlines.programme(rules, cycle) if cycle else {}
    return {
        item: counted[item.kind]
        for item in case.programme.all()
        if item.cycle == case.cycle
        and item.kind in counted
        and item.done_on is None
        and (item.window_from, item.window_to)
        != (counted[item.kind].opens_on, counted[item.kind].on)
    }


def put_right(item: ProgrammeItem, found: Deadline) -> None:
    """Give an audit to come the window that rules and facts give."""
    _set_window(item.case, item.kind, found)


def missed_surveillances(case: Case) -> list[ProgrammeItem]:
    """Return the surveillances of the present cycle whose window passed without them."""
    rows = case.programme.filter(cycle=case.cycle, kind__in=SURVEILLANCES, done_on=None)
    return list(rows.filter(window_to__lt=timezone.localdate()))


def next_cycle(case: Case) -> None:
    """Enter the next cycle; its audits are those of the one that ends, unless planned already."""
    ended = list(case.programme.filter(cycle=case.cycle, kind__in=LATER))
    special = case.programme.to_come().filter(cycle=case.cycle, kind=AuditKind.SPECIAL)
    still_due = list(special.values_list("pk", flat=True))
    case.cycle += 1
    case.save(update_fields=["cycle", "changed_at"])
    planned_already = case.programme.filter(cycle=case.cycle).exists()
    # What was to be looked at besides does not end with the cycle.
    case.programme.filter(pk__in=still_due).update(cycle=case.cycle)
    if not planned_already:
        ProgrammeItem.objects.bulk_create(
            ProgrammeItem(
                case=case,
                cycle=case.cycle,
                kind=item.kind,
                days=item.days,
                on_site_days=item.on_site_days,
            )
            for item in ended
        )


def audit_begun(item: ProgrammeItem | None, on: date | None) -> None:
    """Note when an audit of the programme began; None when it was broken off."""
    if item is not None:
        item.begun_on = on
        item.save(update_fields=["begun_on", "changed_at"])


def audit_done(
    case: Case, *, cycle: int, kind: str, on: date, item: ProgrammeItem | None = None
) -> None:
    """Note when an audit of the programme was held; the next surveillance follows from it.

    A cycle has several special audits: ``item`` is the one that was held.
    """
    held = case.programme.filter(done_on=None)
    held = held.filter(pk=item.pk) if item is not None else held.filter(cycle=cycle, kind=kind)
    held.update(done_on=on)
    if kind != AuditKind.SURVEILLANCE_1 or cycle != case.cycle:
        return
    happened = cycle_of(Case.objects.get(pk=case.pk))  # as the database has it now
    if happened is not None:
        counted = deadlines.programme(book_of(case.rule_set), happened)
        _set_window(case, AuditKind.SURVEILLANCE_2, counted.get(AuditKind.SURVEILLANCE_2))


def _add(case: Case, rules, *, cycle: int, kind: str, days: Decimal, **facts) -> ProgrammeItem:
    on_site = rules.number("onsite_share_percent") / _HUNDRED
    return ProgrammeItem.objects.create(
        case=case,
        cycle=cycle,
        kind=kind,
        days=days,
        on_site_days=(days * on_site).quantize(Decimal("0.1"), ROUND_HALF_UP),
        **facts,
    )


def _share(rules, kind: str) -> Decimal:
    recertification = kind == AuditKind.RECERTIFICATION
    share = rules.share("recertification_share" if recertification else "surveillance_share")
    return Decimal(share.numerator) / share.denominator


def _to_step(days: Decimal, rules) -> Decimal:
    """Round to the nearest step, never to nothing (IAF MD 5:2019 2.2.3)."""
    step = rules.number("rounding_step_days")
    return max((days / step).quantize(Decimal(1), ROUND_HALF_UP) * step, step)
