"""Sixty people with accounts of their own, the work they find, and what each does all day."""

import http.client
import io
import random
import threading
import time
import uuid
from contextlib import contextmanager
from urllib.parse import urlencode, urlsplit

import pikepdf
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from accounts.models import User
from certification.enums import Criterion
from organisations.enums import Role
from organisations.models import Membership
from schemes.models import StandardEdition
from tests.certification.applications import sent_application
from tests.faults import load, world
from tests.people import PASSWORD, make_competent, make_enterprise

APPLICANTS, REVIEWERS, CERTIFIERS, VERIFIERS = 24, 10, 4, 22
STANDARD = "iso-9001-2015"
CASES, PUBLIC = 24, 4
PATIENCE = 60
FORM = "application/x-www-form-urlencoded"
MARK = b"%" + b"0" * 32


class UnexpectedError(Exception):
    """An answer that nobody who did the same by hand should get."""


def big_pdf(size: int) -> bytes:
    """Return a document of a size in bytes, with a mark in it that makes others of it."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(300, 300))
    page.Contents = pdf.make_stream(MARK)
    noise = random.Random(1).randbytes(size)  # noqa: S311 -- nothing secret
    page.obj["/PieceInfo"] = pdf.make_indirect(pdf.make_stream(noise))
    out = io.BytesIO()
    pdf.save(out, compress_streams=False)
    return out.getvalue()


class Crowd:
    """Who they are, and what waits for them."""

    def __init__(self):
        self.cast, self.public = world.begin(), []
        self.edition = StandardEdition.objects.get(key=STANDARD).pk
        self.password = make_password(PASSWORD)
        self.applicants = [self._applicant(number) for number in range(APPLICANTS)]
        body = self.cast.body
        self.reviewers = [
            self._person(f"reviewer{n}", body, Role.REVIEWER, "reviewer") for n in range(REVIEWERS)
        ]
        self.certifiers = [
            self._person(f"certifier{n}", body, Role.CERTIFIER, "certifier")
            for n in range(CERTIFIERS)
        ]
        owners = [f"applicant{n}" for n in range(APPLICANTS)]
        for name, user in zip(owners, self.applicants, strict=True):
            setattr(self.cast, name, user)
        self.applications = [str(sent_application(self.cast, who=owner).pk) for owner in owners]
        self.cases = [str(case.pk) for case in world.cases(self.cast, CASES)]

    def __len__(self):
        return APPLICANTS + REVIEWERS + CERTIFIERS + VERIFIERS

    def _applicant(self, number):
        home = make_enterprise(3000 + number, f"示例企业{number}有限公司", f"Example {number} Ltd.")
        return self._person(f"applicant{number}", home, Role.OWNER)

    def _person(self, name, home, role, competence=""):
        email = f"{name}@demo.example"
        user = User.objects.create(email=email, name=name, language="en", password=self.password)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        Membership.objects.create(user=user, organisation=home, role=role)
        if competence:
            make_competent(user, home, competence)
        return user


class Person(load.Person):
    """Somebody who works at a person's pace; each request is timed under what it was for.

    ``kept`` collects (what, seconds, fault); each has a network address of their own.
    """

    least, most = 3.0, 6.0

    def __init__(self, port, user, number, *, crowd, kept, stop):
        if user is None:
            self.port, self.headers = port, {"Connection": "close"}
        else:
            super().__init__(port, user, None)
        self.headers["X-Forwarded-For"] = f"10.1.{number // 200}.{number % 200 + 1}"
        self.crowd, self.kept, self.stop = crowd, kept, stop
        self.chance = random.Random(number)  # noqa: S311 -- nothing secret

    def think(self):
        """Do nothing for a while."""
        self.stop.wait(self.chance.uniform(self.least, self.most))

    def do(self, what, method, path, body=None, *, kind=FORM, ok=200):
        """Send one request; return the address it leads to."""
        headers = self.headers | ({"Content-Type": kind} if body is not None else {})
        begin = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        fault = ""
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != ok:
                fault = f"{answer.status} {method} {path}"
        except (OSError, http.client.HTTPException) as error:
            fault = f"{error!r} {method} {path}"
        finally:
            connection.close()
        self.kept.append((what, time.monotonic() - begin, fault))
        if fault:
            raise UnexpectedError(fault)
        return answer.getheader("Location", "")

    def live(self):
        """Work until everybody stops."""
        self.think()
        while not self.stop.is_set():
            try:
                self.work()
            except UnexpectedError:
                self.think()


class Applicant(Person):
    """Begins an application, describes its scope, uploads 10 MB, looks at what was kept."""

    document = b""

    def work(self):
        query = urlencode({"kind": "initial", "schemes": self.crowd.edition})
        address = self.do("apply", "POST", f"/applications/new/?{query}", b"body=", ok=302)
        application = f"/applications/{urlsplit(address).path.split('/')[2]}"
        self.think()
        scope = urlencode({"scope_en": f"Gears {uuid.uuid4()}"}).encode()
        self.do("answer", "POST", f"{application}/steps/scope/", scope, ok=302)
        self.think()
        path = f"{application}/steps/documents/"
        self.do("open documents", "GET", path)
        data = self.document.replace(MARK, b"%" + uuid.uuid4().hex.encode())
        body, kind = load.multipart(f"manual-{uuid.uuid4().hex[:6]}.pdf", data, kind="manual")
        self.do("upload 10 MB", "POST", path, body, kind=kind, ok=302)
        self.think()
        self.do("look at draft", "GET", f"{application}/")
        self.think()


class Reviewer(Person):
    """Takes an application from the list, judges its points, goes on to the next."""

    def work(self):
        self.do("queue", "GET", "/desk/")
        self.do("list", "GET", "/applications/")
        self.think()
        if not self.crowd.applications:
            return
        path = f"/applications/{self.crowd.applications.pop()}"
        self.do("begin review", "POST", f"{path}/do/start_review/", b"no_conflict=on", ok=302)
        for criterion in Criterion.values:
            if self.stop.is_set():
                return
            self.do("review", "GET", f"{path}/review/")
            self.think()
            typed = {f"{criterion}-verdict": "met", f"{criterion}-note": "Seen in the manual."}
            body = urlencode(typed).encode()
            self.do("judge", "POST", f"{path}/review/points/{criterion}/", body, ok=302)


class Certifier(Person):
    """Reads a case and grants its certificate."""

    least, most = 8.0, 14.0

    def work(self):
        if not self.crowd.cases:
            self.do("queue", "GET", "/desk/")
            self.think()
            return
        case = self.crowd.cases.pop()
        self.do("open decision", "GET", f"/cases/{case}/decision/")
        self.think()
        typed = {"reason": "Conforms to the standard.", "password": PASSWORD}
        body = urlencode(typed).encode()
        self.do("decide", "POST", f"/cases/{case}/do/grant/", body, ok=302)
        self.think()


class Verifier(Person):
    """Somebody in a shop: scans a code, opens the document, looks for another holder."""

    least, most = 2.0, 5.0

    def work(self):
        code, number = self.chance.choice(self.crowd.public)
        self.do("verify", "GET", f"/c/{code}/")
        self.think()
        self.do("certificate", "GET", f"/c/{code}/certificate.pdf")
        self.think()
        query = urlencode({"q": number})
        self.do("find by number", "GET", f"/verify/?{query}", ok=302)
        self.do("directory", "GET", "/directory/?q=Lanhai")
        self.think()


@contextmanager
def working(port, crowd, document):
    """Let everybody work for the time of a block; gives the list of what was answered."""
    Applicant.document = document
    kept, stop = [], threading.Event()
    users = [
        *((Applicant, user) for user in crowd.applicants),
        *((Reviewer, user) for user in crowd.reviewers),
        *((Certifier, user) for user in crowd.certifiers),
        *((Verifier, None) for _n in range(VERIFIERS)),
    ]
    people = [
        kind(port, user, number, crowd=crowd, kept=kept, stop=stop)
        for number, (kind, user) in enumerate(users)
    ]
    threads = [threading.Thread(target=person.live) for person in people]
    for thread in threads:
        thread.start()
    try:
        yield kept
    finally:
        stop.set()
        for thread in threads:
            thread.join(2 * PATIENCE)
