"""Make the files that must never do harm: rows B1 to B23 of the list of bad inputs.

Deterministic, nothing is downloaded, and no file lies in the repository. As a program it writes
them all into a folder: ``python -m tests.corpus.make FOLDER``.
"""

import gzip
import io
import stat
import struct
import sys
import warnings
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from PIL import Image

DAY = (2026, 1, 1, 0, 0, 0)
SCRIPT = b"<script>alert('CANARY')</script>"
WORD = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"}
SHEET = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
ENTITY = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "{}">]><workbook>&a;</workbook>'
# In two halves, so that no scanner takes this file for what it makes.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + rb"ANTIVIRUS-TEST-FILE!$H+H*"


@dataclass(frozen=True)
class Bad:
    """One file: its row, the name it is sent under, how it is made, and why it is refused.

    An empty ``refused`` means that the file is taken and made harmless.
    """

    row: str
    name: str
    make: Callable[[], bytes]
    refused: str
    note: str = ""

    @property
    def id(self) -> str:
        return f"{self.row}-{self.note or self.name}"


def picture(kind="PNG", size=(8, 6), **facts) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, kind, **facts)
    return out.getvalue()


def huge_png(width: int, height: int, *, rows: bool) -> bytes:
    """Return a PNG of one bit a pixel: only its header, or really all of its rows."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    packer, data = zlib.compressobj(9), b""
    if rows:
        row = bytes(1 + (width + 7) // 8)
        data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + (chunk(b"IDAT", data) if rows else b"")
    return b"\x89PNG\r\n\x1a\n" + parts + chunk(b"IEND", b"")


def photo() -> bytes:
    """Return a photo that tells where, when, by whom and with what it was taken."""
    facts = Image.Exif()
    facts[0x010F] = "CANARY maker"
    facts[0x9286] = "CANARY comment"
    place = facts.get_ifd(0x8825)
    place[1], place[2] = "N", (29.0, 52.0, 6.0)
    place[3], place[4] = "E", (121.0, 32.0, 38.0)
    return picture("JPEG", exif=facts, comment=b"CANARY words")


def archive(parts, *, attributes=0) -> bytes:
    """Return an archive of parts: a mapping, or pairs where a name may stand twice."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for name, content in parts.items() if isinstance(parts, dict) else parts:
            entry = zipfile.ZipInfo(name, DAY)
            # Written as asked for, without the tidying that ZipInfo does.
            entry.filename = name
            entry.compress_type = zipfile.ZIP_DEFLATED
            if attributes and name not in WORD:
                entry.external_attr = attributes << 16
            packed.writestr(entry, content)
    return out.getvalue()


def pdf(change=None, **saving) -> bytes:
    """Return a PDF of one page, changed by a function."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        if change:
            change(document)
        document.save(out, deterministic_id=True, **saving)
    return out.getvalue()


def _script(document):
    action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    document.Root.Names = pikepdf.Dictionary(JavaScript=document.make_indirect(action))


def _opening(document):
    document.Root.OpenAction = pikepdf.Dictionary(
        S=pikepdf.Name.URI, URI=pikepdf.String("https://evil.example/")
    )


def _launch(document):
    document.pages[0].Annots = pikepdf.Array(
        [
            pikepdf.Dictionary(
                Subtype=pikepdf.Name.Link,
                A=pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("calc.exe")),
            )
        ]
    )


def _attachment(document):
    document.attachments["inside.exe"] = b"MZ"


def _page_shown_first(document):
    document.Root.OpenAction = pikepdf.Array([document.pages[0].obj, pikepdf.Name.Fit])


def hidden(change) -> bytes:
    """Return a PDF whose objects all lie in compressed object streams."""
    data = pdf(change, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert b"JavaScript" not in data
    assert b"Launch" not in data
    return data


def polyglot() -> bytes:
    """Return bytes that are a PDF to one program and an archive to another."""
    data = pdf()
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as packed:
        packed.writestr(zipfile.ZipInfo("inside.html", DAY), SCRIPT)
    return out.getvalue()


def laughs() -> bytes:
    lines = ['<!ENTITY a0 "ha">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    return f"<!DOCTYPE x [{''.join(lines)}]><workbook>&a9;</workbook>".encode()


def large_pdf(size: int) -> bytes:
    return pdf().ljust(size, b"\n")


def filled_pdf(size: int):
    """Yield the parts of a valid PDF of about this size, of which no part is large."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
    )
    places, at = [], 0
    head = b"%PDF-1.7\n"
    yield head
    at += len(head)
    for number, content in enumerate(objects, 1):
        part = b"%d 0 obj%s endobj\n" % (number, content)
        places.append(at)
        at += len(part)
        yield part
    places.append(at)
    part = b"4 0 obj<</Length %d>>stream\n" % size
    yield part
    at += len(part) + size
    for _mega in range(size // 1024**2):
        yield b"x" * 1024**2
    yield b"x" * (size % 1024**2)
    part = b"\nendstream endobj\n"
    yield part
    at += len(part)
    lines = b"".join(b"%010d 00000 n \n" % place for place in places)
    yield b"xref\n0 5\n0000000000 65535 f \n" + lines
    yield b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % at


def office(extra, base=None) -> Callable[[], bytes]:
    return lambda: archive((base or WORD) | extra)


def _link() -> bytes:
    return archive(WORD | {"word/media/link": b"/etc/passwd"}, attributes=stat.S_IFLNK | 0o777)


def _sheet(markup: bytes) -> Callable[[], bytes]:
    return lambda: archive(SHEET | {"xl/workbook.xml": markup})


LIMIT = 25 * 1024 * 1024
BAD = (
    Bad("B1", "page.png", lambda: b"<!doctype html>" + SCRIPT, "type"),
    Bad("B1", "page.pdf", lambda: b"<!doctype html>" + SCRIPT, "type"),
    Bad("B1", "late.pdf", lambda: SCRIPT + pdf(), "type", "PDF that begins as HTML"),
    Bad("B2", "setup.pdf", lambda: b"MZ\x90\x00\x03\x00\x00\x00" + bytes(56) + b"PE\x00\x00", "type"),
    Bad("B3", "shell.jpg", lambda: b"<?php system('id'); ?>", "type"),
    Bad("B3", "shell.jpg", lambda: b"\xff\xd8\xff<?php system('id'); ?>", "picture", "behind a JPEG start"),
    Bad("B3", "photo.jpg", lambda: picture("JPEG", comment=b"<?php CANARY ?>"), "", "in the comment of a photo"),
    Bad("B4", "packed.png", lambda: gzip.compress(SCRIPT, mtime=0), "type"),
    Bad("B5", "drawing.png", lambda: b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>", "type", "SVG"),
    Bad("B6", "a.png", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(id) run", "type", "EPS"),
    Bad("B6", "a.png", lambda: picture("TIFF"), "type", "TIFF"),
    Bad("B6", "a.png", lambda: picture("WEBP"), "type", "WebP"),
    Bad("B6", "a.png", lambda: b"SIMPLE  =                    T".ljust(2880), "type", "FITS"),
    Bad("B7", "a.gif", lambda: picture("GIF") + SCRIPT, "type", "GIF with a script behind it"),
    Bad("B7", "a.png", lambda: picture() + SCRIPT, "", "PNG with a script behind it"),
    Bad("B7", "a.jpg", lambda: picture("JPEG") + SCRIPT, "", "JPEG with a script behind it"),
    Bad("B8", "a.png", lambda: huge_png(100_000, 100_000, rows=False), "pixels", "header of 100,000 squared"),
    Bad("B9", "a.png", lambda: huge_png(20_000, 20_000, rows=True), "pixels", "400 million pixels"),
    Bad("B10", "photo.jpg", photo, "", "photo with place, maker and comment"),
    Bad("B11", "bomb.docx", office({"word/media/zeros.png": bytes(210 * 1024 * 1024)}), "unpacked"),
    Bad("B12", "many.docx", lambda: archive(WORD | {f"word/{n}": b"" for n in range(20_001)}), "unpacked"),
    Bad("B13", "nested.docx", office({"word/media/in.zip": archive({"a": b"a"})}), "carries"),
    Bad("B13", "nested.docx", office({"word/media/in.png": archive({"a": b"a"})}), "carries", "under another name"),
    Bad("B14", "up.docx", office({"../../etc/cron.d/x": b"x"}), "office"),
    Bad("B14", "root.docx", office({"/etc/cron.d/x": b"x"}), "office"),
    Bad("B14", "back.docx", office({"..\\..\\autoexec": b"x"}), "office"),
    Bad("B14", "drive.docx", office({"C:/autoexec": b"x"}), "office"),
    Bad("B14", "twice.docx", lambda: archive([*WORD.items(), *WORD.items()]), "office"),
    Bad("B15", "link.docx", _link, "office"),
    Bad("B16", "macro.docx", office({"word/vbaProject.bin": b"x"}), "macros"),
    Bad("B16", "macro.docx", office({"[Content_Types].xml": b'<Types x="application/vnd.ms-word.document.macroEnabled.main+xml"/>'}), "macros", "only declared"),
    Bad("B17", "dtd.xlsx", _sheet(ENTITY.format("x").encode()), "dtd"),
    Bad("B17", "dtd.xlsx", _sheet(ENTITY.format("x").encode("utf-16")), "dtd", "in UTF-16"),
    Bad("B17", "plain.xml", lambda: ENTITY.format("x").encode(), "type"),
    Bad("B18", "laughs.xlsx", _sheet(laughs()), "dtd"),
    Bad("B18", "file.xlsx", _sheet(b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'), "dtd"),
    Bad("B19", "script.pdf", lambda: pdf(_script), "active"),
    Bad("B19", "script.pdf", lambda: hidden(_script), "active", "script in an object stream"),
    Bad("B19", "opening.pdf", lambda: pdf(_opening), "active"),
    Bad("B19", "launch.pdf", lambda: pdf(_launch), "active"),
    Bad("B19", "launch.pdf", lambda: hidden(_launch), "active", "launch in an object stream"),
    Bad("B19", "carries.pdf", lambda: pdf(_attachment), "active"),
    Bad("B19", "first.pdf", lambda: pdf(_page_shown_first), "", "PDF that only says which page is first"),
    Bad("B20", "both.pdf", polyglot, "two_types"),
    Bad("B21", "eicar.pdf", lambda: EICAR, "type"),
    Bad("B21", "eicar.zip", lambda: archive({"eicar.com": EICAR}), "type"),
    Bad("B23", "none.pdf", bytes, "empty", "no byte"),
    Bad("B23", "large.pdf", lambda: large_pdf(LIMIT + 1), "too_large", "a byte too many"),
    Bad("B23", "fits.pdf", lambda: large_pdf(LIMIT), "", "exactly the limit"),
)  # fmt: skip


def main(folder: str) -> None:
    """Write the corpus into a folder, a folder for each row."""
    for number, bad in enumerate(BAD):
        path = Path(folder) / bad.row / f"{number:02}-{bad.name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bad.make())


if __name__ == "__main__":
    main(sys.argv[1])
