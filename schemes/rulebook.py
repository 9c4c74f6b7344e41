"""The limits in force for a case, as plain values. Knows nothing of the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any


@dataclass(frozen=True)
class Limit:
    """One limit with its unit, the calendar of a limit in working days, and where it stands."""

    key: str
    value: Any
    unit: str = ""
    source: str = ""
    calendar: str = ""
    title_en: str = ""
    title_zh: str = ""


@dataclass(frozen=True)
class RuleBook:
    """The limits of one rule set; those of a scheme go before the general ones.

    ``limits`` maps (key, scheme code or "") to a limit. A value of None means that the rule set
    knows no such limit. Unknown keys raise LookupError: a limit is data, never a default in code.
    """

    key: str
    edition: str
    limits: Mapping[tuple[str, str], Limit]

    def limit(self, key: str, scheme: str = "") -> Limit:
        found = self.limits.get((key, scheme)) or self.limits.get((key, ""))
        if found is None:
            raise LookupError(f"{self.key} has no rule {key}")
        return found

    def value(self, key: str, scheme: str = "") -> Any:
        """Return the value as the data gives it: a number, text, list, truth value or None."""
        return self.limit(key, scheme).value

    def number(self, key: str, scheme: str = "") -> Decimal:
        """Return a decimal limit such as a percentage or a number of days."""
        return Decimal(str(self.value(key, scheme)))

    def share(self, key: str, scheme: str = "") -> Fraction:
        """Return a share such as 1/3 exactly."""
        return Fraction(str(self.value(key, scheme)))
