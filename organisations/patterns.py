"""Patterns of certificate numbers: plain text with a few named parts, nothing evaluated."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

PARTS = ("short", "yy", "yyyy", "letter", "serial", "cycle", "size")
_PART = re.compile(r"\{(?P<name>[a-z]+)(?::0(?P<width>[1-9]))?\}")
# Parts whose digits vary in number, and parts made of letters; the others have a fixed width.
_KIND = {"serial": "#", "cycle": "#", "letter": "|", "size": "|"}
_SHAPE = {"serial": r"\d+", "cycle": r"\d+", "yy": r"\d{2}", "yyyy": r"\d{4}"}
_ALLOWED = re.compile(r"[A-Za-z0-9 ./\-{}:]+")


def check_pattern(pattern: str) -> str:
    """Return a pattern that makes unique numbers. Raises ValidationError saying what is wrong."""
    pattern = " ".join(pattern.split())
    if not _ALLOWED.fullmatch(pattern):
        raise ValidationError(_("Use letters, digits, spaces and . / - besides the parts."))
    found = [match["name"] for match in _PART.finditer(pattern)]
    if unknown := sorted(set(found) - set(PARTS)):
        raise ValidationError(
            _("Unknown part: %(parts)s.") % {"parts": ", ".join(f"{{{name}}}" for name in unknown)}
        )
    if "{" in _PART.sub("", pattern) or "}" in _PART.sub("", pattern):
        raise ValidationError(_("A brace does not belong to a part, such as {serial:05}."))
    if found.count("serial") != 1:
        raise ValidationError(_("The part {serial} must stand in the pattern once."))
    if "letter" not in found or not {"yy", "yyyy"} & set(found):
        raise ValidationError(
            _("{letter} and {yy} or {yyyy} are needed: serials start anew each year and scheme.")
        )
    if len(set(found)) < len(found):
        raise ValidationError(_("Each part may stand in the pattern once."))
    if re.search(r"#\d*#", _PART.sub(lambda part: _KIND.get(part["name"], "0"), pattern)):
        raise ValidationError(_("Put a letter or a sign between {serial} and {cycle}."))
    return pattern


def fill_pattern(pattern: str, **parts) -> str:
    """Return the number that a checked pattern makes of its parts."""

    def value(match):
        text = str(parts[match["name"]])
        return text.zfill(int(match["width"])) if match["width"] else text

    return _PART.sub(value, pattern)


def serial_in(pattern: str, number: str) -> int | None:
    """Return the serial in a number that a pattern made; None when it made no such number."""
    expression, end = "", 0
    for part in _PART.finditer(pattern):
        expression += re.escape(pattern[end : part.start()])
        expression += f"(?P<{part['name']}>{_SHAPE.get(part['name'], '.+?')})"
        end = part.end()
    found = re.fullmatch(expression + re.escape(pattern[end:]), number)
    return int(found["serial"]) if found else None
