"""Bad inputs B1 to B23: each file through a real page, with the exact answer.

One test bears the number of each row; the others ask what the rows leave open.
"""

import io
import os
import signal
import time
from dataclasses import replace

import psutil
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from foundation import files
from foundation.examination import _REFUSALS, examine
from foundation.limited import client as limited
from foundation.models import Attachment, Job, StoredFile
from foundation.models.files import ScanState
from tests.certification.applications import empty_draft, errors_of, step_url
from tests.clamd import listening
from tests.corpus import make
from tests.corpus.make import BAD

REASONS = {code: str(words) for code, words in _REFUSALS.items()} | {
    "empty": "The file is empty.",
    "too_large": "The file is larger than 25 MB.",
}


@pytest.fixture
def folder(settings, tmp_path):
    """Keep the files of a test in a folder of their own."""
    settings.FILES_DIR = tmp_path / "files"
    return settings.FILES_DIR


@pytest.fixture
def draft(cast):
    return empty_draft(cast)


@pytest.fixture
def send(cast, client, draft, folder):
    """Return a function that sends a file to the page of an application's documents.

    ``small`` sends it as a licence, which may not be as large.
    """
    cast.client(client, "owner")

    def sent(name, data, *, small=False):
        upload = SimpleUploadedFile(name, data, "image/png")
        if small:
            address = reverse("organisations:licence", args=[cast.enterprise.pk])
            return client.post(address, {"licence": upload})
        return client.post(step_url(draft, "documents"), {"kind": "manual", "upload": upload})

    return sent


def on_disk(folder) -> list:
    return [path for path in folder.glob("**/*") if path.is_file()]


@pytest.fixture
def judge(send, folder):
    """Return a function that sends a file and compares the answer with the agreed one."""

    def judged(bad):
        small = bad.row == "B23"
        answer = send(bad.name, bad.make(), small=small)
        if not bad.refused:
            assert answer.status_code == 302
            assert_harmless(folder)
            return
        assert answer.status_code == 422
        assert errors_of(answer) == {"licence" if small else "upload": [REASONS[bad.refused]]}
        assert small or answer.context["form"]["kind"].value() == "manual"
        assert (StoredFile.objects.count(), Attachment.objects.count()) == (0, 0)
        assert on_disk(folder) == []

    return judged


def assert_harmless(folder):
    row = StoredFile.objects.get()
    kept = files.read(row)
    assert on_disk(folder) == [row.path]
    assert [trace for trace in (b"CANARY", b"<script", b"<?php", b"Exif") if trace in kept] == []
    if row.content_type.startswith("image/"):
        with Image.open(io.BytesIO(kept)) as picture:
            assert (picture.size, dict(picture.getexif()), picture.info.get("comment")) == (
                (8, 6),
                {},
                None,
            )


def of(row):
    """Run a test with each file of a row of the corpus."""
    return pytest.mark.parametrize(
        "bad", [bad for bad in BAD if bad.row == row], ids=lambda bad: bad.note or bad.name
    )


@of("B1")
def test_b01_html_under_another_name_is_refused(judge, bad):
    judge(bad)


@of("B2")
def test_b02_a_program_under_another_name_is_refused(judge, bad):
    judge(bad)


@of("B3")
def test_b03_php_in_a_photo_is_refused_or_gone(judge, bad):
    judge(bad)


@of("B4")
def test_b04_gzip_under_another_name_is_refused(judge, bad):
    judge(bad)


@of("B5")
def test_b05_svg_is_refused(judge, bad):
    judge(bad)


@of("B6")
def test_b06_kinds_of_pictures_that_nobody_asked_for_are_refused(judge, bad):
    judge(bad)


@of("B7")
def test_b07_a_script_behind_a_picture_is_gone(judge, bad):
    judge(bad)


def quick_and_small(send, bad):
    """Refuse within a second, without the memory that the pixels would take."""
    send("warm.png", make.picture())
    before = psutil.Process().memory_info().rss
    data, spent = bad.make(), []
    for _try in range(2):
        begin = time.monotonic()
        assert send(bad.name, data).status_code == 422
        spent.append(time.monotonic() - begin)
    assert min(spent) < 1
    assert psutil.Process().memory_info().rss - before < 100 * 1024**2


@of("B8")
def test_b08_a_header_of_too_many_pixels_is_refused_at_once(judge, send, bad):
    judge(bad)
    quick_and_small(send, bad)


@of("B9")
def test_b09_a_small_file_of_too_many_pixels_is_refused_at_once(judge, send, bad):
    judge(bad)
    quick_and_small(send, bad)


@of("B10")
def test_b10_a_photo_loses_what_its_camera_wrote(judge, bad):
    judge(bad)


@of("B11")
def test_b11_a_bomb_in_an_archive_is_refused(judge, bad):
    judge(bad)


@of("B12")
def test_b12_an_archive_of_too_many_entries_is_refused(judge, bad):
    judge(bad)


@of("B13")
def test_b13_an_archive_inside_another_is_refused(judge, bad):
    judge(bad)


@of("B14")
def test_b14_names_that_lead_out_of_an_archive_are_refused(judge, bad):
    judge(bad)


@of("B15")
def test_b15_a_link_in_an_archive_is_refused(judge, bad):
    judge(bad)


@of("B16")
def test_b16_macros_are_refused(judge, bad):
    judge(bad)


@of("B17")
def test_b17_definitions_of_a_document_type_are_refused(judge, bad):
    judge(bad)


@of("B18")
def test_b18_entities_that_laugh_or_read_files_are_refused(judge, bad):
    judge(bad)


@of("B19")
def test_b19_a_pdf_that_acts_or_carries_files_is_refused(judge, bad):
    judge(bad)


@of("B20")
def test_b20_a_pdf_that_is_an_archive_too_is_refused(judge, bad):
    judge(bad)


@pytest.fixture
def scanner(settings, tmp_path):
    """Configure a scanner that does not run; return where it would listen."""
    settings.CLAMAV_ADDRESS = str(tmp_path / "clamd.sock")
    return tmp_path / "clamd.sock"


def test_b21_the_test_virus_reaches_nobody(cast, client, send, scanner, run_jobs):
    """By itself it is no type we take; inside a document it waits for the scanner's word."""
    for bad in (bad for bad in BAD if bad.row == "B21"):
        assert errors_of(send(bad.name, bad.make())) == {"upload": [REASONS["type"]]}
    carried = make.archive(make.WORD | {"word/media/eicar.png": make.EICAR})
    assert send("letter.docx", carried).status_code == 302
    run_jobs()
    row = StoredFile.objects.get()
    assert row.scan == ScanState.CHECKING
    assert cast.client(client, "member").get(row.get_absolute_url()).status_code == 409
    Job.objects.update(run_at=timezone.now())
    with listening(scanner):
        run_jobs()
    row.refresh_from_db()
    assert row.scan == ScanState.INFECTED
    for person in ("owner", "member", "operator"):
        cast.client(client, person)
        assert client.get(row.get_absolute_url()).status_code == 409


def test_a_file_that_breaks_what_opens_it_breaks_nothing_else(send, tmp_path):
    """The process that looks into files is held by its limits, not the page."""
    path = tmp_path / "bomb.png"
    path.write_bytes(make.huge_png(40_000, 40_000, rows=True))
    with path.open("rb") as bomb:
        answer = limited.facts_of(
            "look", bomb.fileno(), entries=1, unpacked=1, pixels=40_000 * 40_000
        )
    assert answer == ({"refused": "too_much"}, b"")
    assert send("good.png", make.picture()).status_code == 302


def test_a_process_that_was_killed_is_begun_again(send):
    assert send("first.png", make.picture()).status_code == 302
    os.kill(limited._HELPER.process.pid, signal.SIGKILL)
    limited._HELPER.process.wait()
    assert send("second.png", make.picture()).status_code == 302


def test_a_photo_is_kept_upright_when_it_loses_what_its_camera_wrote():
    """Turned by its camera only on paper; without that note it would lie on its side."""
    facts = Image.Exif()
    facts[0x0112] = 6
    data = make.picture("JPEG", exif=facts)
    redrawn = examine(SimpleUploadedFile("a.jpg", data)).redrawn
    with Image.open(io.BytesIO(redrawn)) as picture:
        assert picture.size == (6, 8)


ODD_NAMES = {
    "../../x.pdf": "x.pdf",
    "..\\..\\x.pdf": "x.pdf",
    "a\0.pdf": "a.pdf",
    "CON": "file CON.pdf",
    "com1.pdf": "file com1.pdf",
    "长" * 300 + ".pdf": "长" * 120 + ".pdf",
    "Acme\u202egnp.exe": "Acmegnp.pdf",
    "a\r\nSet-Cookie: x=1.pdf": "a.pdf",
    "\N{PILE OF POO}.pdf": "file.pdf",
    ".htaccess": "htaccess.pdf",
    "a.pdf.exe": "a.pdf.pdf",
    "<img src=x onerror=alert(1)>.pdf": "img srcx onerroralert(1).pdf",
}


@pytest.mark.parametrize(("name", "shown"), ODD_NAMES.items(), ids=ascii)
def test_b22_a_name_is_only_shown_and_cleaned_before(cast, client, draft, name, shown):
    cast.client(client, "owner")
    answer = send_raw(client, draft, name, make.pdf())
    assert answer.status_code == 302
    row = StoredFile.objects.get()
    assert row.name == shown
    assert row.path.parent.parent == row.path.parents[1]
    assert len(row.path.name) == 32
    page = client.get(row.get_absolute_url())
    assert page.headers["Content-Disposition"].startswith("attachment; filename")
    page.close()


def send_raw(client, draft, name, data):
    """Post a file under a name exactly as a hostile program would write it."""
    boundary = b"----B22"
    body = b"--" + boundary + b'\r\nContent-Disposition: form-data; name="kind"\r\n\r\nmanual\r\n'
    head = f'Content-Disposition: form-data; name="upload"; filename="{name}"\r\n\r\n'.encode()
    body += b"--" + boundary + b"\r\n" + head + data + b"\r\n--" + boundary + b"--\r\n"
    kind = f"multipart/form-data; boundary={boundary.decode()}"
    return client.generic("POST", step_url(draft, "documents"), body, content_type=kind)


@of("B23")
def test_b23_the_limits_of_a_size_are_exact(judge, bad):
    judge(bad)


@pytest.mark.parametrize(
    ("page", "field"),
    [("organisations:licence", "licence"), ("organisations:logo", "picture")],
)
def test_every_page_that_takes_a_file_judges_it(cast, client, folder, page, field):
    cast.client(client, "owner")
    for bad in (replace(BAD[0], name="logo.png"), BAD[2]):
        upload = SimpleUploadedFile(bad.name, bad.make(), "image/png")
        answer = client.post(reverse(page, args=[cast.enterprise.pk]), {field: upload})
        assert answer.status_code == 422
        assert errors_of(answer) == {field: [REASONS["type"]]}
    assert (StoredFile.objects.count(), on_disk(folder)) == (0, [])


def test_a_body_beyond_all_limits_is_refused_unread(cast, client, draft):
    """By its announced length, before a byte of it is kept."""
    cast.client(client, "owner")
    answer = client.generic(
        "POST",
        step_url(draft, "documents"),
        b"--x--",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(10**10),
    )
    assert answer.status_code == 400
