"""The rules and tables the product ships, read from its data files without a database."""

from dataclasses import fields
from decimal import Decimal

from schemes.audit_time import (
    AuditTimeRequest,
    Band,
    Factor,
    Personnel,
    SchemeInput,
    SiteInput,
    calculate,
)
from schemes.rulebook import Limit, RuleBook
from schemes.services.catalogue_files import read

CATALOGUE, PROBLEMS = read()


def _pick(row, kind):
    names = {field.name for field in fields(kind)}
    return kind(**{name: value for name, value in row.items() if name in names})


BANDS = [_pick(row, Band) for row in CATALOGUE.bands]


def rule_book(key: str, **changed) -> RuleBook:
    """Return a shipped rule set, with some values changed."""
    limits = {
        (row["key"], row["scheme"] or ""): _pick(row, Limit)
        for row in CATALOGUE.rules
        if row["rule_set"] == key
    }
    for name, value in changed.items():
        limits[name, ""] = Limit(key=name, value=value)
    edition = next(row["edition"] for row in CATALOGUE.rule_sets if row["key"] == key)
    return RuleBook(key=key, edition=edition, limits=limits)


ISO = rule_book("iso-17021-1-2015")
CNCA = rule_book("cnca-2026")


def persons(count: int) -> Personnel:
    return Personnel(shifts=(count,))


def site(count: int, key: str = "main", **facts) -> SiteInput:
    return SiteInput(key=key, name=key.title(), personnel=persons(count), **facts)


def factor(percent, reason: str = "as seen on site") -> Factor:
    return Factor(key=f"factor{percent}", percent=Decimal(str(percent)), reason=reason)


def qms(*percents) -> SchemeInput:
    return SchemeInput(code="QMS", factors=tuple(factor(percent) for percent in percents))


def days(kind, schemes, sites, *, rules=ISO, bands=BANDS, **facts):
    """Calculate with the shipped tables."""
    request = AuditTimeRequest(kind=kind, schemes=tuple(schemes), sites=tuple(sites), **facts)
    return calculate(request, bands=bands, rules=rules)
