"""The audit programme of a cycle: which audits, how many days, within which window."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from certification.enums import ApplicationKind, AuditKind
from certification.models import Case, ProgrammeItem
from foundation.calendar import add_months
from schemes.queries import book_of

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


def plan_case(case: Case, calculation, kind: str, *, today: date) -> None:
    """Write the programme of a new case.

    The audits before the first decision, then surveillance in years 1 and 2 and the
    recertification in year 3 (ISO/IEC 17021-1:2015 9.1.3), whose windows follow from the
    decision. Recertification of an enterprise certified elsewhere ends a cycle of its own.
    """
    rules = book_of(case.rule_set)
    total = calculation.total_days
    days = dict.fromkeys(FIRST[kind], total) | {
        AuditKind.STAGE_1: calculation.stage_1_days,
        AuditKind.STAGE_2: calculation.stage_2_days,
    }
    for name in FIRST[kind]:
        _add(case, rules, cycle=case.cycle, kind=name, days=days[name], window_from=today)
    cycle, initial = case.cycle, total
    if kind == ApplicationKind.RECERTIFICATION:
        cycle += 1
        initial = total / _share(rules, AuditKind.RECERTIFICATION)
    for name in LATER:
        part = _to_step(initial * _share(rules, name), rules)
        _add(case, rules, cycle=cycle, kind=name, days=part)


def plan_special(case: Case, calculation, *, today: date) -> None:
    """Add a special audit, for example for an extension (ISO/IEC 17021-1:2015 9.6.4)."""
    _add(
        case,
        book_of(case.rule_set),
        cycle=case.cycle,
        kind=AuditKind.SPECIAL,
        days=calculation.total_days,
        window_from=today,
    )


def replan_recertification(case: Case, calculation) -> None:
    """Give the recertification audit of the present cycle the days computed for it today."""
    on_site = book_of(case.rule_set).number("onsite_share_percent") / _HUNDRED
    case.programme.filter(cycle=case.cycle, kind=AuditKind.RECERTIFICATION, done_on=None).update(
        days=calculation.total_days, on_site_days=calculation.total_days * on_site
    )


def begin_cycle(case: Case, *, decided_on: date, expires_on: date) -> None:
    """Give the later audits of the present cycle their windows, counted from the decision.

    Surveillance at least once each calendar year, the first within 12 months
    (ISO/IEC 17021-1:2015 9.1.3.3; CNCA-QMS-01:2025 5.4.1.4).
    """
    rules = book_of(case.rule_set)
    first_to = add_months(decided_on, int(rules.value("first_surveillance_months")))
    second_to = date(decided_on.year + 2, 12, 31)
    interval = rules.value("surveillance_interval_months")
    if interval:
        second_to = add_months(first_to, int(interval))
    ahead = timedelta(days=max(rules.value("reminder_days")))
    windows = {
        AuditKind.SURVEILLANCE_1: (date(decided_on.year + 1, 1, 1), first_to),
        AuditKind.SURVEILLANCE_2: (date(decided_on.year + 2, 1, 1), second_to),
        AuditKind.RECERTIFICATION: (expires_on - ahead, expires_on),
    }
    for kind, (start, end) in windows.items():
        case.programme.filter(cycle=case.cycle, kind=kind).update(window_from=start, window_to=end)


def next_cycle(case: Case) -> None:
    """Enter the next cycle; its audits are those of the one that ends, unless planned already."""
    ended = list(case.programme.filter(cycle=case.cycle, kind__in=LATER))
    case.cycle += 1
    case.save(update_fields=["cycle", "changed_at"])
    if not case.programme.filter(cycle=case.cycle).exists():
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


def audit_done(case: Case, *, cycle: int, kind: str, on: date) -> None:
    """Note when an audit of the programme was held; the next surveillance follows from it."""
    case.programme.filter(cycle=cycle, kind=kind, done_on=None).update(done_on=on)
    interval = book_of(case.rule_set).value("surveillance_interval_months")
    if kind == AuditKind.SURVEILLANCE_1 and interval:
        case.programme.filter(cycle=cycle, kind=AuditKind.SURVEILLANCE_2, done_on=None).update(
            window_to=add_months(on, int(interval))
        )


def _add(case: Case, rules, *, cycle: int, kind: str, days: Decimal, window_from=None) -> None:
    on_site = rules.number("onsite_share_percent") / _HUNDRED
    ProgrammeItem.objects.create(
        case=case,
        cycle=cycle,
        kind=kind,
        days=days,
        on_site_days=(days * on_site).quantize(Decimal("0.1"), ROUND_HALF_UP),
        window_from=window_from,
    )


def _share(rules, kind: str) -> Decimal:
    recertification = kind == AuditKind.RECERTIFICATION
    share = rules.share("recertification_share" if recertification else "surveillance_share")
    return Decimal(share.numerator) / share.denominator


def _to_step(days: Decimal, rules) -> Decimal:
    """Round to the nearest step, never to nothing (IAF MD 5:2019 2.2.3)."""
    step = rules.number("rounding_step_days")
    return max((days / step).quantize(Decimal(1), ROUND_HALF_UP) * step, step)
