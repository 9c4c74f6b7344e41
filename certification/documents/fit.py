"""How large the texts of a certificate's first page are set, so that they always fit.

The room between the head and the dates is fixed. Sizes come in steps; the largest at which the
measured lines fit is taken, and what room is left is spread between the parts.
"""

from dataclasses import dataclass

from certification.documents.words import Pair
from foundation import glyphs

MM = 72 / 25.4
ROOM = 130.0 * MM
WIDTH = 160.0 * MM
SCOPE_WIDTH = 150.0 * MM
# A longer scope is stated in the annex (hanzi, Latin characters).
LONGEST_SCOPE = {"zh": 150, "en": 360}

# Points, from the roomiest step to the tightest, by language.
TITLE = {"zh": (32, 30, 28, 26, 24, 22), "en": (25, 23, 21, 19, 18, 17)}
TITLE2 = {"zh": (15, 14, 13, 12, 11, 10), "en": (12.4, 12, 11.4, 10.8, 10, 9.5)}
NAME = {"zh": (24, 21, 18, 15.5, 13.5, 12), "en": (21, 18.5, 16, 14, 12.5, 11)}
NAME2 = {"zh": (14, 13, 12, 10.5, 9.5, 8.5), "en": (13.4, 12.4, 11.4, 10, 9, 8.2)}
SCOPE = {"zh": (12.6, 11.4, 10.4, 9.4, 8.6, 8.2), "en": (12, 10.8, 9.8, 9, 8.2, 7.6)}
SCOPE2 = {"zh": (10.6, 9.8, 9.2, 8.6, 8, 7.5), "en": (10, 9.2, 8.6, 8, 7.5, 7.2)}
META = (8.5, 8.5, 8.2, 8, 7.6, 7.2)
GAP = (5.6, 4.6, 3.6, 2.8, 2.2, 1.8)
RULE = (4.6, 4.2, 3.6, 3.0, 2.6, 2.2)
STEPS = range(len(GAP))
STANDARD = 18.0
NOTE = 8.2


@dataclass(frozen=True)
class Face:
    """The texts of the first page that vary in length."""

    title: Pair
    name: Pair
    meta: tuple[Pair, ...]
    standard: str
    scope: Pair
    notes: int


@dataclass(frozen=True)
class Fitted:
    """The sizes as CSS custom properties, and how high the texts then stand, in points."""

    sizes: dict[str, str]
    height: float


def belongs_in_annex(scope: Pair) -> bool:
    """Tell whether a scope is too long for the first page."""
    return any(
        part is not None and len(part.text) > LONGEST_SCOPE[part.language]
        for part in (scope.first, scope.second)
    )


def fit(face: Face, room: float = ROOM) -> Fitted:
    """Choose the roomiest step at which the first page holds its texts."""
    for step in STEPS:
        sizes, height = _lay_out(face, step)
        if height <= room:
            break
    spare = max(0.0, room - height)
    # Four gaps share what is left; the rest stays above the dates.
    sizes["gap"] = GAP[step] * MM + min(spare / 5, 2.4 * MM)
    sizes["rule"] = RULE[step] * MM + min(spare / 10, 1.6 * MM)
    return Fitted({name: f"{size:.2f}pt" for name, size in sizes.items()}, height)


def one_line(text: str, face: str, size: float, width: float, spacing: float = 0) -> float:
    """Return the size at which a text takes one line, at most the given one."""
    length = glyphs.advance(text, face) + spacing * len(text)
    return min(size, width / length * 0.995) if length else size


def _lay_out(face: Face, step: int) -> tuple[dict[str, float], float]:
    sizes: dict[str, float] = {}
    sizes["meta"] = META[step]
    height = _title(face.title, step, sizes)
    height += (RULE[step] + 2.2) * MM
    height += 3 * (GAP[step] * MM + 9.6 * 1.5)
    height += _name(face.name, step, sizes)
    for index, text in enumerate(face.meta):
        line = " ".join(part.text for part in (text.first, text.second) if part)
        height += glyphs.lines(line, "Portal Serif Regular", META[step], WIDTH) * META[step] * 1.6
        height += 2.2 * MM if index == 0 else 0
    sizes["standard"] = one_line(face.standard, "Portal Serif Bold", STANDARD, WIDTH, 0.02)
    height += 1.2 * MM + sizes["standard"] * 1.3
    height += _scope(face.scope, step, sizes)
    height += face.notes * (1.6 * MM + NOTE * 1.5)
    return sizes, height


def _title(title: Pair, step: int, sizes: dict[str, float]) -> float:
    first = title.first
    size, count = TITLE[first.language][step], 1
    if first.language == "zh":
        sizes["title"] = one_line(first.text, "Portal Serif Bold", size, WIDTH, 0.17)
        sizes["title-width"] = WIDTH
    else:
        sizes["title"], sizes["title-width"], count = _balanced(
            first.text, "Portal Serif Bold", size, 0
        )
    height = count * sizes["title"] * 1.2
    if title.second:
        wanted = TITLE2[title.second.language][step]
        sizes["title2"] = one_line(title.second.text, "Portal Serif Regular", wanted, WIDTH, 0.045)
        height += 2.4 * MM + sizes["title2"] * 1.3
    return height


def _name(name: Pair, step: int, sizes: dict[str, float]) -> float:
    size = NAME[name.first.language][step]
    spacing = 0.05 if name.first.language == "zh" else 0.0
    sizes["name"], sizes["name-width"], count = _balanced(
        name.first.text, "Portal Serif Bold", size, spacing
    )
    height = 2.2 * MM + count * sizes["name"] * 1.25
    if name.second:
        size = NAME2[name.second.language][step]
        sizes["name2"], sizes["name2-width"], count = _balanced(
            name.second.text, "Portal Serif Regular", size, 0.0
        )
        height += 1.2 * MM + count * sizes["name2"] * 1.3
    return height


def _balanced(text: str, face: str, size: float, spacing: float) -> tuple[float, float, int]:
    """Return size, width and lines of a name: one line if a fifth smaller does, else even ones."""
    small = one_line(text, face, size, WIDTH, spacing)
    if small >= 0.8 * size:
        return small, WIDTH, 1
    return size, *_even(text, face, size, WIDTH, spacing)


def _even(text: str, face: str, size: float, widest: float, spacing: float) -> tuple[float, int]:
    """Return the narrowest width in which a text takes no more lines, and their number."""
    count = glyphs.lines(text, face, size, widest, spacing)
    if count == 1:
        return widest, 1
    length = (glyphs.advance(text, face) + spacing * len(text)) * size
    width = min(widest, length / count + size)
    while width < widest and glyphs.lines(text, face, size, width, spacing) > count:
        width = min(widest, width + size)
    return width, count


def _scope(scope: Pair, step: int, sizes: dict[str, float]) -> float:
    height = 0.0
    for part, key, table, leading, gap in (
        (scope.first, "scope", SCOPE, 1.5, 1.6),
        (scope.second, "scope2", SCOPE2, 1.4, 1.0),
    ):
        if part is None:
            continue
        size = table[part.language][step]
        spacing = 0.02 if part.language == "zh" and key == "scope" else 0.0
        sizes[key] = size
        sizes[f"{key}-width"], count = _even(
            part.text, "Portal Serif Regular", size, SCOPE_WIDTH, spacing
        )
        height += gap * MM + count * size * leading
    return height
