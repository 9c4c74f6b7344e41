"""Line art: the same drawing as SVG and as a PDF form."""

import math
import zlib
from xml.etree import ElementTree as ET

import pytest

from foundation.vectors import Ink, curve, figure, form, move, svg

LINE = Ink(
    (("M", 1, 2), ("L", 3.5, 2), ("C", 4, 2, 5, 3, 5, 4), ("Z",)), stroke="#24477E", width=0.1
)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.5, 2, ".5"),
        (-0.25, 2, "-.25"),
        (1.10, 2, "1.1"),
        (-0.001, 2, "0"),
        (12, 2, "12"),
        (100, 0, "100"),
        (0.00062, 5, ".00062"),
    ],
)
def test_figures_are_short(value, digits, text):
    assert figure(value, digits) == text


def test_svg_is_relative_and_plain():
    drawn = svg([LINE], 10, 8, ids="x")
    assert drawn == (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 8" fill="none" '
        'aria-hidden="true"><path d="M1 2l2.5 0c.5 0 1.5 1 1.5 2z" stroke="#24477E" '
        'stroke-width=".1"/></svg>'
    )


def test_a_repeated_path_is_written_once():
    places = tuple(move(index, 0) for index in range(3))
    drawn = svg([Ink(LINE.path, fill="#000000", places=places)], 10, 10, ids="x", label="<&>")
    root = ET.fromstring(drawn)  # noqa: S314 -- made here
    assert root.get("aria-label") == "<&>"
    assert [use.get("href") for use in root.iter("{http://www.w3.org/2000/svg}use")] == ["#x-0"] * 3
    drawing = form([Ink(LINE.path, fill="#000000", places=places)], 10, 10)
    assert zlib.decompress(drawing.operators).decode().count("/F1 Do") == 3
    assert len(drawing.parts) == 1


def test_a_form_holds_the_same_lines():
    drawing = form([LINE], 10, 8, said="A line")
    assert drawing.box == (0, 0, 10, 8)
    assert drawing.said == "A line"
    assert zlib.decompress(drawing.operators).decode() == (
        "q .141 .278 .494 RG .1 w\n1 2 m\n3.5 2 l\n4 2 5 3 5 4 c\n h\nS\nQ"
    )


def test_a_curve_meets_its_function():
    path = curve(lambda t: (math.cos(t), math.sin(t)), 0, math.tau, 16, closed=True)
    assert path[-1] == ("Z",)
    for index, step in enumerate(path[1:-1], start=1):
        angle = math.tau * index / 16
        assert step[-2:] == pytest.approx((math.cos(angle), math.sin(angle)))
        controls = [math.hypot(step[1], step[2]), math.hypot(step[3], step[4])]
        assert controls == pytest.approx([math.hypot(1, math.tau / 48)] * 2, rel=1e-4)
