"""What the calculation answers: the figures, and how each came about."""

from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Line:
    """One step: what was done, by which rule, the figure before and after.

    ``unit`` is ``days`` or ``persons``. ``rule`` is the key of the rule or table, ``edition``
    and ``source`` say where it stands.
    """

    key: str
    label_en: str
    label_zh: str
    before: Decimal
    after: Decimal
    unit: str = "days"
    rule: str = ""
    edition: str = ""
    source: str = ""
    scheme: str = ""
    site: str = ""
    note_en: str = ""
    note_zh: str = ""

    @property
    def change(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True)
class Problem:
    """Why the figure may not be used as it stands."""

    key: str
    message_en: str
    message_zh: str
    scheme: str = ""
    site: str = ""


@dataclass(frozen=True)
class AuditTimeResult:
    """The days of one audit with their derivation.

    ``total`` is None as long as a figure is missing; otherwise it is the sum of the changes of
    all ``lines`` in days. ``shares`` are figures derived from the total: on-site minimum,
    stage 1, stage 2, hours. With any ``problems`` the figure must not be offered.
    """

    kind: str
    rule_set: str
    rule_edition: str
    total: Decimal | None
    onsite_minimum: Decimal | None
    stage_1: Decimal | None
    stage_2: Decimal | None
    lines: tuple[Line, ...] = ()
    shares: tuple[Line, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
    needs_person: bool = False

    @property
    def usable(self) -> bool:
        return self.total is not None and not self.problems

    def as_data(self) -> dict[str, Any]:
        """Return plain JSON data, decimals as text, to be kept with an offer."""
        data = plain(asdict(self))
        data["usable"] = self.usable
        return data


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it; decimals become text without a tail of zeros."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
