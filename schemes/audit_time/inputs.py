"""What the calculation of audit time is asked, as plain values.

Percentages are decimals of 100; in factors a reduction is negative, elsewhere a reduction is a
positive figure. Days are audit days of the hours the rule set names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class AuditTimeKind(StrEnum):
    """Which audit the days are for; ``initial`` is stage 1 and stage 2 together."""

    INITIAL = "initial"
    STAGE_1 = "stage_1"
    STAGE_2 = "stage_2"
    SURVEILLANCE = "surveillance"
    RECERTIFICATION = "recertification"


@dataclass(frozen=True)
class PartTime:
    """Persons who work the same share (0 to 1) of full time."""

    count: int
    share: Decimal

    def __post_init__(self):
        if self.count < 0 or not 0 < self.share <= 1:
            raise ValueError("part-time persons need a count and a share of full time up to 1")


@dataclass(frozen=True)
class Repetitive:
    """Full-time persons with the same simple work, counted as fewer for a stated reason."""

    count: int
    counted_as: int
    reason: str

    def __post_init__(self):
        if not 1 <= self.counted_as <= self.count:
            raise ValueError(
                "a group must be counted as at least one person and no more than it has"
            )


@dataclass(frozen=True)
class Personnel:
    """Persons within the scope: full-time ones by shift, contractors included."""

    shifts: tuple[int, ...]
    part_time: tuple[PartTime, ...] = ()
    repetitive: tuple[Repetitive, ...] = ()

    def __post_init__(self):
        if any(count < 0 for count in self.shifts):
            raise ValueError("a shift cannot have fewer than 0 persons")

    @property
    def full_time(self) -> int:
        return sum(self.shifts)

    @property
    def headcount(self) -> int:
        return self.full_time + sum(group.count for group in self.part_time)


@dataclass(frozen=True)
class Factor:
    """An adjustment in percent of the table's days, with its reason; reductions are negative."""

    key: str
    percent: Decimal
    reason: str
    label_en: str = ""
    label_zh: str = ""
    source: str = ""
    usual_min: Decimal | None = None
    usual_max: Decimal | None = None


@dataclass(frozen=True)
class ManualDays:
    """Days of an initial audit set by a person where no table answers, with the reason."""

    days: Decimal
    reason: str

    def __post_init__(self):
        if self.days <= 0:
            raise ValueError("an audit takes more than 0 days")


@dataclass(frozen=True)
class SchemeInput:
    """One scheme of the audit; ``manual`` holds a person's figure by site key."""

    code: str
    category: str = ""
    factors: tuple[Factor, ...] = ()
    manual: Mapping[str, ManualDays] = field(default_factory=dict)


@dataclass(frozen=True)
class SiteInput:
    """One site that is audited. ``personnel_of`` replaces the personnel for single schemes.

    ``reduction_percent`` is what this site saves beyond the central function's share.
    """

    key: str
    name: str
    personnel: Personnel
    central: bool = False
    reduction_percent: Decimal = Decimal(0)
    reduction_reason: str = ""
    personnel_of: Mapping[str, Personnel] = field(default_factory=dict)

    def personnel_for(self, scheme: str) -> Personnel:
        return self.personnel_of.get(scheme, self.personnel)


@dataclass(frozen=True)
class Integration:
    """One audit of several schemes; a negative reduction adds time. The level is recorded only."""

    reduction_percent: Decimal
    reason: str
    level_percent: Decimal | None = None


@dataclass(frozen=True)
class AuditTimeRequest:
    """Everything a calculation depends on, apart from rules and tables.

    ``sites`` are those audited: with sampling, the sample and the central function.
    ``central_share_percent`` is taken off at every other site for what the central function does.
    """

    kind: AuditTimeKind
    schemes: tuple[SchemeInput, ...]
    sites: tuple[SiteInput, ...]
    central_share_percent: Decimal = Decimal(0)
    central_share_reason: str = ""
    integration: Integration | None = None

    def __post_init__(self):
        codes = [scheme.code for scheme in self.schemes]
        keys = [site.key for site in self.sites]
        if not codes or not keys:
            raise ValueError("a calculation needs at least one scheme and one site")
        if len(set(codes)) < len(codes) or len(set(keys)) < len(keys):
            raise ValueError("a scheme or a site is named twice")
        shares = [self.central_share_percent, *(site.reduction_percent for site in self.sites)]
        if any(not 0 <= share < 100 for share in shares):  # noqa: PLR2004 -- percent
            raise ValueError("a site's reduction is from 0 to below 100 percent")


@dataclass(frozen=True)
class Band:
    """A row of an audit-time table: days of an initial audit for a band of personnel."""

    scheme: str
    category: str
    personnel_from: int
    personnel_to: int
    days: Decimal
    edition: str
    source: str
