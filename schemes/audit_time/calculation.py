"""The calculation of audit time.

Order of operation: table per scheme and site; adjustments, their total reduction capped per
scheme (IAF MD 5); the central function's share and reductions per site, capped in total
(IAF MD 1); integrated audit, capped (IAF MD 11); share of the kind of audit; rounding once, at
the end (IAF MD 5:2019 2.2.3). A request over a cap is held at the cap on a line of its own and
reported as a problem, so that it can neither pass unseen nor be used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from schemes.audit_time.inputs import (
    AuditTimeKind,
    AuditTimeRequest,
    Band,
    Factor,
    Integration,
    SchemeInput,
    SiteInput,
)
from schemes.audit_time.ledger import Ledger, number, signed
from schemes.audit_time.result import AuditTimeResult
from schemes.rulebook import RuleBook

_ZERO = Decimal(0)
_HUNDRED = Decimal(100)
_PRECISION = Decimal("0.0001")
_TWO_STAGES = (AuditTimeKind.INITIAL, AuditTimeKind.STAGE_1, AuditTimeKind.STAGE_2)
_SHARES = {
    AuditTimeKind.SURVEILLANCE: ("surveillance", "surveillance_share"),
    AuditTimeKind.RECERTIFICATION: ("recertification", "recertification_share"),
}


@dataclass(frozen=True)
class _Place:
    """One scheme at one site."""

    scheme: SchemeInput
    site: SiteInput

    @property
    def at(self) -> dict[str, str]:
        return {"scheme": self.scheme.code, "site": self.site.name}


@dataclass(frozen=True)
class _Amount:
    """Days so far, and the least days that the reductions granted so far may leave."""

    days: Decimal
    floor: Decimal


def calculate(
    request: AuditTimeRequest, *, bands: Sequence[Band], rules: RuleBook
) -> AuditTimeResult:
    """Return the days of one audit and every step that led there.

    ``bands`` are the table rows in force and ``rules`` the limits in force on the day that
    counts. Days are audit days of the hours the rules name. Where no table answers, or the
    personnel is above its last band, ``needs_person`` is set and the figure of a person with a
    reason takes the table's place. Raises LookupError when ``rules`` lacks a limit.
    """
    ledger = Ledger(rules)
    cells = [
        _cell(ledger, request, _Place(scheme, site), bands)
        for scheme in request.schemes
        for site in request.sites
    ]
    known = [cell for cell in cells if cell is not None]
    total = None
    if len(known) == len(cells):
        amount = _together(ledger, request, known)
        total = _rounded(ledger, _share_of_kind(ledger, request.kind, amount))
    elif request.integration:
        _check_integration(ledger, request, request.integration)
    return _finish(ledger, request.kind, total)


def _cell(
    ledger: Ledger, request: AuditTimeRequest, place: _Place, bands: Sequence[Band]
) -> _Amount | None:
    """Return the days of an initial audit for one scheme at one site, or None when unknown."""
    persons = _effective_personnel(ledger, place)
    table = _initial_days(ledger, place, persons, bands) if persons else None
    if table is None:
        return None
    days = _adjusted(ledger, place, table)
    reduced = _reduced_at_site(ledger, request, place, table, days)
    cap = "site_reduction_cap_percent" if reduced < days else "reduction_cap_percent"
    return _Amount(reduced, _less(table, ledger.rules.number(cap)))


def _effective_personnel(ledger: Ledger, place: _Place) -> int:
    """Return full-time equivalents, rounded up to whole persons (IAF MD 5, effective personnel)."""
    at = place.at
    people = place.site.personnel_for(place.scheme.code)
    limit = ledger.rules.limit("repetitive_floor", place.scheme.code)
    saved = 0
    for group in people.repetitive:
        least = 1
        if limit.value == "square_root":
            least = int(Decimal(group.count).sqrt().to_integral_value(ROUND_CEILING))
        if group.counted_as < least:
            ledger.problem("repetitive_under_floor", at, count=group.count, least=least)
        if not group.reason.strip():
            ledger.problem("reason_missing", at, what=ledger.label("personnel"))
        saved += group.count - max(group.counted_as, least)
    if sum(group.count for group in people.repetitive) > people.full_time:
        ledger.problem("repetitive_too_many", at)
        saved = 0
    part_time = sum((group.count * group.share for group in people.part_time), start=_ZERO)
    persons = int((people.full_time - saved + part_time).to_integral_value(ROUND_CEILING))
    if persons == 0:
        ledger.problem("personnel_missing", at)
    ledger.line(
        "personnel",
        Decimal(people.headcount),
        Decimal(persons),
        at,
        limit=limit,
        unit="persons",
        note=("personnel", {"headcount": people.headcount, "saved": saved}),
    )
    return persons


def _initial_days(
    ledger: Ledger, place: _Place, persons: int, bands: Sequence[Band]
) -> Decimal | None:
    """Return the table's days, else a person's figure, else None with the problem noted."""
    scheme, at = place.scheme, place.at
    column = [row for row in bands if (row.scheme, row.category) == (scheme.code, scheme.category)]
    for band in column:
        if band.personnel_from <= persons <= band.personnel_to:
            note = ("band", {"first": band.personnel_from, "last": band.personnel_to})
            ledger.line("table", _ZERO, band.days, at, band=band, note=note)
            return band.days
    ledger.needs_person = True
    category = f" ({scheme.category})" if scheme.category else ""
    why = (
        ("above_table", {"persons": persons})
        if column
        else ("no_table", {"scheme": scheme.code, "category": category})
    )
    manual = scheme.manual.get(place.site.key)
    if manual is None:
        ledger.problem("manual_missing", at)
        ledger.line("person", _ZERO, _ZERO, at, note=why)
        return None
    if not manual.reason.strip():
        ledger.problem("reason_missing", at, what=ledger.label("person"))
    figure = ("manual", {"days": number(manual.days), "reason": manual.reason})
    ledger.line("person", _ZERO, manual.days, at, note=why, more=figure)
    return manual.days


def _adjusted(ledger: Ledger, place: _Place, table: Decimal) -> Decimal:
    """Apply the factors, each in percent of the table's days; increases have no cap (IAF MD 5)."""
    at, days = place.at, table
    for factor in place.scheme.factors:
        if not factor.percent:
            continue
        label = (factor.label_en or factor.key, factor.label_zh or factor.key)
        if not factor.reason.strip():
            ledger.problem("reason_missing", at, what=label)
        before, days = days, _exact(days + table * factor.percent / _HUNDRED)
        ledger.line(
            f"factor:{factor.key}",
            before,
            days,
            at,
            label=label,
            source=factor.source,
            note=_factor_note(factor),
        )
    return _held(ledger, "reduction", table, days, at)


def _factor_note(factor: Factor) -> tuple[str, dict]:
    words = {"percent": signed(factor.percent), "reason": factor.reason}
    low, high = factor.usual_min, factor.usual_max
    if low is None or high is None or low <= factor.percent <= high:
        return "percent", words
    return "unusual", {**words, "low": signed(low), "high": signed(high)}


def _reduced_at_site(
    ledger: Ledger, request: AuditTimeRequest, place: _Place, table: Decimal, days: Decimal
) -> Decimal:
    """Take off what the central function does and what this site saves (IAF MD 1)."""
    site, at = place.site, place.at
    central = _ZERO if site.central else request.central_share_percent
    alone = len(request.sites) == 1
    if (site.reduction_percent and (alone or site.central)) or (central and alone):
        ledger.problem("reductions_at_one_site", at)
        return days
    for key, percent, reason in (
        ("central_share", central, request.central_share_reason),
        ("site_reduction", site.reduction_percent, site.reduction_reason),
    ):
        if not percent:
            continue
        if not reason.strip():
            ledger.problem("reason_missing", at, what=ledger.label(key))
        before, days = days, _less(days, percent)
        limit = ledger.rules.limit("site_reduction_cap_percent")
        note = ("percent", {"percent": signed(-percent), "reason": reason})
        ledger.line(key, before, days, at, limit=limit, note=note)
    return _held(ledger, "site_reduction", table, days, at)


def _held(ledger: Ledger, what: str, table: Decimal, days: Decimal, at: dict) -> Decimal:
    """Hold the days at the cap on the total reduction from the table, and say so."""
    limit = ledger.rules.limit(f"{what}_cap_percent")
    cap = ledger.rules.number(limit.key)
    lowest = _less(table, cap)
    if days >= lowest:
        return days
    asked = (_HUNDRED * (table - days) / table).quantize(Decimal("0.1"), ROUND_HALF_UP)
    ledger.problem(f"{what}_over_cap", at, asked=number(asked), cap=number(cap))
    ledger.line(
        "reduction_cap" if what == "reduction" else "site_cap", days, lowest, at, limit=limit
    )
    return lowest


def _together(ledger: Ledger, request: AuditTimeRequest, cells: list[_Amount]) -> _Amount:
    """Add up schemes and sites and take off what one integrated audit saves (IAF MD 11)."""
    days = sum((cell.days for cell in cells), start=_ZERO)
    floor = sum((cell.floor for cell in cells), start=_ZERO)
    if len(cells) > 1:
        ledger.line("sum", days, days)
    integration = request.integration
    if integration is None or not _check_integration(ledger, request, integration):
        return _Amount(days, floor)
    limit = ledger.rules.limit("integration_cap_percent")
    cap = ledger.rules.number(limit.key)
    asked = integration.reduction_percent
    before, days = days, _less(days, asked)
    note = ("percent", {"percent": signed(-asked), "reason": integration.reason})
    ledger.line("integration", before, days, limit=limit, note=note)
    if asked > cap:
        held = _less(before, cap)
        ledger.line("integration_cap", days, held, limit=limit)
        days = held
    return _Amount(days, _less(floor, cap) if asked > 0 else floor)


def _check_integration(ledger: Ledger, request: AuditTimeRequest, integration: Integration) -> bool:
    """Note what is wrong with the integration asked for; tell whether it applies at all."""
    cap = ledger.rules.number("integration_cap_percent")
    asked = integration.reduction_percent
    if not asked:
        return False
    if len(request.schemes) == 1:
        ledger.problem("integration_needs_two")
        return False
    if not integration.reason.strip():
        ledger.problem("reason_missing", what=ledger.label("integration"))
    if asked > cap:
        ledger.problem("integration_over_cap", asked=number(asked), cap=number(cap))
    return True


def _share_of_kind(ledger: Ledger, kind: AuditTimeKind, amount: _Amount) -> _Amount:
    """Take the share of today's initial audit for surveillance or recertification (IAF MD 5)."""
    if kind not in _SHARES:
        return amount
    key, rule = _SHARES[kind]
    share = ledger.rules.share(rule)
    days, floor = (
        _exact(value * share.numerator / share.denominator) for value in (amount.days, amount.floor)
    )
    note = ("share", {"share": share, "before": number(amount.days)})
    ledger.line(key, amount.days, days, limit=ledger.rules.limit(rule), note=note)
    return _Amount(days, floor)


def _rounded(ledger: Ledger, amount: _Amount) -> Decimal:
    """Round to the nearest step, but never below what the reductions may leave."""
    limit = ledger.rules.limit("rounding_step_days")
    step = ledger.rules.number(limit.key)
    days = _to_step(amount.days, step)
    note = "rounding"
    if days < amount.floor:
        days, note = days + step, "floor"
    ledger.line("rounding", amount.days, days, limit=limit, note=(note, {"step": number(step)}))
    return days


def _finish(ledger: Ledger, kind: AuditTimeKind, total: Decimal | None) -> AuditTimeResult:
    """Split the total into stages and derive the on-site minimum and the hours."""
    rules = ledger.rules
    stage_1 = stage_2 = onsite = None
    if total is not None and kind in _TWO_STAGES:
        stage_1, stage_2 = _stages(ledger, total)
        if kind != AuditTimeKind.INITIAL:
            days = stage_1 if kind == AuditTimeKind.STAGE_1 else stage_2
            ledger.line(str(kind), total, days, limit=rules.limit("stage_1_share"))
            total = days
        else:
            for key, days in (("stage_1", stage_1), ("stage_2", stage_2)):
                ledger.share(key, total, days, limit=rules.limit("stage_1_share"))
    if total is not None:
        limit = rules.limit("onsite_share_percent")
        onsite = total * rules.number(limit.key) / _HUNDRED
        note = ("onsite", {"percent": number(rules.number(limit.key))})
        ledger.share("onsite", total, onsite, limit=limit, note=note)
        limit = rules.limit("audit_hours_per_day")
        hours = rules.number(limit.key)
        note = ("hours", {"hours": number(hours)})
        ledger.share("hours", total, total * hours, unit="hours", limit=limit, note=note)
    return AuditTimeResult(
        kind=str(kind),
        rule_set=rules.key,
        rule_edition=rules.edition,
        total=total,
        onsite_minimum=onsite,
        stage_1=stage_1,
        stage_2=stage_2,
        lines=tuple(ledger.lines),
        shares=tuple(ledger.shares),
        problems=tuple(ledger.problems),
        needs_person=ledger.needs_person,
    )


def _stages(ledger: Ledger, total: Decimal) -> tuple[Decimal, Decimal]:
    """Split an initial audit; no rule fixes the split, so the share is data of this portal."""
    share = ledger.rules.share("stage_1_share")
    step = ledger.rules.number("rounding_step_days")
    part = _to_step(total * share.numerator / share.denominator, step)
    stage_1 = max(part, ledger.rules.number("stage_1_min_days"))
    if stage_1 >= total:
        ledger.problem("too_short_for_stages")
    return stage_1, max(total - stage_1, _ZERO)


def _exact(days: Decimal) -> Decimal:
    return days.quantize(_PRECISION, ROUND_HALF_UP)


def _less(days: Decimal, percent: Decimal) -> Decimal:
    return _exact(days * (_HUNDRED - percent) / _HUNDRED)


def _to_step(days: Decimal, step: Decimal) -> Decimal:
    return (days / step).quantize(Decimal(1), ROUND_HALF_UP) * step
