"""What independent tools see in a PDF: poppler's and zbar's."""

import io
import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from tempfile import TemporaryDirectory

from PIL import Image, ImageChops, ImageFilter

DAY = datetime(2026, 3, 16, tzinfo=UTC)
POINTS_TO_MM = 25.4 / 72
_WORD = re.compile(
    r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">([^<]*)</word>'
)


@dataclass(frozen=True)
class Font:
    """A font as pdffonts lists it."""

    family: str
    embedded: str
    subset: str
    unicode: str


@dataclass(frozen=True)
class Word:
    """A word on a page and the box of its letters, in millimetres from the top left."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other) -> bool:
        return (
            min(self.right, other.right) - max(self.left, other.left) > 0.2
            and min(self.bottom, other.bottom) - max(self.top, other.top) > 0.2
        )


def _run(command, data: bytes) -> bytes:
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def text_of(data: bytes, page: int | None = None) -> str:
    """Return what pdftotext reads, of one page or all."""
    pages = ["-f", str(page), "-l", str(page)] if page else []
    return _run(["pdftotext", *pages, "-", "-"], data).decode().replace("\f", "\n")


def body_of(data: bytes) -> str:
    """Return the text of all pages without the heads and feet of a certificate."""
    window = ["-r", "72", "-x", "0", "-y", "119", "-W", "596", "-H", "618"]
    return _run(["pdftotext", *window, "-", "-"], data).decode().replace("\f", "\n")


def fonts_of(data: bytes) -> list[Font]:
    """Return the fonts pdffonts lists."""
    lines = _run(["pdffonts", "-"], data).decode().splitlines()[2:]
    found = []
    for line in lines:
        name = line.split()[0].partition("+")[2]
        flags = re.search(r"(yes|no)\s+(yes|no)\s+(yes|no)\s+\d+\s+\d+$", line)
        found.append(Font(re.sub(r"-Bold$", "", name), *flags.groups()))
    return found


def pages_of(data: bytes) -> int:
    """Return the number of pages pdfinfo counts."""
    return int(re.search(r"Pages:\s+(\d+)", _run(["pdfinfo", "-"], data).decode())[1])


def words_of(data: bytes, page: int) -> list[Word]:
    """Return the words of a page with their boxes.

    Fonts for Chinese are taller than their letters, so the boxes are cut to the letters' height.
    """
    command = ["pdftotext", "-bbox", "-f", str(page), "-l", str(page), "-", "-"]
    words = []
    for match in _WORD.finditer(_run(command, data).decode()):
        left, top, right, bottom = (float(value) * POINTS_TO_MM for value in match.groups()[:4])
        spare = (bottom - top) * 0.27
        words.append(Word(unescape(match[5]), left, top + spare, right, bottom - spare))
    return words


def picture_of(data: bytes, dpi: int, page: int = 1) -> bytes:
    """Return a page as PNG."""
    options = ["-r", str(dpi), "-png", "-f", str(page), "-l", str(page), "-singlefile"]
    return _run(["pdftoppm", *options, "-"], data)


def unlike(one: bytes, other: bytes, page: int) -> int:
    """Return the greatest difference between two renderings of a page, 0 to 255.

    Slightly blurred, so that the rounding of edges is no difference.
    """
    blurred = [
        Image.open(io.BytesIO(picture_of(data, 100, page)))
        .convert("L")
        .filter(ImageFilter.GaussianBlur(1.5))
        for data in (one, other)
    ]
    return ImageChops.difference(*blurred).getextrema()[1]


def code_of(data: bytes, dpi: int) -> str:
    """Return what zbarimg reads on the first page."""
    with TemporaryDirectory() as folder:
        path = f"{folder}/page.png"
        with open(path, "wb") as file:  # noqa: PTH123 -- a path for another program
            file.write(picture_of(data, dpi))
        command = ["zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", path]
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()
