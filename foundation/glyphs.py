"""What the fonts of our documents can draw, and how wide it is.

The facts come from `fonts.json`, which script/build_fonts.py writes beside the fonts.
"""

import functools
import json
import re
from bisect import bisect_right
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

STAMP = "fonts.json"
_INVISIBLE = "\n\r\t"
_WORDS = re.compile(
    r"[\u2E80-\uFFEF\U00020000-\U0003FFFF]|[^\s\u2E80-\uFFEF\U00020000-\U0003FFFF]+\s*|\s+"
)


def missing(text: str) -> list[str]:
    """Return the characters of a text that no font of ours can draw, each once, in order.

    A document with one of them must not be issued: it would show an empty box.
    """
    runs = _facts()["characters"]
    starts = _starts()
    found = []
    for character in dict.fromkeys(text):
        at = bisect_right(starts, ord(character)) - 1
        if character not in _INVISIBLE and (at < 0 or ord(character) > runs[at][1]):
            found.append(character)
    return found


def advance(text: str, face: str) -> float:
    """Return the width of a text in em, without kerning; ``face`` is like `Portal Serif Bold`."""
    widths = _facts()["advances"][face]
    return sum(widths.get(character, 1000) for character in text) / 1000


def lines(text: str, face: str, size: float, width: float, spacing: float = 0) -> int:
    """Return how many lines a text takes at a size in a width, both in the same unit.

    Chinese breaks anywhere, other text at spaces. ``spacing`` is the letter spacing in em.
    """
    count, used = 1, 0.0
    for word in _WORDS.findall(text):
        room = (advance(word, face) + spacing * len(word)) * size
        tail = advance(word.rstrip(), face) * size if word[-1].isspace() else room
        if used and used + tail > width:
            count, used = count + 1, 0.0
        used += room
        if tail > width:
            count, used = count + int(tail // width), tail % width
    return count


def configuration() -> Path:
    """Return fontconfig's file that names our fonts alone."""
    _facts()
    return settings.FONT_DIR / "fonts.conf"


def fingerprint() -> str:
    """Return the SHA-256 over the font files, to record what a document was made with."""
    return _facts()["fingerprint"]


@functools.cache
def _facts() -> dict:
    path = settings.FONT_DIR / STAMP
    if not path.is_file():
        raise ImproperlyConfigured(
            f"PORTAL_FONT_DIR: {settings.FONT_DIR} holds no fonts; run script/build_fonts.py."
        )
    return json.loads(path.read_text(encoding="utf-8"))


@functools.cache
def _starts() -> list[int]:
    return [first for first, _ in _facts()["characters"]]
