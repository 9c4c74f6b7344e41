"""The line art of certificates: pure, small, and different for every digest."""

import hashlib
import re
from xml.etree import ElementTree as ET

from certification import art

DIGEST = "0d2ea898046bc1aa759a1d19ed236a814bad54c273beff6285a788b209ee3329"


def shape(digest):
    """Return the drawing without the names of its parts."""
    return re.sub(r'(id="|#)r[0-9a-f]{12}', r"\1", art.rosette(digest))


def test_equal_digests_have_equal_rosettes():
    assert art.rosette(DIGEST) == art.rosette(DIGEST)
    assert shape(DIGEST.upper()) == shape(DIGEST)


def test_every_bit_of_the_digest_changes_the_rosette():
    content = bytes.fromhex(DIGEST)
    seen = {shape(DIGEST)}
    for bit in range(256):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        seen.add(shape(flipped.hex()))
    assert len(seen) == 257


def test_rosettes_of_many_certificates_differ():
    digests = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(2000)]
    assert len({shape(digest) for digest in digests}) == 2000


def test_the_rosette_may_stand_in_a_page_under_a_strict_policy():
    root = ET.fromstring(art.rosette(DIGEST, label="Fingerprint"))  # noqa: S314 -- made here
    assert root.get("role") == "img"
    assert root.get("aria-label") == "Fingerprint"
    tags = {element.tag.partition("}")[2] for element in root.iter()}
    assert tags == {"svg", "defs", "g", "path", "use"}
    names = {name for element in root.iter() for name in element.attrib}
    assert names == {
        *("viewBox", "fill", "role", "aria-label", "id", "d"),
        *("stroke", "stroke-width", "href", "transform"),
    }
    references = {element.get("href") for element in root.iter() if element.get("href")}
    assert references == {f"#r{DIGEST[:12]}-0", f"#r{DIGEST[:12]}-1"}


def test_the_rosette_is_small():
    sizes = [len(art.rosette(hashlib.sha256(bytes([number])).hexdigest())) for number in range(100)]
    assert max(sizes) < 8_000


def test_the_fingerprint_reads_in_fours():
    assert art.fingerprint_text(DIGEST) == "0D2E A898 046B C1AA"


def test_the_grounds_are_made_once_and_small():
    assert art.front_ground() is art.front_ground()
    size = sum(len(form.operators) for form in (art.front_ground(), *art.front_ground().parts))
    assert size < 60_000
    root = ET.fromstring(art.ground_svg())  # noqa: S314 -- made here
    assert root.get("viewBox") == "0 0 210 297"


def test_the_code_has_four_modules_of_quiet():
    white, dark = art.qr_inks("https://portal.example/c/7K2XD9QF4M8TBZ3W", 22, 201.6, 31)
    assert white.path == (("R", 22, 201.6, 31, 31),)
    scale, _, _, _, left, top = dark.places[0]
    widest = max(x + width for _, x, _, width, _ in dark.path)
    assert abs((left - 22) / scale - 4) < 1e-9
    assert abs((31 - (left - 22)) / scale - widest - 4) < 1e-9
    assert abs((top - 201.6) / scale - 4) < 1e-9


def test_a_body_without_logo_has_its_initials():
    assert art.initials_of("Huazhen Certification Co., Ltd.") == "HC"
    assert art.initials_of("华臻认证有限公司") == "华"
    assert art.initials_of("  ") == ""
    assert len(art.emblem("", 0, 0, 10)) == 2
    assert len(art.emblem("Huazhen", 0, 0, 10)) == 3


def test_micro_text_fills_its_line_whole():
    (ink,) = art.microtext("HUAZHEN · 034 25 Q 00417 · ")
    path, length = art.outline("HUAZHEN · 034 25 Q 00417 · ", "Portal Sans Regular")
    assert ink.path == path
    top = [place for place in ink.places if place[1] == 0 and place[5] == ink.places[0][5]]
    step = top[0][0] * length * 1000
    assert abs(top[-1][4] + step - top[0][4] - 171.6) < 0.01
