"""The limits that hold for a case, read from the rule set it was opened under."""

from django.utils import timezone

from schemes.models import Rule, RuleSet
from schemes.rulebook import Limit, RuleBook


def rule_set_for(country: str, on=None) -> RuleSet:
    """Return the rule set of a country on a day; where none holds, the international one.

    Raises LookupError when neither is in force.
    """
    rows = RuleSet.objects.in_force(on or timezone.localdate())
    for code in (country, ""):
        found = rows.filter(country=code).order_by("-valid_from").first()
        if found is not None:
            return found
    raise LookupError(f"no rule set is in force for {country}")


def rules_of(rule_set: RuleSet) -> RuleBook:
    """Return the limits of a rule set as plain values."""
    rows = Rule.objects.filter(rule_set=rule_set).select_related("scheme")
    limits = {
        (row.key, row.scheme.code if row.scheme_id else ""): Limit(
            key=row.key,
            value=row.value,
            unit=row.unit,
            source=row.source,
            calendar=row.calendar,
            title_en=row.title_en,
            title_zh=row.title_zh,
        )
        for row in rows
    }
    return RuleBook(rule_set.key, rule_set.edition, limits)
