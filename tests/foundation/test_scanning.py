"""The virus scanner: nothing passes unscanned where one is configured. A real socket speaks."""

import datetime as dt
import socketserver
import threading

import pytest
from django.utils import timezone

from foundation import clamav, files, jobs, scanning
from foundation.checkup import CHECKS
from foundation.examination import DOCX
from foundation.models import Job, JournalEntry, Notice, StoredFile
from foundation.models.files import ScanState
from tests.certification.applications import complete_draft, pdf, send
from tests.clamd import listening
from tests.corpus import make


@pytest.fixture
def address(settings, tmp_path):
    """Configure a scanner that does not run yet."""
    settings.CLAMAV_ADDRESS = str(tmp_path / "clamd.sock")
    return tmp_path / "clamd.sock"


def stored(cast, who="owner", text=""):
    return files.store(pdf(text=text), actor=cast.actor(who))


def infected_pdf():
    """Return a document that is fine to us and carries the sign of the test virus."""
    file = pdf("bill.pdf")
    file.seek(0, 2)
    file.write(b"%" + make.EICAR + b"\n")
    file.seek(0)
    file.size += len(make.EICAR) + 2
    return file


def status_of(answer) -> int:
    """Read an answer to its end, as a browser does, and return its status."""
    b"".join(answer)
    return answer.status_code


def later(run_jobs):
    """Do the jobs that wait for a later attempt."""
    Job.objects.update(run_at=timezone.now() - dt.timedelta(seconds=1))
    run_jobs()


def test_without_a_scanner_files_say_that_nobody_looked(cast, run_jobs):
    file = stored(cast)
    assert (file.scan, file.is_released) == (ScanState.NOT_SCANNED, True)
    assert not Job.objects.filter(kind=scanning.SCAN).exists()


def test_a_clean_file_is_handed_out_after_the_check(cast, client, address, run_jobs):
    application = send(cast, complete_draft(cast))
    file = files.attachments_of(application)[0].file
    cast.client(client, "reviewer")
    answer = client.get(file.get_absolute_url())
    assert answer.status_code == 409
    assert "This file is being checked for viruses" in answer.content.decode()
    assert client.get(f"/files/{file.pk}/view/").status_code == 409
    assert client.get(f"/files/{file.pk}/pages/1/").status_code == 404
    with pytest.raises(files.HeldBackError):
        files.read(file)
    with listening(address) as scanner:
        run_jobs()
    assert file.size in scanner.seen
    assert status_of(client.get(file.get_absolute_url())) == 200
    file.refresh_from_db()
    assert file.scan == ScanState.CLEAN


def test_while_it_is_checked_a_file_is_its_uploaders_alone(cast, client, address):
    file = stored(cast)
    answers = {
        person: status_of(cast.client(client, person).get(file.get_absolute_url()))
        for person in ("owner", "member", "operator", "rival_owner")
    }
    assert answers == {"owner": 200, "member": 409, "operator": 409, "rival_owner": 404}


def test_an_infected_file_is_kept_away_and_people_are_told(cast, client, address, run_jobs):
    file = files.store(infected_pdf(), actor=cast.actor("owner"))
    with listening(address):
        run_jobs()
    file.refresh_from_db()
    assert file.scan == ScanState.INFECTED
    for person in ("owner", "member", "operator"):
        answer = cast.client(client, person).get(file.get_absolute_url())
        assert answer.status_code == 409
        assert "A virus was found in this file" in answer.content.decode()
    told = Notice.objects.filter(kind="foundation.file_infected")
    assert {row.recipient for row in told} == {cast.owner, cast.operator}
    assert JournalEntry.objects.get(verb="file.infected").data["virus"] == "Eicar-Signature"
    assert file not in StoredFile.objects.on_offer(cast.actor("owner"))


def test_what_hides_in_a_document_is_found(cast, address, run_jobs):
    sent = pdf("letter.docx")
    data = make.archive(make.WORD | {"word/media/eicar.png": make.EICAR})
    sent.file.seek(0)
    sent.file.truncate()
    sent.file.write(data)
    sent.size = len(data)
    sent.seek(0)
    file = files.store(sent, actor=cast.actor("owner"))
    assert file.content_type == DOCX
    with listening(address):
        run_jobs()
    file.refresh_from_db()
    assert file.scan == ScanState.INFECTED


def test_a_scanner_that_is_away_lets_nothing_pass_and_is_asked_again(cast, address, run_jobs):
    first, second = stored(cast), stored(cast, text="second")
    run_jobs()
    for file in (first, second):
        file.refresh_from_db()
        assert file.scan == ScanState.CHECKING
    rows = Job.objects.filter(kind=scanning.SCAN)
    assert {(row.state, row.attempts) for row in rows} == {("queued", 1)}
    assert all("does not answer" in row.error for row in rows)
    with listening(address):
        later(run_jobs)
    assert set(StoredFile.objects.values_list("scan", flat=True)) == {ScanState.CLEAN}


def test_once_the_scanner_is_back_nothing_waits_for_its_later_attempt(cast, address, run_jobs):
    stored(cast)
    run_jobs()
    stored(cast, text="second")
    with listening(address):
        run_jobs()
        run_jobs()
    assert set(StoredFile.objects.values_list("scan", flat=True)) == {ScanState.CLEAN}


def test_of_a_file_that_was_removed_no_scan_is_left(cast, address, run_jobs):
    queued, begun = stored(cast), stored(cast, text="second")
    files.remove(queued)
    assert not Job.objects.filter(kind=scanning.SCAN, subject_id=queued.pk).exists()
    StoredFile.objects.filter(pk=begun.pk).delete()
    run_jobs()
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}


def test_a_file_beyond_the_scanners_own_limit_stays_kept_back(cast, address, run_jobs):
    file = stored(cast)
    with listening(address, most=10):
        run_jobs()
    file.refresh_from_db()
    assert file.scan == ScanState.CHECKING
    assert "size limit" in Job.objects.get(kind=scanning.SCAN).error


def test_files_from_before_the_scanner_are_checked_too(cast, settings, address, run_jobs):
    settings.CLAMAV_ADDRESS = ""
    file = stored(cast)
    settings.CLAMAV_ADDRESS = str(address)
    assert file.is_released is False
    files.sweep()
    with listening(address):
        run_jobs()
    file.refresh_from_db()
    assert file.scan == ScanState.CLEAN


def test_documents_of_the_portal_need_no_scanner(cast, address):
    made = files.write_document(b"%PDF-1.7", "offer.pdf", organisation_id=cast.body.pk)
    assert made.is_released is True
    assert files.read(made) == b"%PDF-1.7"


def test_the_doctor_and_the_probe_name_a_scanner_that_is_away(client, db, settings, address):
    settings.BROKER = False
    assert [finding.text for finding in CHECKS["files.scanner"].find()] != []
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["degraded"]) == (200, ["scanner"])
    with listening(address):
        assert list(CHECKS["files.scanner"].find()) == []
        assert client.get("/readyz").json()["degraded"] == []


def test_a_scanner_that_hangs_up_gives_no_verdict(settings, tmp_path):
    class Mute(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.recv(20)

    path = tmp_path / "mute.sock"
    settings.CLAMAV_ADDRESS = str(path)
    with socketserver.UnixStreamServer(str(path), Mute) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with pytest.raises(clamav.ScannerError):
            clamav.scan([b"x" * 1000])
        thread.join()


def test_the_job_may_run_twice(cast, address, run_jobs):
    file = files.store(infected_pdf(), actor=cast.actor("owner"))
    with listening(address):
        job = Job.objects.get(kind=scanning.SCAN)
        scanning.scan_file(job)
        scanning.scan_file(job)
    assert Notice.objects.filter(kind="foundation.file_infected", recipient=cast.owner).count() == 1
    assert jobs.title_of(job)
    file.refresh_from_db()
    assert file.scan == ScanState.INFECTED
