"""Compute audit time and draw sites with the rules and tables of a day."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from foundation.models.base import in_language
from schemes import audit_time
from schemes.audit_time import (
    AuditTimeKind,
    AuditTimeRequest,
    AuditTimeResult,
    Factor,
    Integration,
    Sample,
    SchemeInput,
    SiteInput,
)
from schemes.models import AuditTimeFactor, RuleSet
from schemes.queries import bands_in_force, book_of, factors_in_force, rule_set_for
from schemes.rulebook import RuleBook


def calculate(
    *,
    schemes: Iterable[SchemeInput],
    sites: Iterable[SiteInput],
    kind: AuditTimeKind | str,
    on: date,
    country: str = "",
    rule_set: RuleSet | None = None,
    central_share_percent: Decimal = Decimal(0),
    central_share_reason: str = "",
    integration: Integration | None = None,
) -> AuditTimeResult:
    """Return the audit time in days with every step, by the rules and tables in force on a day.

    A case keeps to its own ``rule_set``; without one the country's set of the day counts. The
    words, source and usual range of each factor come from the catalogue.
    Raises LookupError for a factor that is not in force, ValueError for impossible figures.
    """
    wanted = tuple(schemes)
    codes = [scheme.code for scheme in wanted]
    known = {(row.scheme.code, row.key): row for row in factors_in_force(codes, on)}
    request = AuditTimeRequest(
        kind=AuditTimeKind(kind),
        schemes=tuple(_with_words(scheme, known) for scheme in wanted),
        sites=tuple(sites),
        central_share_percent=central_share_percent,
        central_share_reason=central_share_reason,
        integration=integration,
    )
    rules = _rules(rule_set, country, on)
    return audit_time.calculate(request, bands=bands_in_force(codes, on), rules=rules)


def draw_sites(
    *,
    keys: Sequence[str],
    kind: AuditTimeKind | str,
    on: date,
    country: str = "",
    rule_set: RuleSet | None = None,
    seed: str = "",
    sampling_allowed: bool = True,
) -> Sample:
    """Return which sites are audited besides the central function, with the seed to be kept.

    ``keys`` name the similar sites in the planner's order, the riskiest first. Giving the kept
    seed again repeats the draw.
    """
    rules = _rules(rule_set, country, on)
    size = audit_time.sample_size(len(keys), kind, rules, sampling_allowed=sampling_allowed)
    share = rules.number("sampling_random_percent") / 100
    return audit_time.sample_sites(keys, size, seed or secrets.token_hex(16), share)


def readable(result: dict[str, Any]) -> dict[str, Any]:
    """Add the reader's words to a kept result: ``label`` and ``note`` to lines, ``message``."""
    return {
        **result,
        "lines": [_line_in_language(line) for line in result["lines"]],
        "shares": [_line_in_language(line) for line in result["shares"]],
        "problems": [
            {**row, "message": in_language(row["message_zh"], row["message_en"])}
            for row in result["problems"]
        ],
    }


def _line_in_language(line: dict) -> dict:
    return {
        **line,
        "label": in_language(line["label_zh"], line["label_en"]),
        "note": in_language(line["note_zh"], line["note_en"]),
    }


def _rules(rule_set: RuleSet | None, country: str, on: date) -> RuleBook:
    return book_of(rule_set or rule_set_for(country, on))


def _with_words(scheme: SchemeInput, known: dict) -> SchemeInput:
    factors = tuple(_described(factor, scheme.code, known) for factor in scheme.factors)
    return replace(scheme, factors=factors)


def _described(factor: Factor, code: str, known: dict) -> Factor:
    row: AuditTimeFactor | None = known.get((code, factor.key))
    if row is None:
        raise LookupError(f"{code} has no audit-time factor {factor.key}")
    return replace(
        factor,
        label_en=row.title_en,
        label_zh=row.title_zh,
        source=row.source,
        usual_min=row.usual_min,
        usual_max=row.usual_max,
    )
