"""The line art of our certificates: woven border, ripple ground, fingerprint rosette, micro-text.

Pure and deterministic. Lengths are millimetres on an A4 page, y grows downwards. The rosette is
drawn from the digest of a certificate's content, on paper and on its public page, so that a
person can compare the two. It is an aid: the proof is the digest and the signature.
"""

import functools
import hashlib
import math

import segno
from django.conf import settings
from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont

from foundation.vectors import UNMOVED, Form, Ink, Matrix, curve, form, move, svg

WIDTH, HEIGHT = 210.0, 297.0
BLUE, DEEP, CELADON, GOLD = "#24477E", "#142444", "#2E8B7A", "#B08A3E"
PAPER, PALE_BLUE, PALE_CELADON = "#FDFEFD", "#DDE3EC", "#D9EAE6"
RIPPLE, WOVEN_BLUE, WOVEN_CELADON = "#C9E2DD", "#35558A", "#4A9A8B"
TURN = 2 * math.pi
EM = 1000
MICRO = 0.62 / EM

QR_QUIET = 4
_BORDER = (11.1, 11.1, WIDTH - 22.2, HEIGHT - 22.2, 7.0)
_MIRRORS: tuple[Matrix, ...] = (
    UNMOVED,
    (-1, 0, 0, 1, WIDTH, 0),
    (1, 0, 0, -1, 0, HEIGHT),
    (-1, 0, 0, -1, WIDTH, HEIGHT),
)
# wave and beat: how often a strand swings, and its swing breathes, along the whole border.
# Numbers of strands and beats are even, so that a quarter of the border mirrors into the rest.
_FRONT_STRANDS = (
    {"strands": 8, "swing": 3.35, "waves": 80, "beats": 20, "depth": 0.13, "colour": WOVEN_BLUE},
    {"strands": 6, "swing": 2.0, "waves": 120, "beats": 40, "depth": -0.2, "colour": WOVEN_CELADON},
    {"strands": 4, "swing": 0.95, "waves": 160, "beats": 20, "depth": 0.3, "colour": GOLD},
)
_ANNEX_STRANDS = (
    {"strands": 6, "swing": 3.35, "waves": 80, "beats": 20, "depth": 0.13, "colour": "#8FA3C2"},
    {"strands": 4, "swing": 1.6, "waves": 120, "beats": 40, "depth": -0.2, "colour": "#96C4BC"},
)


@functools.cache
def front_ground() -> Form:
    """Return the ground of the first page: paper, ripples, border. The same for everybody."""
    return form([_paper(), _ripples(), *_border(_FRONT_STRANDS, 0.1), *_rules()], WIDTH, HEIGHT)


@functools.cache
def annex_ground() -> Form:
    """Return the quieter ground of the annex: paper and border."""
    return form([_paper(), *_border(_ANNEX_STRANDS, 0.08), *_rules()], WIDTH, HEIGHT)


def ground_svg(*, annex: bool = False) -> str:
    """Return the same grounds as SVG, for a browser or a comparison."""
    inks = (
        [_paper(), *_border(_ANNEX_STRANDS, 0.08), *_rules()]
        if annex
        else [_paper(), _ripples(), *_border(_FRONT_STRANDS, 0.1), *_rules()]
    )
    return svg(inks, WIDTH, HEIGHT, ids="annex" if annex else "front")


def rosette(digest: str, *, label: str = "") -> str:
    """Return the fingerprint of a digest (64 hexadecimal characters) as an SVG element.

    Without style, script or outside reference, so it may stand in a page under a strict policy.
    """
    return svg(rosette_inks(digest), 40, 40, ids=f"r{digest[:12].lower()}", label=label)


def rosette_inks(
    digest: str,
    place: Matrix = UNMOVED,
    *,
    colours: tuple[str, str] = (BLUE, CELADON),
    width: float = 0.14,
) -> list[Ink]:
    """Return the fingerprint in a square of 40, placed and coloured.

    Every figure of the drawing comes from a hash of the whole digest, so that digests that differ
    in one bit have unlike drawings.
    """
    seed = hashlib.sha256(b"rosette\0" + bytes.fromhex(digest)).digest()
    outer = _petals(seed[:16], 19.2, 1.0, 4, 15)
    inner = _petals(seed[16:], 8 + 5 * seed[7] / 255, 1.4, 3, 11)
    inks = []
    for (path, turns), colour in zip((outer, inner), colours, strict=True):
        places = tuple(_combine(place, move(20, 20, turn=turn)) for turn in turns)
        inks.append(Ink(path, stroke=colour, width=width, places=places))
    return inks


def fingerprint_text(digest: str) -> str:
    """Return the start of a digest as people read it: `0D2E A898 046B C1AA`."""
    head = digest[:16].upper()
    return " ".join(head[index : index + 4] for index in range(0, 16, 4))


def qr_inks(text: str, x: float, y: float, size: float) -> list[Ink]:
    """Return a QR code with its quiet zone of four modules on white, filling a square.

    Error correction Q: a quarter of the code may be dirty.
    """
    rows = list(segno.make(text, error="q", micro=False).matrix)
    module = size / (len(rows) + 2 * QR_QUIET)
    runs = []
    for top, row in enumerate(rows):
        start = None
        for left, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = left
            elif not dark and start is not None:
                runs.append(("R", start, top, left - start, 1))
                start = None
    place = move(x + QR_QUIET * module, y + QR_QUIET * module, module)
    return [
        Ink((("R", x, y, size, size),), fill="#FFFFFF"),
        Ink(tuple(runs), fill=DEEP, places=(place,)),
    ]


def microtext(text: str) -> list[Ink]:
    """Return one line of outlined text of 0.62 mm around the page; a copier makes it a grey rule.

    Outlines, so that neither search nor a screen reader ever meets it.
    """
    path, length = outline(text, "Portal Sans Regular")
    left, top, width, height = 17.2, 17.55, WIDTH - 34.4, HEIGHT - 35.1
    across, down = width - 4, height - 5.2
    places = [
        *_repeat(length, across, move(left + 2, top, MICRO)),
        *_repeat(length, across, move(left + 2, top + height, MICRO)),
        *_repeat(length, down, move(left, top + height - 2.6, MICRO, -TURN / 4)),
        *_repeat(length, down, move(left + width, top + height - 2.6, MICRO, -TURN / 4)),
    ]
    return [Ink(path, fill=BLUE, places=tuple(places))]


def word_across(text: str, colour: str) -> list[Ink]:
    """Return a word written across the page, such as the status a copy is stamped with."""
    path, length = outline(text, "Portal Sans Bold")
    size = min(21.0, 165 / length)
    turn = math.radians(-24)
    place = _combine(move(105, 140, turn=turn), move(-length * size / 2, size * 0.36, size / EM))
    return [Ink(path, fill=colour, places=(place,))]


def emblem(name: str, x: float, y: float, size: float) -> list[Ink]:
    """Return a hexagon with the initials of a name: the mark of a body that gave no logo."""
    scale = size / 40
    hexagon = ((20, 1.5), (36, 10.75), (36, 29.25), (20, 38.5), (4, 29.25), (4, 10.75))
    inner = ((20, 5), (33, 12.5), (33, 27.5), (20, 35), (7, 27.5), (7, 12.5))
    place = move(x, y, scale)
    inks = [
        Ink(_polygon(hexagon), stroke=BLUE, width=1.1, places=(place,)),
        Ink(_polygon(inner), fill=BLUE, places=(place,)),
    ]
    initials = initials_of(name)
    path, length = outline(initials, "Portal Sans Bold")
    if path:
        letter = min(15.0, 21 / length)
        inside = move(20 - length * letter / 2, 20 + letter * 0.37, letter / EM)
        inks.append(Ink(path, fill="#FFFFFF", places=(_combine(place, inside),)))
    return inks


def initials_of(name: str) -> str:
    """Return up to two initials of a Latin name, or the first character of a Chinese one."""
    words = [word for word in name.split() if word[0].isalnum()]
    if not words:
        return ""
    if ord(words[0][0]) > 0x24F:  # noqa: PLR2004 -- the end of the Latin blocks
        return words[0][0]
    return "".join(word[0].upper() for word in words[:2])


@functools.cache
def seal_place() -> tuple[Ink, ...]:
    """Return the ring that shows where the body puts its seal."""
    ring = curve(lambda t: (171.5 + 13 * math.cos(t), 250 + 13 * math.sin(t)), 0, TURN, 8)
    return (Ink(ring, stroke="#B0524F", width=0.4, dash=(1.6, 1.1)),)


def outline(text: str, face: str):
    """Return a text as one path in thousandths of an em, and its length in em.

    Characters the font lacks are left out.
    """
    steps: list[tuple] = []
    x = 0.0
    for character in text:
        glyph, advance = _glyph(character, face)
        steps += [
            (kind, *(value + (0 if index % 2 else x) for index, value in enumerate(values)))
            for kind, *values in glyph
        ]
        x += advance
    return tuple(steps), x / EM


def _paper() -> Ink:
    return Ink((("R", 0, 0, WIDTH, HEIGHT),), fill=PAPER)


def _polygon(points) -> tuple:
    first, *others = points
    return (("M", *first), *(("L", *point) for point in others), ("Z",))


def _combine(outer: Matrix, inner: Matrix) -> Matrix:
    """Return the matrix that applies the inner one first."""
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    return (
        a * g + c * h,
        b * g + d * h,
        a * i + c * j,
        b * i + d * j,
        a * k + c * m + e,
        b * k + d * m + f,
    )


def _repeat(length: float, room: float, start: Matrix) -> list[Matrix]:
    """Return the places that fill a line with whole repetitions, stretched a little to fit."""
    scale = math.hypot(start[0], start[1])
    count = max(1, int(room / (length * EM * scale)))
    stretch = room / (length * EM * scale * count)
    return [
        _combine(start, (stretch, 0, 0, 1, length * EM * stretch * index, 0))
        for index in range(count)
    ]


def _border(families, width: float) -> list[Ink]:
    """Return the woven border: a quarter of every strand, mirrored into the other three."""
    walk, total = _frame(*_BORDER)
    inks = []
    for family in families:
        path: tuple = ()
        for strand in range(family["strands"]):
            wave = _strand(walk, total, family, TURN * strand / family["strands"])
            path += curve(wave, 0, total / 4, family["waves"])
        inks.append(Ink(path, stroke=family["colour"], width=width, places=_MIRRORS))
    return inks


def _strand(walk, total: float, family: dict, phase: float):
    depth = family["depth"]

    def at(s):
        (x, y), (nx, ny) = walk(s)
        breath = 1 - abs(depth) + depth * math.cos(TURN * family["beats"] * s / total)
        swing = family["swing"] * breath * math.sin(TURN * family["waves"] * s / total + phase)
        return x + nx * swing, y + ny * swing

    return at


def _frame(x, y, width, height, radius):
    """Walk from the middle of the top edge to the right: point and outward normal at a length."""
    across, down, bend = width / 2 - radius, height - 2 * radius, math.pi * radius / 2
    total = 4 * across + 2 * down + 4 * bend
    centre = x + width / 2

    def at(s):
        if s <= across:
            return (centre + s, y), (0, -1)
        if s <= across + bend:
            angle = (s - across) / radius - math.pi / 2
            normal = (math.cos(angle), math.sin(angle))
            corner = (x + width - radius, y + radius)
            return (corner[0] + radius * normal[0], corner[1] + radius * normal[1]), normal
        return (x + width, y + radius + s - across - bend), (1, 0)

    return at, total


def _ripples() -> Ink:
    """Return the ground of waves: they swell in the middle and shift from line to line."""
    left, width, lines, wave = 18.6, 172.8, 96, 21.6
    path: tuple = ()
    for index in range(lines + 1):
        along = math.sin(math.pi * index / lines)
        line = _ripple(19.4 + 258.2 * index / lines, along, 3.2 * along + index * 0.21)
        path += curve(line, left, left + width, int(width / wave * 3))
    return Ink(path, stroke=RIPPLE, width=0.085)


def _ripple(y: float, along: float, phase: float):
    def at(x):
        swell = math.exp(-((((x - 18.6) / 172.8 - 0.5) / 0.30) ** 2))
        height = 0.95 * (0.35 + 1.25 * swell * along)
        return x, y + height * math.sin(TURN * (x - 18.6) / 21.6 + phase)

    return at


def _rules() -> list[Ink]:
    """Return the plain rules on both sides of the border."""
    inks = []
    for inset, width, colour in (
        (6.55, 0.34, BLUE),
        (7.15, 0.10, BLUE),
        (15.1, 0.10, BLUE),
        (15.6, 0.26, GOLD),
    ):
        radius = max(18.4 - inset, 3)
        box = (inset, inset, WIDTH - 2 * inset, HEIGHT - 2 * inset)
        inks.append(Ink(_rounded(*box, radius), stroke=colour, width=width))
    return inks


def _rounded(x, y, width, height, radius) -> tuple:
    right, bottom, pull = x + width, y + height, radius * 0.4477
    return (
        ("M", x + radius, y),
        ("L", right - radius, y),
        ("C", right - pull, y, right, y + pull, right, y + radius),
        ("L", right, bottom - radius),
        ("C", right, bottom - pull, right - pull, bottom, right - radius, bottom),
        ("L", x + radius, bottom),
        ("C", x + pull, bottom, x, bottom - pull, x, bottom - radius),
        ("L", x, y + radius),
        ("C", x, y + pull, x + pull, y, x + radius, y),
        ("Z",),
    )


def _petals(seed: bytes, radius: float, depth: float, least: int, most: int):
    """Return one closed curve around the origin and the turns at which it is drawn.

    A sum of two swings around a circle. The turned copies weave it into a guilloche as symmetrical
    as their number, so that number and both frequencies share no factor. ``least`` lobes and
    ``most`` copies keep a small ring open enough for print.
    """
    lobes = least + seed[0] % (2 * least)
    ripples = lobes + 2 + seed[1] % (2 * least + 1)
    numbers = [
        count for count in range(most - 6, most + 1) if math.gcd(count, lobes * ripples) == 1
    ]
    copies = numbers[seed[2] % len(numbers)]
    swing = depth * (0.10 + 0.16 * seed[3] / 255)
    ripple = depth * (0.04 + 0.10 * seed[4] / 255)
    phase = TURN * seed[5] / 256
    start = TURN * seed[6] / 256

    def at(t):
        r = radius * (
            1
            - swing
            - ripple
            + swing * math.cos(lobes * t)
            + ripple * math.cos(ripples * t + phase)
        )
        return r * math.cos(t), r * math.sin(t)

    path = curve(at, 0, TURN, 4 * ripples, closed=True)
    return path, [start + TURN * index / copies for index in range(copies)]


class _Recorder(BasePen):
    """Records outlines as our path steps; the font's upward y becomes downward."""

    def __init__(self, glyphs):
        super().__init__(glyphs)
        self.steps: list[tuple] = []

    def _add(self, kind, *points):
        self.steps.append((kind, *(value for x, y in points for value in (x, -y))))

    def _moveTo(self, pt):  # noqa: N802 -- fontTools' name
        self._add("M", pt)

    def _lineTo(self, pt):  # noqa: N802 -- fontTools' name
        self._add("L", pt)

    def _curveToOne(self, pt1, pt2, pt3):  # noqa: N802 -- fontTools' name
        self._add("C", pt1, pt2, pt3)

    def _closePath(self):  # noqa: N802 -- fontTools' name
        self._add("Z")


@functools.cache
def _face(face: str):
    family, _, style = face.rpartition(" ")
    font = TTFont(settings.FONT_DIR / f"{family.replace(' ', '')}-{style}.ttf", lazy=True)
    return font.getGlyphSet(), font.getBestCmap()


@functools.lru_cache(maxsize=2000)
def _glyph(character: str, face: str):
    glyphs, names = _face(face)
    name = names.get(ord(character))
    if name is None:
        return (), 0.0
    pen = _Recorder(glyphs)
    glyphs[name].draw(pen)
    return tuple(pen.steps), glyphs[name].width
