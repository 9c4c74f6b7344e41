"""The limits in force for a case, as plain values. Knows nothing of the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from foundation.calendar import WEEKDAYS, add_months, add_working_days

_MONTHS = 12


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

    def last_day(self, since: date) -> date | None:
        """Return the last day of the period that an event begins; None where there is no limit.

        The day of the event does not count. Months end on the same day of the month, or on the
        last one of a shorter month; working days are those of the limit's calendar. Raises
        ValueError for a limit that is no period.
        """
        if self.value is None:
            return None
        count = int(self.value)
        if self.unit == "years":
            return add_months(since, _MONTHS * count)
        if self.unit == "months":
            return add_months(since, count)
        if self.unit == "days":
            return since + timedelta(days=count)
        if self.unit == "working_days":
            return add_working_days(since, count, self.calendar or WEEKDAYS)
        raise ValueError(f"{self.key} is counted in {self.unit}, which is no period")

    def latest_over(self, today: date) -> date | None:
        """Return the latest event whose period is over before a day; None where none ends.

        With it a query finds what is over, without counting for each row.
        """
        since = today
        while (last := self.last_day(since)) is not None and last >= today:
            since -= timedelta(days=1)
        return since if self.value is not None else None


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
