"""Collects the lines and problems of one calculation, with their words."""

from decimal import Decimal

from schemes.audit_time.inputs import Band
from schemes.audit_time.result import Line, Problem, plain
from schemes.audit_time.wording import LABELS, NOTES, PROBLEMS
from schemes.rulebook import Limit, RuleBook


def number(value: Decimal) -> str:
    """Write a figure without a tail of zeros."""
    return plain(value)


def signed(value: Decimal) -> str:
    """Write a percentage with its sign."""
    return f"+{number(value)}" if value > 0 else number(value).replace("-", "−")


class Ledger:
    def __init__(self, rules: RuleBook):
        self.rules = rules
        self.lines: list[Line] = []
        self.shares: list[Line] = []
        self.problems: list[Problem] = []
        self.needs_person = False

    def label(self, key: str) -> tuple[str, str]:
        return LABELS[key]

    def line(self, key: str, before: Decimal, after: Decimal, at: dict | None = None, **facts):
        """Add a step of the running figure."""
        self.lines.append(self._made(key, before, after, at or {}, **facts))

    def share(self, key: str, before: Decimal, after: Decimal, **facts):
        """Add a figure derived from the total; it is no step of it."""
        self.shares.append(self._made(key, before, after, {}, **facts))

    def problem(self, key: str, at: dict | None = None, *, what=None, **words):
        """Add a problem in both languages; ``what`` names a thing in both."""
        places = at or {}
        english, chinese = PROBLEMS[key]
        names = what or ("", "")
        self.problems.append(
            Problem(
                key=key,
                message_en=english.format(**places, **words, what=names[0]),
                message_zh=chinese.format(**places, **words, what=names[1]),
                **places,
            )
        )

    def _made(
        self,
        key: str,
        before: Decimal,
        after: Decimal,
        at: dict,
        *,
        label: tuple[str, str] | None = None,
        limit: Limit | None = None,
        band: Band | None = None,
        source: str = "",
        unit: str = "days",
        note: tuple[str, dict] | None = None,
        more: tuple[str, dict] | None = None,
    ) -> Line:
        label_en, label_zh = label or LABELS[key]
        notes = [_in_both(*words) for words in (note, more) if words]
        rule, edition = "", ""
        if band:
            rule, edition, source = "audit_time_table", band.edition, band.source
        elif limit:
            rule, edition, source = limit.key, self.rules.edition, limit.source
        return Line(
            key=key,
            label_en=label_en,
            label_zh=label_zh,
            before=before,
            after=after,
            unit=unit,
            rule=rule,
            edition=edition,
            source=source,
            note_en="; ".join(english for english, _ in notes),
            note_zh="；".join(chinese for _, chinese in notes),
            **at,
        )


def _in_both(key: str, words: dict) -> tuple[str, str]:
    english, chinese = NOTES[key]
    return english.format(**words), chinese.format(**words)
