"""What the portal has acknowledged, kept outside of it, and what is there afterwards."""

import threading
from dataclasses import dataclass, field

from certification.enums import CaseStatus, CertificateStatus, RevisionStatus
from certification.models import Application, Case
from foundation import checkup, files
from foundation.models import Attachment, Notice, Upload
from foundation.models.files import UploadState

READERS = 2


@dataclass
class Ledger:
    """Acknowledged work: answers by application, files by hash, decided cases.

    ``pieces`` are the bytes (hex) of uploads in pieces, as far as they were acknowledged.
    """

    answers: dict = field(default_factory=dict)
    uploads: list = field(default_factory=list)
    grants: list = field(default_factory=list)
    pieces: dict = field(default_factory=dict)
    refused: int = 0
    slowest: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self) -> int:
        """Return how many pieces of work were acknowledged."""
        with self.lock:
            return len(self.answers) + len(self.uploads) + len(self.grants)

    def plain(self) -> dict:
        """Return the ledger as JSON knows it, for a process that looks at another copy."""
        with self.lock:
            return {
                "answers": dict(self.answers),
                "uploads": list(self.uploads),
                "grants": list(self.grants),
                "pieces": dict(self.pieces),
            }

    @classmethod
    def of(cls, plain: dict) -> "Ledger":
        """Return the ledger that another process has written."""
        return cls(**plain | {"uploads": [tuple(row) for row in plain["uploads"]]})


@dataclass
class Judgement:
    """What is missing, there twice, or half done, each in a sentence."""

    lost: list = field(default_factory=list)
    twice: list = field(default_factory=list)
    half: list = field(default_factory=list)
    repeated_mails: int = 0

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.twice or self.half)


def judge(ledger: Ledger, mails=None, *, strict: bool = True, expected=()) -> Judgement:
    """Compare the records with the ledger, and ask the doctor.

    ``mails`` is what the mail server took, by notice. ``expected`` names checks that are to find
    something: without a finding the doctor has missed the fault.
    """
    found = Judgement()
    _answers(ledger, found)
    _uploads(ledger, found)
    _pieces(ledger, found)
    _grants(ledger, found, mails)
    report = checkup.examine()
    for check, finding in report.findings(None if strict else checkup.ERROR):
        if check.name not in expected:
            found.half.append(f"{check.name}: {finding.text}")
    named = {check.name for check, _finding in report.findings()}
    found.half += [f"The doctor did not find {name}." for name in expected if name not in named]
    return found


def _answers(ledger, found):
    for pk, marker in ledger.answers.items():
        row = Application.objects.filter(pk=pk).first()
        if row is None or row.scope_en != marker:
            found.lost.append(f"the answer {marker} of application {pk}")
        if Application.objects.filter(scope_en=marker).count() > 1:
            found.twice.append(f"the answer {marker}")


def _uploads(ledger, found):
    for pk, digest in ledger.uploads:
        rows = Attachment.objects.filter(
            subject_type="certification.application", subject_id=pk, file__sha256=digest
        ).select_related("file")
        if not rows:
            found.lost.append(f"the upload {digest[:12]}")
        elif len(rows) > 1:
            found.twice.append(f"the upload {digest[:12]}")
        else:
            _readable(rows[0].file, found)


def _pieces(ledger, found):
    for pk, data in ledger.pieces.items():
        row = Upload.objects.filter(pk=pk).first()
        known = bytes.fromhex(data)
        if row is None or row.received < len(known):
            found.lost.append(f"the upload {pk} in pieces: {row and row.received} bytes counted")
        elif row.state == UploadState.USED:
            _readable(row.stored, found)
        elif not row.path.exists() or row.path.read_bytes()[: len(known)] != known:
            found.lost.append(f"{len(known)} bytes of the upload {pk} in pieces")


def _readable(file, found):
    try:
        files.read(file)
    except OSError as error:
        found.lost.append(f"the bytes of {file.name}: {error}")


def _grants(ledger, found, mails):
    for pk in ledger.grants:
        case = Case.objects.filter(pk=pk).first()
        if case is None or case.status != CaseStatus.CERTIFIED:
            found.lost.append(f"the decision on case {pk}")
            continue
        certificates = list(case.certificates.all())
        if len(certificates) != 1 or case.decisions.count() != 1:
            found.twice.append(f"the decision on case {pk}")
        for certificate in certificates:
            _certificate(certificate, found, mails)


def _certificate(certificate, found, mails):
    revisions = list(certificate.revisions.all())
    states = [row.status for row in revisions]
    if states != [RevisionStatus.ISSUED] or certificate.status != CertificateStatus.VALID:
        found.half.append(f"certificate {certificate}: {certificate.status}, revisions {states}")
        return
    _readable(revisions[0].file, found)
    notices = list(Notice.objects.filter(kind="certificate.issued", subject_id=certificate.pk))
    if len(notices) > READERS or certificate.events.count() > 1:
        found.twice.append(f"the notices of certificate {certificate}")
    elif len(notices) < READERS:
        found.lost.append(f"the notices of certificate {certificate}")
    for notice in notices if mails is not None else ():
        count = mails[str(notice.pk)]
        if count == 0:
            found.lost.append(f"the e-mail of notice {notice.pk}")
        # A second copy has the same Message-ID, by which mail systems drop it.
        found.repeated_mails += max(0, count - 1)
