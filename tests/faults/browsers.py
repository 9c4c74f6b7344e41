"""Browsers that vanish in the middle, and two people on one form."""

import hashlib
import re
import socket
import struct
from base64 import b64encode
from urllib.parse import urlencode

from certification.models import Application
from foundation.models import Attachment, StoredFile, Upload
from tests.faults.load import Applicant, multipart, unique_pdf
from tests.faults.trial import fault


def _person(trial, user):
    return Applicant(trial.site.port, user, trial.ledger)


def _draft(trial, person):
    return person._begin(urlencode({"kind": "initial", "schemes": trial.edition.pk}))


@fault("tab killed in mid-upload", quick=("sqlite",))
def torn_upload(trial):
    """The connection ends after half of the file, ten times; then the upload succeeds."""
    times = trial.pick(full=20, normal=10, quick=3)
    person = _person(trial, trial.cast.owner)
    draft = _draft(trial, person)
    before = trial.half_files()
    with trial.load(cases=1):
        for number in range(times):
            body, kind = multipart("torn.pdf", unique_pdf(f"torn {number}", 200_000), kind="manual")
            head = (
                f"POST /applications/{draft}/steps/documents/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Cookie: {person.cookie}\r\nX-CSRFToken: {'c' * 32}\r\nContent-Type: {kind}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            ).encode()
            link = socket.create_connection(("127.0.0.1", trial.site.port))
            # Close with a reset, as a killed process does.
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            link.sendall(head + body[: len(body) * (number + 1) // (times + 2)])
            trial.wait(0.1)
            link.close()
    trial.demand(not StoredFile.objects.filter(name="torn.pdf").exists(), "half a file was kept")
    trial.demand_no_more_half_files(before)
    person._upload(draft, "whole torn", unique_pdf("whole"))
    kept = Attachment.objects.filter(subject_id=draft)
    trial.demand(kept.count() == 1, f"{kept.count()} files at the application")
    return times


@fault("browser offline in mid-upload", quick=("sqlite",))
def resumed_upload(trial):
    """Pieces of a file end in the middle; asked for again, the upload goes on where it was."""
    times = trial.pick(full=20, normal=10, quick=2)
    person = _person(trial, trial.cast.owner)
    draft = _draft(trial, person)
    data = unique_pdf("resumed", 400_000)
    pairs = (("filename", "resumed.pdf"), ("key", "resumed.pdf 1"))
    facts = ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in pairs)
    size = str(len(data))
    with trial.load(cases=1):
        for number in range(times):
            # As after a new start of the browser: the file is chosen again.
            _status, path, _text = person.ask(
                "POST", "/files/uploads/", b"", Upload_Length=size, Upload_Metadata=facts
            )
            offset = Upload.objects.get(name="resumed.pdf").received
            piece = data[offset : offset + len(data) // (times + 1)]
            _add(trial, person, path, offset, piece, whole=False)
            _add(trial, person, path, offset, piece, whole=True)
            held = Upload.objects.get(name="resumed.pdf").received
            trial.demand(held == offset + len(piece), f"piece {number}: {held} bytes are there")
        _add(trial, person, path, held, data[held:], whole=True)
    key = path.rstrip("/").rpartition("/")[2]
    body = urlencode({"kind": "manual", "upload-ready": key}).encode()
    for _press in range(2):
        status, _address, _text = person.ask("POST", _documents(draft), body)
        trial.demand(status == 302, f"the form said {status}")
    kept = Attachment.objects.filter(subject_id=draft)
    trial.demand(kept.count() == 1, f"{kept.count()} files at the application")
    trial.ledger.uploads.append((draft, hashlib.sha256(data).hexdigest()))
    return times


def _documents(draft):
    return f"/applications/{draft}/steps/documents/"


def _add(trial, person, path, offset, piece, *, whole):
    """Send a piece; one that is not whole ends in the middle with the connection."""
    head = (
        f"PATCH {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {person.cookie}\r\n"
        f"X-CSRFToken: {'c' * 32}\r\nContent-Type: application/offset+octet-stream\r\n"
        f"Upload-Offset: {offset}\r\nContent-Length: {len(piece)}\r\nConnection: close\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", trial.site.port), timeout=60) as link:
        if not whole:
            # Close with a reset, as a network does that is gone.
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            link.sendall(head + piece[: len(piece) // 2])
            trial.wait(0.1)
            return
        link.sendall(head + piece)
        status = link.recv(4096).split(b" ")[1]
        trial.demand(status in (b"204", b"409"), f"a piece at {offset}: {status}")


@fault("two people on one form")
def two_people(trial):
    """Both have the page open and send another answer: nobody's words vanish unseen."""
    owner, member = (_person(trial, user) for user in (trial.cast.owner, trial.cast.member))
    with trial.load(cases=1):
        draft = _draft(trial, owner)
        path = f"/applications/{draft}/steps/scope/"
        pages = [person.ask("GET", path)[2] for person in (owner, member)]
        seen = [re.search(r'name="seen" value="([^"]*)"', page)[1] for page in pages]
        status, _address, _text = owner.ask(
            "POST", path, urlencode({"scope_en": "Gears of the owner", "seen": seen[0]}).encode()
        )
        trial.demand(status == 302, f"the first answer: {status}")
        status, _address, text = member.ask(
            "POST", path, urlencode({"scope_en": "Gears of a member", "seen": seen[1]}).encode()
        )
    kept = Application.objects.get(pk=draft).scope_en
    trial.demand(kept == "Gears of the owner", f"kept “{kept}”")
    shown = status != 302 and "Gears of the owner" in text and "Gears of a member" in text
    trial.demand(shown, f"the second does not see both ({status})")
    return 1
