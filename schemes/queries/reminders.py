"""How many days before a date people are reminded, as the rule sets say."""

from collections.abc import Callable
from datetime import date

from foundation.reminders import Steps, StepsOf
from schemes.models import RuleSet
from schemes.queries.rules import book_of, rule_book_for
from schemes.rulebook import RuleBook


def _steps(book: RuleBook, before: str, after: str) -> Steps:
    days, calendar, sources = [], "", []
    for rule, sign in ((before, 1), (after, -1)):
        if rule:
            limit = book.limit(rule)
            days += [sign * day for day in limit.value or ()]
            calendar = limit.calendar
            sources.append(limit.source)
    return Steps(tuple(days), calendar, "; ".join(dict.fromkeys(sources)))


def by_rule_set(path: str, *, before: str = "", after: str = "") -> Callable[[date], StepsOf]:
    """Return the steps for records that lead to their rule set by a path.

    ``before`` and ``after`` are the rules that list the days before and after the date.
    """

    def steps(today: date) -> StepsOf:
        sets = RuleSet.objects.all()
        return StepsOf({row.pk: _steps(book_of(row), before, after) for row in sets}, path)

    return steps


def by_country(path: str, *, before: str = "", after: str = "") -> Callable[[date], StepsOf]:
    """Return the steps for records before any case: what holds in their country today."""

    def steps(today: date) -> StepsOf:
        countries = {str(row.country) for row in RuleSet.objects.in_force(today)} | {""}
        found = {
            country: _steps(rule_book_for(country, today), before, after) for country in countries
        }
        return StepsOf(found, path)

    return steps


def everywhere(*, before: str = "", after: str = "") -> Callable[[date], StepsOf]:
    """Return the steps for records of no country: those of the international rules today."""

    def steps(today: date) -> StepsOf:
        return StepsOf({"": _steps(rule_book_for("", today), before, after)}, "pk")

    return steps
