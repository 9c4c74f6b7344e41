"""Which limits hold where and when."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date

from schemes.models import RuleSet
from schemes.rulebook import Limit, RuleBook

_REMEMBERED: ContextVar[dict | None] = ContextVar("remembered", default=None)


@contextmanager
def remembered() -> Iterator[None]:
    """Read each rule set once during a block that works through many cases and changes no rule."""
    token = _REMEMBERED.set({})
    try:
        yield
    finally:
        _REMEMBERED.reset(token)


def rule_set_for(country: str, on: date) -> RuleSet:
    """Return the country's rule set of a day, or the international one where it has none.

    Raises LookupError when neither is loaded: run ``manage.py sync_schemes``.
    """
    found = RuleSet.objects.in_force(on).filter(country__in={str(country), ""})
    rule_set = max(found, key=lambda row: (bool(row.country), row.valid_from), default=None)
    if rule_set is None:
        raise LookupError(f"no rule set holds for {country or 'any country'} on {on}")
    return rule_set


def book_of(rule_set: RuleSet) -> RuleBook:
    """Return the limits of one rule set as plain values; a case keeps to the set it began with."""
    books = _REMEMBERED.get()
    if books is None:
        return _read(rule_set)
    if rule_set.pk not in books:
        books[rule_set.pk] = _read(rule_set)
    return books[rule_set.pk]


def _read(rule_set: RuleSet) -> RuleBook:
    limits = {
        (rule.key, rule.scheme.code if rule.scheme else ""): Limit(
            key=rule.key,
            value=rule.value,
            unit=rule.unit,
            source=rule.source,
            calendar=rule.calendar,
            title_en=rule.title_en,
            title_zh=rule.title_zh,
        )
        for rule in rule_set.rules.select_related("scheme")
    }
    return RuleBook(key=rule_set.key, edition=rule_set.edition, limits=limits)


def rule_book_for(country: str, on: date) -> RuleBook:
    """Return the limits that hold in a country on a day. Raises LookupError without any."""
    return book_of(rule_set_for(country, on))
