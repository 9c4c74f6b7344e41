"""Line art described once and written twice: as SVG for pages, as a form for our PDFs.

Lengths are in the drawing's own unit, y grows downwards. A form is drawn by the PDF viewer as it
stands, so it costs a page nothing to lay out (see foundation.pdf.html_to_pdf).
"""

import math
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape

Steps = tuple[tuple[Any, ...], ...]
Matrix = tuple[float, float, float, float, float, float]
UNMOVED: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True)
class Ink:
    """One path, stroked or filled in a plain colour, drawn at one or several places.

    The path holds ("M", x, y), ("L", x, y), ("C", x1, y1, x2, y2, x, y), ("R", x, y, width,
    height) and ("Z",). A place is a matrix as SVG writes it.
    """

    path: Steps
    stroke: str = ""
    width: float = 0
    fill: str = ""
    dash: tuple[float, ...] = ()
    places: tuple[Matrix, ...] = (UNMOVED,)


@dataclass(frozen=True)
class Form:
    """A drawing as PDF operators (compressed), the box it fills, and the forms it uses.

    ``said`` describes it to who cannot see it; empty for decoration.
    """

    operators: bytes
    box: tuple[float, float, float, float]
    parts: tuple["Form", ...] = ()
    said: str = ""


def move(x: float, y: float, scale: float = 1, turn: float = 0) -> Matrix:
    """Return the matrix that scales, turns clockwise by radians, then moves."""
    cosine, sine = math.cos(turn) * scale, math.sin(turn) * scale
    return (cosine, sine, -sine, cosine, x, y)


def curve(at: Callable, start: float, end: float, pieces: int, *, closed: bool = False):
    """Return the path of a smooth function of one parameter as cubic pieces.

    Points and slopes meet the function; between them the pieces are Hermite splines, so few
    pieces still look smooth. ``at`` returns (x, y).
    """
    step = (end - start) / pieces
    tiny = step * 1e-3
    points, slopes = [], []
    for index in range(pieces + 1):
        here = start + index * step
        (x1, y1), (x2, y2) = at(here - tiny), at(here + tiny)
        points.append(at(here))
        slopes.append(((x2 - x1) / (2 * tiny), (y2 - y1) / (2 * tiny)))
    path = [("M", *points[0])]
    third = step / 3
    for (p, m), (q, n) in zip(
        zip(points, slopes, strict=True), zip(points[1:], slopes[1:], strict=True), strict=False
    ):
        path.append(
            (
                "C",
                p[0] + m[0] * third,
                p[1] + m[1] * third,
                q[0] - n[0] * third,
                q[1] - n[1] * third,
                *q,
            )
        )
    return (*path, ("Z",)) if closed else tuple(path)


def figure(value: float, digits: int = 2) -> str:
    """Write a number as short as its precision allows: 1.50 is 1.5, -0.20 is -.2."""
    text = f"{value:.{digits}f}"
    if digits:
        text = text.rstrip("0").rstrip(".")
    if text in ("-0", "", "-"):
        return "0"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def svg(inks: Iterable[Ink], width: float, height: float, *, ids: str, label: str = "") -> str:
    """Write a drawing as an SVG element without style, script or outside reference.

    ``ids`` begins the names of repeated paths and must be unique in the page. With a label the
    drawing is announced as an image, without one it is hidden from screen readers.
    """
    body = "".join(_svg_ink(ink, f"{ids}-{index}") for index, ink in enumerate(inks))
    said = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {figure(width)} {figure(height)}" '
        f'fill="none" {said}>{body}</svg>'
    )


def form(inks: Iterable[Ink], width: float, height: float, *, said: str = "") -> Form:
    """Write a drawing as a PDF form of this size."""
    box = (0.0, 0.0, float(width), float(height))
    parts: list[Form] = []
    operators = []
    for ink in inks:
        operators.append(f"q {_pdf_pen(ink)}")
        if len(ink.places) == 1:
            operators.append(f"{_pdf_move(ink.places[0])}{_pdf_path(ink)}")
        else:
            parts.append(Form(zlib.compress(_pdf_path(ink).encode(), 9), _bounds(ink.path)))
            operators += [f"q {_pdf_move(place)}/F{len(parts)} Do Q" for place in ink.places]
        operators.append("Q")
    return Form(zlib.compress("\n".join(operators).encode(), 9), box, tuple(parts), said)


def _svg_ink(ink: Ink, name: str) -> str:
    paint = f'fill="{ink.fill}"' if ink.fill else ""
    if ink.stroke:
        paint = f'stroke="{ink.stroke}" stroke-width="{figure(ink.width, 3)}"'
        if ink.dash:
            paint += f' stroke-dasharray="{" ".join(map(figure, ink.dash))}"'
    path = f'd="{_svg_path(ink.path)}"'
    if ink.places == (UNMOVED,):
        return f"<path {path} {paint}/>"
    uses = "".join(
        f'<use href="#{name}" transform="matrix({_numbers(place, 4)})"/>' for place in ink.places
    )
    return f'<defs><path id="{name}" {path}/></defs><g {paint}>{uses}</g>'


def _numbers(values: Iterable[float], digits: int = 2) -> str:
    text = ""
    for value in values:
        number = figure(value, digits)
        text += number if not text or number[0] == "-" else f" {number}"
    return text


def _svg_path(path: Steps) -> str:
    """Write a path with relative coordinates; rounding errors do not add up."""
    text, x, y = "", 0.0, 0.0
    previous = ""
    for step in path:
        kind, *values = step
        if kind == "Z":
            text += "z"
        elif kind == "M":
            text += f"M{_numbers(values)}"
        elif kind == "R":
            text += f"M{_numbers(values[:2])}h{figure(values[2])}v{figure(values[3])}"
            text += f"h{figure(-values[2])}z"
        else:
            moved = [value - (y if index % 2 else x) for index, value in enumerate(values)]
            numbers = _numbers(moved)
            joined = numbers if numbers[0] == "-" else f" {numbers}"
            text += joined if kind == previous else f"{kind.lower()}{numbers}"
        previous = kind
        if kind != "Z":
            x, y = (round(value, 2) for value in (values[:2] if kind == "R" else values[-2:]))
    return text


def _pdf_pen(ink: Ink) -> str:
    if not ink.stroke:
        return f"{_rgb(ink.fill)} rg"
    dash = f" [{_spaced(ink.dash)}] 0 d" if ink.dash else ""
    return f"{_rgb(ink.stroke)} RG {figure(ink.width, 3)} w{dash}"


def _rgb(colour: str) -> str:
    return " ".join(figure(int(colour[index : index + 2], 16) / 255, 3) for index in (1, 3, 5))


def _spaced(values: Iterable[float], digits: int = 2) -> str:
    return " ".join(figure(value, digits) for value in values)


def _quickly_spaced(values: Iterable[float]) -> str:
    """Write two decimals; %g is three times faster and exact enough below ten thousand."""
    return " ".join(["%g" % round(value, 2) for value in values])  # noqa: UP031 -- the point of it


def _pdf_move(place: Matrix) -> str:
    return "" if place == UNMOVED else f"{_spaced(place, 7)} cm "


def _pdf_path(ink: Ink) -> str:
    names = {"M": "m", "L": "l", "C": "c", "R": "re", "Z": "h"}
    lines = [f"{_quickly_spaced(values)} {names[kind]}" for kind, *values in ink.path]
    return "\n".join([*lines, "S" if ink.stroke else "f"])


def _bounds(path: Steps) -> tuple[float, float, float, float]:
    xs: list[float] = []
    ys: list[float] = []
    for kind, *values in path:
        if kind == "R":
            values = [*values[:2], values[0] + values[2], values[1] + values[3]]  # noqa: PLW2901 -- as corners
        xs += values[::2]
        ys += values[1::2]
    return (min(xs) - 1, min(ys) - 1, max(xs) + 1, max(ys) + 1)
