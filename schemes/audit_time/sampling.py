"""Which sites of a multi-site organisation are audited (IAF MD 1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from hashlib import sha256

from schemes.audit_time.inputs import AuditTimeKind
from schemes.rulebook import RuleBook

_FACTORS = {
    AuditTimeKind.INITIAL: "sampling_factor_initial",
    AuditTimeKind.STAGE_1: "sampling_factor_initial",
    AuditTimeKind.STAGE_2: "sampling_factor_initial",
    AuditTimeKind.SURVEILLANCE: "sampling_factor_surveillance",
    AuditTimeKind.RECERTIFICATION: "sampling_factor_recertification",
}
_ROUNDING = {"ceiling": ROUND_CEILING, "nearest": ROUND_HALF_UP}


@dataclass(frozen=True)
class Sample:
    """The keys of the sites drawn at random, and of those chosen by risk, in their order."""

    drawn: tuple[str, ...]
    chosen: tuple[str, ...]
    seed: str

    @property
    def keys(self) -> tuple[str, ...]:
        return self.drawn + self.chosen


def sample_size(
    count: int, kind: AuditTimeKind | str, rules: RuleBook, *, sampling_allowed: bool = True
) -> int:
    """Return how many of ``count`` similar sites are audited; the central function comes on top.

    A factor times the square root of the number, rounded as the rule set says (IAF MD 1), and no
    fewer than its least sample. Where sampling is not allowed: every site, at surveillance a
    yearly share.
    """
    if count < 0:
        raise ValueError("there cannot be fewer than 0 sites")
    kind = AuditTimeKind(kind)
    if sampling_allowed:
        size = rules.number(_FACTORS[kind]) * Decimal(count).sqrt()
        rounding = _ROUNDING[rules.value("sampling_rounding")]
    elif kind == AuditTimeKind.SURVEILLANCE:
        size, rounding = rules.number("unsampled_surveillance_percent") * count / 100, ROUND_CEILING
    else:
        return count
    least = rules.number("sampling_min_sites") if sampling_allowed else 1
    return min(count, max(int(size.quantize(Decimal(1), rounding)), int(least)))


def sample_sites(
    sites: Sequence[str], size: int, seed: str, random_share: Decimal = Decimal("0.25")
) -> Sample:
    """Draw ``size`` of the site keys: at least the random share by seed, the rest as ranked.

    ``sites`` come in the planner's order, the riskiest first. Anyone can repeat the draw: the
    keys are ordered by the SHA-256 of ``seed:key`` and the first ones are drawn, whatever order
    they were given in.
    """
    if len(set(sites)) < len(sites):
        raise ValueError("a site is named twice")
    if not 0 <= size <= len(sites):
        raise ValueError("the sample cannot be larger than the number of sites")
    by_lot = sorted(sites, key=lambda key: sha256(f"{seed}:{key}".encode()).hexdigest())
    number = int((size * random_share).quantize(Decimal(1), ROUND_CEILING))
    drawn = tuple(by_lot[:number])
    left = [key for key in sites if key not in drawn]
    return Sample(drawn=drawn, chosen=tuple(left[: size - number]), seed=seed)
