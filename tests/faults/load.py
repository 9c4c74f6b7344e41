"""People who apply, upload, decide and look while something breaks."""

import hashlib
import http.client
import io
import random
import threading
import time
import uuid
from base64 import b64encode
from contextlib import contextmanager
from urllib.parse import urlencode, urlsplit

import pikepdf
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from accounts.session_store import SessionStore
from tests.faults.ledger import Ledger
from tests.people import PASSWORD

CSRF = "c" * 32
FORM = "application/x-www-form-urlencoded"
TRIES = 200
GIVEN_UP = 90


def session_of(user) -> str:
    """Return the key of a new session in which a person is signed in."""
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return store.session_key


class AwayError(Exception):
    """No answer, or one that asks to come back later."""


class Person:
    """One signed-in person who tries again until it is clear what happened."""

    def __init__(self, port: int, user, ledger: Ledger):
        self.port, self.ledger = port, ledger
        self.cookie = f"{settings.SESSION_COOKIE_NAME}={session_of(user)}; "
        self.cookie += f"{settings.CSRF_COOKIE_NAME}={CSRF}"
        self.offset = 0  # of the upload in pieces that was asked for last
        self.headers = {"Cookie": self.cookie, "Connection": "close", "X-CSRFToken": CSRF}

    def ask(self, method, path, body=None, content_type=FORM, **more):
        """Return status, address to go to and text; ``more`` are headers. Raises AwayError."""
        headers = self.headers | {name.replace("_", "-"): value for name, value in more.items()}
        if body is not None:
            headers["Content-Type"] = content_type
        begin = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            self._missed(begin)
            raise AwayError(repr(error)) from error
        finally:
            connection.close()
        self.offset = int(answer.getheader("Upload-Offset", "0"))
        if answer.status == 429:  # too fast for a person: not a refusal of the portal
            time.sleep(2)
            raise AwayError("429")
        if answer.status >= 500:
            self._missed(begin)
            raise AwayError(f"{answer.status} {path}")
        with self.ledger.lock:
            self.ledger.slowest = max(self.ledger.slowest, time.monotonic() - begin)
        return answer.status, answer.getheader("Location", ""), text

    def _missed(self, begin):
        with self.ledger.lock:
            self.ledger.refused += 1
            self.ledger.slowest = max(self.ledger.slowest, time.monotonic() - begin)

    def until(self, act, stop):
        """Try an act again while nobody answers; None when the time was over before."""
        end = time.monotonic() + GIVEN_UP
        while time.monotonic() < end and not stop.is_set():
            try:
                return act()
            except AwayError:
                time.sleep(0.15)
        return None


def unique_pdf(marker: str, size: int = 2000) -> bytes:
    """Return a small PDF that no other is equal to."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(300, 300))
    noise = random.Random(marker).randbytes(size).hex()  # noqa: S311 -- nothing secret
    page.Contents = pdf.make_stream(f"% {marker} {noise}".encode())
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def multipart(name: str, data: bytes, **fields) -> tuple[bytes, str]:
    """Return the body of a form with a file, and its type."""
    edge = uuid.uuid4().hex
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="upload"; filename="{name}"\r\n'
    parts += [f"{head}Content-Type: application/pdf\r\n\r\n".encode(), data, b"\r\n"]
    return b"".join([*parts, f"--{edge}--\r\n".encode()]), f"multipart/form-data; boundary={edge}"


class Applicant(Person):
    """Begins applications, answers a question, uploads a document."""

    def work(self, edition, stop):
        """Apply once, from the first page to a document."""
        query = urlencode({"kind": "initial", "schemes": edition})
        found = self.until(lambda: self._begin(query), stop)
        if found is None:
            return
        marker = f"Gears {uuid.uuid4().hex}"
        if self.until(lambda: self._answer(found, marker), stop):
            with self.ledger.lock:
                self.ledger.answers[found] = marker
        data = unique_pdf(marker)
        if self.until(lambda: self._upload(found, marker, data), stop):
            with self.ledger.lock:
                self.ledger.uploads.append((found, hashlib.sha256(data).hexdigest()))

    def _begin(self, query):
        status, address, text = self.ask("POST", f"/applications/new/?{query}", b"body=")
        assert status == 302, (status, text[:2000])
        return urlsplit(address).path.split("/")[2]

    def _answer(self, pk, marker):
        body = urlencode({"scope_en": marker}).encode()
        status, _address, text = self.ask("POST", f"/applications/{pk}/steps/scope/", body)
        assert status == 302, (status, text[:2000])
        return True

    def _upload(self, pk, marker, data):
        """Look first, as people do who got no answer, then upload."""
        path = f"/applications/{pk}/steps/documents/"
        name = f"{marker.split()[1]}.pdf"
        if name in self.ask("GET", path)[2]:
            return True
        body, kind = multipart(name, data, kind="manual")
        status, _address, text = self.ask("POST", path, body, kind)
        assert status == 302, (status, text[-3000:])
        return True


class Sender(Applicant):
    """Uploads in pieces, and goes on where the portal says it is."""

    pieces = 4

    def _upload(self, pk, marker, data):
        path = f"/applications/{pk}/steps/documents/"
        name = f"{marker.split()[1]}.pdf"
        if name in self.ask("GET", path)[2]:
            return True
        facts = ",".join(
            f"{key} {b64encode(name.encode()).decode()}" for key in ("filename", "key")
        )
        status, address, text = self.ask(
            "POST", "/files/uploads/", b"", Upload_Length=str(len(data)), Upload_Metadata=facts
        )
        assert status in (200, 201), (status, text[:2000])
        key = urlsplit(address).path.rstrip("/").rpartition("/")[2]
        while (begin := self.offset) < len(data):
            piece = data[begin : begin + len(data) // self.pieces]
            status, _address, text = self.ask(
                "PATCH", address, piece, "application/offset+octet-stream", Upload_Offset=str(begin)
            )
            # 409: the piece was taken before, and only the answer was lost.
            assert status in (204, 409), (status, text[:2000])
            with self.ledger.lock:
                self.ledger.pieces[key] = data[: self.offset].hex()
        body = urlencode({"kind": "manual", "upload-ready": key}).encode()
        status, _address, text = self.ask("POST", path, body)
        assert status == 302, (status, text[-3000:])
        return True


class Certifier(Person):
    """Decides on cases."""

    def work(self, case, stop):
        """Grant one certificate."""
        if self.until(lambda: self._grant(case), stop):
            with self.ledger.lock:
                self.ledger.grants.append(str(case))

    def _grant(self, case):
        body = urlencode({"reason": "Conforms to the standard.", "password": PASSWORD}).encode()
        status, _address, text = self.ask("POST", f"/cases/{case}/do/grant/", body)
        # 409: the attempt before this one has reached the portal, and only its answer was lost.
        assert status in (302, 409), (status, text[:3000])
        return True


class Load:
    """Several people at once; ``cases`` are decided one after the other.

    With ``pieces`` one of them uploads in pieces.
    """

    def __init__(self, site, cast, ledger, cases, *, edition, pause=0.3, pieces=False):
        self.stop, self.pause = threading.Event(), pause
        self.edition, self.cases, self.errors = edition, [str(case.pk) for case in cases], []
        self._people = [
            *(Applicant(site.port, cast.owner, ledger) for _n in range(2)),
            (Sender if pieces else Applicant)(site.port, cast.member, ledger),
            Certifier(site.port, cast.certifier, ledger),
        ]
        self._threads = [threading.Thread(target=self._live, args=(one,)) for one in self._people]

    def _live(self, person):
        while not self.stop.is_set():
            try:
                if isinstance(person, Certifier):
                    if self.cases:
                        person.work(self.cases.pop(0), self.stop)
                    else:
                        person.until(lambda: person.ask("GET", "/desk/"), self.stop)
                else:
                    person.work(self.edition, self.stop)
            except AssertionError as error:
                self.errors.append(str(error))
                self.stop.set()
            self.stop.wait(self.pause)

    @contextmanager
    def running(self):
        """Let everybody work for the time of a block, and finish what they have begun."""
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self.stop.set()
            for thread in self._threads:
                thread.join(120)
        assert not self.errors, self.errors[0]
