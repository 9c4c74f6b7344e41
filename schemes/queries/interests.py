"""Who may take no part in the certification of an enterprise, why, and until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from foundation.formatting import day
from schemes.enums import InterestKind
from schemes.models import Interest
from schemes.rulebook import RuleBook

# The rule that says how long an interest bars after its end.
RULE_OF = {
    InterestKind.EMPLOYMENT: "employment_years",
    InterestKind.CONSULTANCY: "consultancy_years",
    InterestKind.INTERNAL_AUDIT: "consultancy_years",
    InterestKind.TRAINING: "training_years",
    InterestKind.FAMILY: "other_interest_years",
    InterestKind.FINANCIAL: "other_interest_years",
    InterestKind.OTHER: "other_interest_years",
}


@dataclass(frozen=True)
class Bar:
    """An interest that bars, and its last day; None while it goes on."""

    interest: Interest
    until: date | None

    @property
    def reason(self) -> str:
        """Say why, in the reader's language; of one enterprise, which is not named."""
        words = {"kind": self.interest.get_kind_display()}
        if self.until is None or self.interest.ended_on is None:
            return _("%(kind)s that goes on: bars while it lasts") % words
        words |= {"end": day(self.interest.ended_on), "until": day(self.until)}
        return _("%(kind)s until %(end)s: bars until %(until)s") % words


def bars_until(interest: Interest, rules: RuleBook) -> date | None:
    """Return the last day on which an interest bars; None while it goes on.

    The period of the rule begins with the last day of the interest and ends on the same day of the
    month, on the last one of a shorter month (ISO/IEC 17021-1:2015 5.2.10).
    """
    if interest.ended_on is None:
        return None
    end = rules.limit(RULE_OF[InterestKind(interest.kind)]).last_day(interest.ended_on)
    return end or interest.ended_on


def bars_among(interests: Iterable[Interest], *, enterprise, on: date, rules: RuleBook) -> list:
    """Return what of a person's interests bars him or her from an enterprise on a day.

    A tie that is still to begin bars already: who is going to work there is not impartial now.
    """
    there = enterprise.identifier, enterprise.country
    ties = [row for row in interests if (row.identifier, row.country) == there]
    held = [Bar(row, bars_until(row, rules)) for row in ties]
    return [bar for bar in held if bar.until is None or bar.until >= on]


def ties_of(actor) -> Exists:
    """Return the expression that tells of rows with an enterprise whether the actor named it.

    Where it is false, no rule has to be asked.
    """
    return Exists(
        Interest.objects.filter(
            user=actor.user,
            identifier=OuterRef("enterprise__identifier"),
            country=OuterRef("enterprise__country"),
        )
    )


def reasons_against(user, enterprise, *, on: date, rules: RuleBook) -> list[str]:
    """Say what bars one person from an enterprise on a day; nothing means that nothing does."""
    rows = Interest.objects.filter(user=user, identifier=enterprise.identifier)
    return [bar.reason for bar in bars_among(rows, enterprise=enterprise, on=on, rules=rules)]
