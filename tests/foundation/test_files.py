"""What is accepted for storing, who reads it, and what becomes of the bytes."""

import datetime as dt
import hashlib
import io
import os
import zipfile

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.utils import timezone
from PIL import Image

from accounts.models import User
from foundation import files
from foundation.actor import Actor
from foundation.examination import (
    DOCUMENTS,
    DOCX,
    IMAGES,
    JPEG,
    MAX_UNPACKED,
    MAX_ZIP_ENTRIES,
    PDF,
    PNG,
    XLSX,
    examine,
)
from foundation.models import Attachment, StoredFile
from foundation.models.files import FileState
from tests.certification.applications import complete_draft, pdf, send

WORD = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"}
SHEET = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
SCRIPTED = "This PDF contains scripts or embedded files. Save it as a plain PDF."
OTHER_TYPE = "This type of file is not accepted. Use PDF, PNG, JPEG, DOCX or XLSX."


def office(parts) -> bytes:
    """Return a document in the zip format of office programs."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def active_pdf(where: str) -> bytes:
    """Return a PDF that would do something when it is opened."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
        if where == "script":
            document.Root.OpenAction = document.make_indirect(script)
        elif where == "script inside another object":
            document.Root.OpenAction = script
        elif where == "script in a list":
            document.pages[0].Annots = pikepdf.Array([pikepdf.Dictionary(A=script)])
        elif where == "names":
            document.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=[]))
        elif where == "program":
            launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("calc.exe"))
            document.Root.OpenAction = document.make_indirect(launch)
        else:
            document.attachments["inside.exe"] = b"MZ"
        document.save(out)
    return out.getvalue()


def locked_pdf() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def picture(kind="PNG", **facts) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), "navy").save(out, kind, **facts)
    return out.getvalue()


def refusal(data: bytes, accept=DOCUMENTS) -> list[str]:
    """Return in words why bytes are not stored."""
    with pytest.raises(ValidationError) as error:
        examine(ContentFile(data), accept)
    return error.value.messages


def upload(data: bytes, name="a.pdf", said="application/pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, said)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (pdf().read(), PDF),
        (picture("PNG"), PNG),
        (picture("JPEG"), JPEG),
        (office(WORD), DOCX),
        (office(SHEET), XLSX),
    ],
)
def test_type_is_judged_by_content(data, kind):
    assert examine(ContentFile(data)).content_type == kind


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty."),
        (b"<html><script>alert(1)</script>", OTHER_TYPE),
        (b"MZ\x90\x00", OTHER_TYPE),
        (b"GIF89a", OTHER_TYPE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", OTHER_TYPE),
        (b"%PDF-1.7 and nothing more", "This PDF is damaged and cannot be opened."),
        (locked_pdf(), "This PDF is protected by a password. Remove it first."),
        (active_pdf("script"), SCRIPTED),
        (active_pdf("script inside another object"), SCRIPTED),
        (active_pdf("script in a list"), SCRIPTED),
        (active_pdf("names"), SCRIPTED),
        (active_pdf("program"), SCRIPTED),
        (active_pdf("attachment"), SCRIPTED),
        (b"\x89PNG\r\n\x1a\n and no picture", "This picture is damaged and cannot be opened."),
        (b"PK\x03\x04 and no archive", "This document is damaged and cannot be opened."),
        (office({"readme.txt": b"x"}), OTHER_TYPE),
        (
            office(WORD | {"word/vbaProject.bin": b"x"}),
            "Documents with macros are not accepted.",
        ),
        (
            office(WORD | {"../outside": b"x"}),
            "This document is damaged and cannot be opened.",
        ),
    ],
)
def test_what_is_refused_and_why(data, message):
    assert refusal(data) == [message]


def test_a_type_is_refused_where_another_is_asked_for():
    assert refusal(pdf().read(), IMAGES) == ["Use a picture in PNG or JPEG."]
    assert refusal(picture(), (PDF,)) == [OTHER_TYPE]


def test_a_file_may_have_25_megabytes_and_not_a_byte_more():
    fits = pdf().read().ljust(25 * 1024 * 1024, b"\n")
    assert examine(ContentFile(fits)).content_type == PDF
    assert refusal(fits + b"\n") == ["The file is larger than 25 MB."]


def test_a_document_may_not_unpack_to_more_than_it_seems():
    too_large = "This document is too large when unpacked."
    many = {f"word/{n}.xml": b"" for n in range(MAX_ZIP_ENTRIES)}
    assert refusal(office(WORD | many)) == [too_large]
    assert refusal(office(WORD | {"word/big.xml": bytes(MAX_UNPACKED + 1)})) == [too_large]


def test_a_picture_may_have_40_million_pixels():
    out = io.BytesIO()
    Image.new("1", (8001, 5000)).save(out, "PNG")
    assert refusal(out.getvalue()) == ["This picture has too many pixels (40 million at most)."]


def test_a_picture_is_written_anew_and_loses_what_is_no_pixel():
    taken = Image.Exif()
    taken[0x010E] = "CANARY taken at the gate"
    sent = ContentFile(picture("JPEG", exif=taken) + b"CANARY after the end")
    found = examine(sent).redrawn
    assert b"CANARY" not in found
    with Image.open(io.BytesIO(found)) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (8, 6), {})


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plan.pdf", "plan.pdf"),
        ("质量手册.docx", "质量手册.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\me\\plan.exe", "plan.pdf"),
        ("a\u202egpj.exe", "agpj.pdf"),
        ('a"\r\nSet-Cookie: x.pdf', "aSet-Cookie x.pdf"),
        ("...", "file.pdf"),
        ("长" * 300 + ".pdf", "长" * 120 + ".pdf"),
    ],
)
def test_a_name_is_shown_without_what_could_do_harm(name, shown):
    assert files.clean_name(name, PDF) == shown


def test_an_upload_keeps_its_bytes_its_hash_and_its_owner(cast):
    data = pdf().read()
    row = files.store(upload(data, "licence.exe", "text/html"), actor=cast.actor("owner"))
    assert (row.name, row.content_type, row.size, row.sha256, row.state) == (
        "licence.pdf",
        PDF,
        len(data),
        hashlib.sha256(data).hexdigest(),
        FileState.STORED,
    )
    assert (row.organisation_id, row.uploaded_by) == (cast.enterprise.pk, cast.owner)
    assert files.read(row) == data


@pytest.mark.parametrize("data", [b"<html>", b"x" * (25 * 1024 * 1024 + 1)])
def test_a_refused_upload_leaves_nothing(cast, settings, data):
    before = set(settings.FILES_DIR.glob("*/*"))
    with pytest.raises(ValidationError):
        files.store(upload(data), actor=cast.actor("owner"))
    assert StoredFile.objects.count() == 0
    assert set(settings.FILES_DIR.glob("*/*")) == before


def test_what_is_too_large_is_refused_unread(cast, settings):
    sent = pdf()
    sent.size = settings.FILE_LIMIT + 1
    with pytest.raises(ValidationError, match="larger than 25 MB"):
        files.store(sent, actor=cast.actor("owner"))
    assert sent.tell() == 0


def test_changed_bytes_are_never_handed_out(cast):
    row = files.store(pdf(), actor=cast.actor("owner"))
    row.path.write_bytes(b"%PDF-1.7 other")
    with pytest.raises(files.DamagedError):
        files.read(row)


def readers(cast, row) -> set[str]:
    """Return who of the cast may read a file."""
    people = (
        "owner", "member", "manager", "reviewer", "planner", "auditor", "certifier", "supervisor",
        "operator", "rival_owner", "rival_manager", "anonymous",
    )  # fmt: skip
    return {name for name in people if files.may_read(cast.actor(name), row)}


ENTERPRISE = {"owner", "member"}
DESK = {"manager", "reviewer", "planner", "certifier"}


def test_a_file_that_hangs_on_nothing_is_its_owners(cast):
    row = files.store(pdf(), actor=cast.actor("owner"))
    assert readers(cast, row) == ENTERPRISE | {"operator"}


def test_a_file_is_read_by_those_who_see_what_it_hangs_on(cast):
    application = complete_draft(cast)
    row = files.attachments_of(application)[0].file
    assert readers(cast, row) == ENTERPRISE | {"operator"}
    send(cast, application)
    assert readers(cast, row) == ENTERPRISE | DESK | {"supervisor", "operator"}


def test_an_internal_attachment_is_read_in_its_organisation_alone(cast):
    application = send(cast, complete_draft(cast))
    row = files.write_document(b"%PDF-1.7", "draft.pdf", organisation_id=cast.body.pk)
    files.attach(row, application, "draft", internal_to=cast.body.pk)
    assert readers(cast, row) == DESK | {"operator"}
    assert files.attachments_of(application, "draft", cast.actor("owner")) == []
    assert len(files.attachments_of(application, "draft", cast.actor("reviewer"))) == 1


def test_nobody_reads_a_file_without_signing_in(cast):
    """Not even one that hangs on what everybody may see."""
    row = files.write_document(b"%PDF-1.7", "approval.pdf", organisation_id=cast.body.pk)
    files.attach(row, cast.body.approvals.first(), "approval")
    assert "anonymous" not in readers(cast, row)
    assert "rival_owner" in readers(cast, row)


def test_a_generated_document_is_nobodys_until_it_is_attached(cast):
    row = files.write_document(b"%PDF-1.7", "report.pdf", organisation_id=cast.body.pk)
    assert readers(cast, row) == {"operator"}


def test_a_file_still_being_stored_is_read_by_nobody(cast):
    row = files.store(pdf(), actor=cast.actor("owner"))
    row.state = FileState.PENDING
    assert readers(cast, row) == set()


@pytest.mark.parametrize(
    ("person", "status"),
    [("owner", 200), ("rival_owner", 404), ("rival_manager", 404), ("anonymous", 302)],
)
def test_a_download_is_checked(cast, client, person, status):
    row = files.store(pdf(), actor=cast.actor("owner"))
    answer = cast.client(client, person).get(row.get_absolute_url())
    answer.close()
    assert answer.status_code == status


def test_a_download_is_nothing_that_a_browser_runs(cast, client):
    row = files.store(pdf("手册.pdf"), actor=cast.actor("owner"))
    answer = cast.client(client, "owner").get(row.get_absolute_url())
    assert b"".join(answer.streaming_content) == files.read(row)
    assert {name: answer[name] for name in (
        "Content-Type", "Content-Length", "Content-Disposition", "X-Content-Type-Options",
        "Content-Security-Policy", "Cache-Control",
    )} == {
        "Content-Type": "application/pdf",
        "Content-Length": str(row.size),
        "Content-Disposition": "attachment; filename*=utf-8''%E6%89%8B%E5%86%8C.pdf",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ('a"b; x=y.pdf', 'attachment; filename="ab xy.pdf"'),
        ("a\r\nSet-Cookie: x=1.pdf", 'attachment; filename="aSet-Cookie x1.pdf"'),
        ("审核 第1版.pdf",
         "attachment; filename*=utf-8''%E5%AE%A1%E6%A0%B8%20%E7%AC%AC1%E7%89%88.pdf"),
    ],
    ids=["quotes", "line break", "Chinese"],
)  # fmt: skip
def test_a_name_in_a_header_is_quoted_or_encoded(cast, client, name, header):
    row = files.store(pdf("plain.pdf"), actor=cast.actor("owner"))
    StoredFile.objects.filter(pk=row.pk).update(name=files.clean_name(name, PDF))
    answer = cast.client(client, "owner").get(row.get_absolute_url())
    answer.close()
    assert answer["Content-Disposition"] == header


def test_the_store_lies_where_no_address_leads(cast, client, settings):
    row = files.store(pdf(), actor=cast.actor("owner"))
    for folder in (settings.STATIC_ROOT, settings.BASE_DIR / "static"):
        assert not row.path.is_relative_to(folder)
    assert row.path.stat().st_mode & 0o111 == 0
    cast.client(client, "owner")
    for address in (f"/files/{row.storage_name}", f"/static/{row.storage_name}"):
        assert client.get(address).status_code == 404


def test_attaching_twice_attaches_once(cast):
    row = files.store(pdf(), actor=cast.actor("owner"))
    first, second = (files.attach(row, cast.enterprise, "licence") for _n in range(2))
    assert first == second
    assert Attachment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_bytes_stay_when_nobody_knows_whether_the_commit_happened(settings, tmp_path):
    """A database that dies while it commits may have kept the row: its bytes are not removed."""
    settings.FILES_DIR = tmp_path
    given = pdf()
    nobody = Actor(user=User(pk=2_000_000_000))
    with pytest.raises(IntegrityError):  # found at the commit, on both engines
        files.store(given, actor=nobody)
    assert [path.stat().st_size for path in tmp_path.glob("*/*")] == [given.size]
    later = timezone.now() + dt.timedelta(hours=6, minutes=1)
    assert (StoredFile.objects.count(), files.sweep(later)) == (0, (0, 1))


def test_the_sweep_removes_what_was_never_finished_and_nothing_else(cast, settings, tmp_path):
    settings.FILES_DIR = tmp_path
    kept = files.store(pdf(), actor=cast.actor("owner"))
    unfinished = files.store(pdf("b.pdf"), actor=cast.actor("owner"))
    StoredFile.objects.filter(pk=unfinished.pk).update(state=FileState.PENDING)
    used = files.store(pdf("c.pdf"), actor=cast.actor("owner"))
    files.attach(used, cast.enterprise, "licence")
    StoredFile.objects.filter(pk=used.pk).update(state=FileState.PENDING)
    orphan = tmp_path / "zz" / "orphan"
    orphan.parent.mkdir()
    orphan.write_bytes(b"x")
    assert files.sweep() == (0, 0)
    later = timezone.now() + dt.timedelta(hours=6, minutes=1)
    old = timezone.now().timestamp() - 1
    for path in (kept.path, used.path, orphan):
        os.utime(path, (old, old))
    assert files.sweep(later) == (1, 1)
    assert [kept.path.exists(), used.path.exists(), orphan.exists()] == [True, True, False]
    assert set(StoredFile.objects.all()) == {kept, used}
