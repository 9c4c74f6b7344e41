"""The process that opens strange files. Started by client.py; never imported by the portal.

It gets one socket as its only argument. Each byte on it brings two handles: where the question
stands and the answer goes, and the file to look into. A child with limits of memory, time and
writing answers and ends, so that a bomb takes nobody along.

The answer is one line of JSON, followed by bytes if there are any: ``{"kind": ...}`` or
``{"refused": code}``, whose words stand in foundation/examination.py.
"""

import io
import json
import os
import resource
import signal
import socket
import stat
import sys
import traceback
import zipfile
from collections.abc import Callable
from pathlib import PurePosixPath

import pikepdf
from PIL import Image, ImageOps, UnidentifiedImageError

MEMORY = 1024**3
SECONDS = 20
CHUNK = 1024**2

# Keys and action types that do something when a document is opened, or carry a file inside.
ACTIVE = frozenset(
    {
        "/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/EF", "/RichMedia",
        "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/XFA", "/Rendition", "/Movie", "/Sound",
    }
)  # fmt: skip
# What may happen by itself when a document is opened: a page is turned to.
HARMLESS_OPENING = frozenset({"", "/GoTo", "/Named"})
CARRIERS = frozenset(
    {
        ".zip", ".rar", ".7z", ".gz", ".jar", ".exe", ".dll", ".js", ".vbs", ".docx", ".xlsx",
        ".pptx", ".docm", ".xlsm", ".doc", ".xls", ".ppt", ".pdf", ".bin", ".ole", ".html",
    }
)  # fmt: skip
# A printer's settings are the one binary part that office programs write into every sheet.
PRINTER = "printersettings"


class RefusedError(Exception):
    """A file is not accepted; the argument is the code of the reason."""


def look(file, *, entries: int, unpacked: int, pixels: int) -> tuple[dict, bytes]:
    """Tell what a file is by its content, with the bytes to keep when it was written anew."""
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    if start.startswith(b"%PDF-"):
        check_pdf(file)
        return {"kind": "pdf"}, b""
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return {"kind": "png"}, redraw(file, "PNG", pixels)
    if start.startswith(b"\xff\xd8\xff"):
        return {"kind": "jpeg"}, redraw(file, "JPEG", pixels)
    if start.startswith(b"PK\x03\x04"):
        return {"kind": check_office(file, entries, unpacked)}, b""
    raise RefusedError("type")


def redraw(file, kind: str, pixels: int) -> bytes:
    """Return a picture written anew and upright, so that nothing but its pixels is kept."""
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(file, formats=[kind]) as picture:
            if picture.width * picture.height > pixels:
                raise RefusedError("pixels")
            upright = ImageOps.exif_transpose(picture)
            mode = "RGBA" if picture.mode in {"RGBA", "LA", "P"} and kind == "PNG" else "RGB"
            drawn = upright if upright.mode == mode else upright.convert(mode)
            drawn.info = {}
            out = io.BytesIO()
            drawn.save(out, format=kind, quality=92)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise RefusedError("picture") from None
    return out.getvalue()


def check_pdf(file) -> None:
    """Refuse a PDF that is damaged, locked, active, or an archive at the same time."""
    # A PDF that unpacks as an archive is read differently by whoever reads it next.
    if zipfile.is_zipfile(file):
        raise RefusedError("two_types")
    file.seek(0)
    try:
        with pikepdf.open(file) as pdf:
            for item in dictionaries(pdf):
                names = set(item.keys()) | {str(item.get("/S", "")), str(item.get("/Type", ""))}
                if names & ACTIVE or opens_by_itself(item.get("/OpenAction")):
                    raise RefusedError("active")
    except pikepdf.PasswordError:
        raise RefusedError("locked") from None
    except pikepdf.PdfError:
        raise RefusedError("pdf") from None


def opens_by_itself(action) -> bool:
    """Tell whether opening a document does more than turn to a page of it."""
    return (
        isinstance(action, pikepdf.Dictionary) and str(action.get("/S", "")) not in HARMLESS_OPENING
    )


def dictionaries(pdf):
    """Yield every dictionary of a PDF: those inside others and inside object streams too."""
    todo = list(pdf.objects)
    while todo:
        item = todo.pop()
        if isinstance(item, pikepdf.Array):
            inside = list(item)
        elif isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            yield item
            inside = [item[name] for name in item.keys()]  # noqa: SIM118 -- streams have no items
        else:
            continue
        # An indirect object stands in the list of objects already.
        todo += [
            part
            for part in inside
            if isinstance(part, pikepdf.Array | pikepdf.Dictionary) and not part.is_indirect
        ]


def check_office(file, entries: int, unpacked: int) -> str:
    """Return which office document an archive is; it is counted first and never unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            if len(parts) > entries or sum(part.file_size for part in parts) > unpacked:
                raise RefusedError("unpacked")
            names = {part.filename for part in parts}
            if len(names) != len(parts) or any(map(strays, parts)):
                raise RefusedError("office")
            kind = office_kind(names)
            if any("vbaproject" in name.lower() for name in names):
                raise RefusedError("macros")
            if any(map(carries_files, names)):
                raise RefusedError("carries")
            room = unpacked
            for part in parts:
                room -= check_part(archive, part, room)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError, OSError):
        raise RefusedError("office") from None
    return kind


def strays(part: zipfile.ZipInfo) -> bool:
    """Tell whether an entry points out of its archive, is a link, or is locked."""
    # ZipFile cuts names at a NUL and turns backslashes round on some systems.
    name = part.orig_filename
    path = PurePosixPath(name)
    return (
        "\\" in name
        or "\0" in name
        or path.is_absolute()
        or name[1:2] == ":"
        or ".." in path.parts
        or stat.S_ISLNK(part.external_attr >> 16)
        or bool(part.flag_bits & 1)
    )


def office_kind(names: set[str]) -> str:
    if "word/document.xml" in names:
        return "docx"
    if "xl/workbook.xml" in names:
        return "xlsx"
    raise RefusedError("type")


def carries_files(name: str) -> bool:
    """Tell whether an entry is a file of another kind inside a document."""
    path = PurePosixPath(name.lower())
    if path.suffix == ".bin" and path.name.startswith(PRINTER):
        return False
    return path.suffix in CARRIERS or "/embeddings/" in name.lower()


def check_part(archive, part, room: int) -> int:
    """Read one part without keeping it; return its true size. What its name says may be a lie."""
    markup = part.filename.endswith((".xml", ".rels", ".vml"))
    size, tail = 0, b""
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            if not size and chunk.startswith(b"PK\x03\x04"):
                raise RefusedError("carries")
            size += len(chunk)
            if size > room:
                raise RefusedError("unpacked")
            if markup:
                # Without the zero bytes UTF-16 and UTF-32 read like plain letters.
                text = tail + chunk.replace(b"\0", b"").lower()
                if b"<!doctype" in text or b"<!entity" in text or b'"utf-7' in text:
                    raise RefusedError("dtd")
                if b"macroenabled" in text:
                    raise RefusedError("macros")
                tail = text[-16:]
    return size


def page(file, *, number: int, width: int) -> None:
    """Become the program that draws a page of a PDF; its picture is the answer."""
    arguments = ["-jpeg", "-singlefile", "-f", number, "-l", number, "-scale-to-x", width]
    become("pdftoppm", file, *arguments, "-scale-to-y", "-1", "/dev/stdin")


def text(file, *, first: int, last: int) -> None:
    """Become the program that reads the words of some pages; they are the answer."""
    become("pdftotext", file, "-f", first, "-l", last, "/dev/stdin", "-")


def become(program: str, file, *arguments) -> None:
    """Go on as another program, which reads the file as its input and keeps the limits."""
    file.seek(0)
    os.dup2(file.fileno(), 0)
    os.execvp(program, [program, *map(str, arguments)])  # noqa: S606 -- no shell


def count(file) -> tuple[dict, bytes]:
    """Tell how many pages a PDF has."""
    with pikepdf.open(file) as pdf:
        return {"pages": len(pdf.pages)}, b""


TASKS: dict[str, Callable] = {"look": look, "page": page, "text": text, "count": count}
# Their answers are written by the program they become.
PROGRAMS = {"page", "text"}


def limit() -> None:
    """Give up what looking into a file does not need."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        hard = resource.getrlimit(what)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))
    signal.alarm(SECONDS)


def answer(line: socket.socket, handle: int) -> None:
    """Answer one question in a child of its own."""
    question = json.loads(line.recv(65536))
    with os.fdopen(handle, "rb") as file:
        if question["task"] in PROGRAMS:
            os.dup2(line.fileno(), 1)
        limit()
        try:
            facts, data = TASKS[question.pop("task")](file, **question)
        except RefusedError as refusal:
            facts, data = {"refused": str(refusal)}, b""
        except (MemoryError, RecursionError):
            facts, data = {"refused": "too_much"}, b""
        except Exception:  # noqa: BLE001 -- whatever a parser meets, the answer is that it is broken
            traceback.print_exc()
            facts, data = {"refused": "broken"}, b""
    line.sendall(json.dumps(facts).encode() + b"\n" + data)


def serve(door: socket.socket) -> None:
    """Take questions until the asking process is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Image.preinit()
    while True:
        knock, handles, _flags, _address = socket.recv_fds(door, 1, 2)
        if not knock:
            return
        if os.fork() == 0:
            door.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            status = 1
            try:
                answer(socket.socket(fileno=handles[0]), handles[1])
                status = 0
            finally:
                os._exit(status)
        for handle in handles:
            os.close(handle)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
