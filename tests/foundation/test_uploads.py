"""Uploads in pieces: what arrived stays, whatever happens to the connection, tab or server."""

import base64
import datetime as dt
import hashlib
import os
import threading

import psutil
import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from foundation import files, uploads
from foundation.models import StorageUse, StoredFile, Upload
from foundation.models.files import UploadState
from tests.certification.applications import empty_draft, errors_of, step_url
from tests.corpus import make

BEGIN = "/files/uploads/"
PIECE = {"content_type": "application/offset+octet-stream"}


def begin(client, size, name="manual.pdf", key="k"):
    pairs = {"filename": name, "key": key}
    facts = ",".join(f"{n} {base64.b64encode(v.encode()).decode()}" for n, v in pairs.items())
    headers = {"Upload-Length": str(size), "Upload-Metadata": facts, "Tus-Resumable": "1.0.0"}
    return client.post(BEGIN, headers=headers)


def add(client, address, offset, data):
    headers = {"Upload-Offset": str(offset)}
    return client.generic("PATCH", address, data, headers=headers, **PIECE)


def send(client, data, key="k", piece=1000) -> str:
    """Send a whole file in pieces and return the address of its upload."""
    address = begin(client, len(data), key=key)["Location"]
    for offset in range(0, len(data), piece):
        assert add(client, address, offset, data[offset : offset + piece]).status_code == 204
    return address


def key_of(address) -> str:
    return address.rstrip("/").split("/")[-1]


@pytest.fixture
def owner(cast, client):
    return cast.client(client, "owner")


def test_pieces_make_one_file_with_the_same_hash(cast, owner):
    data, application = make.pdf().ljust(5300, b"\n"), empty_draft(cast)
    address = send(owner, data)
    row = Upload.objects.get()
    assert (row.state, row.received, row.path.read_bytes()) == (UploadState.RECEIVED, 5300, data)
    facts = {"kind": "manual", "upload-ready": key_of(address)}
    # Twice, as a nervous person does: one file.
    for _press in range(2):
        assert owner.post(step_url(application, "documents"), facts).status_code == 302
    file = StoredFile.objects.get()
    assert (file.sha256, file.name) == (hashlib.sha256(data).hexdigest(), "manual.pdf")
    assert files.attachments_of(application).get().file == file
    row.refresh_from_db()
    assert (row.state, row.stored) == (UploadState.USED, file)


def test_an_upload_goes_on_where_it_stopped(owner):
    """After a closed tab: the same file asked for again is the same upload."""
    data = make.pdf().ljust(3000, b"\n")
    first = begin(owner, 3000)
    add(owner, first["Location"], 0, data[:1000])
    again = begin(owner, 3000)
    assert (again["Location"], again["Upload-Offset"]) == (first["Location"], "1000")
    answer = owner.head(first["Location"])
    assert (answer["Upload-Offset"], answer["Upload-Length"]) == ("1000", "3000")
    assert add(owner, first["Location"], 1000, data[1000:]).status_code == 204
    assert Upload.objects.get().path.read_bytes() == data


def test_a_piece_counts_once_and_only_where_it_fits(owner):
    address = begin(owner, 3000)["Location"]
    answers = [
        add(owner, address, 0, b"a" * 1000).status_code,
        add(owner, address, 0, b"b" * 1000).status_code,
        add(owner, address, 2000, b"c" * 1000).status_code,
        add(owner, address, 1000, b"d" * 2001).status_code,
        add(owner, address, -1, b"e").status_code,
    ]
    assert answers == [204, 409, 409, 409, 400]
    assert add(owner, address, 0, b"x")["Upload-Offset"] == "1000"
    assert Upload.objects.get().path.read_bytes() == b"a" * 1000


def test_what_was_written_but_not_counted_is_written_again(owner):
    """The process died between the disk and the database."""
    address = begin(owner, 2000)["Location"]
    add(owner, address, 0, b"a" * 1000)
    row = Upload.objects.get()
    with row.path.open("ab") as handle:
        handle.write(b"?" * 700)
    assert owner.head(address)["Upload-Offset"] == "1000"
    add(owner, address, 1000, b"b" * 1000)
    assert row.path.read_bytes() == b"a" * 1000 + b"b" * 1000


@pytest.mark.parametrize("person", ["member", "rival_owner", "operator"])
def test_an_upload_is_one_persons_alone(cast, owner, person):
    address = begin(owner, 2000)["Location"]
    other = cast.client(Client(), person)
    answers = {
        other.head(address).status_code,
        add(other, address, 0, b"x").status_code,
        other.delete(address).status_code,
    }
    assert answers == {404}
    assert Upload.objects.get().received == 0


def test_nobody_uploads_without_signing_in(client, cast):
    assert begin(client, 100).status_code == 302
    assert Upload.objects.count() == 0


def test_a_forged_request_begins_nothing(cast):
    client = cast.client(Client(enforce_csrf_checks=True), "owner")
    assert begin(client, 100).status_code == 403


@pytest.mark.parametrize("size", [0, 250 * 1024**2 + 1])
def test_an_upload_has_a_limit(owner, size):
    answer = begin(owner, size)
    assert answer.status_code == 413
    assert answer.json()["message"]
    assert Upload.objects.count() == 0


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Upload-Length": "-1", "Upload-Metadata": "filename YQ==,key YQ=="},
        {"Upload-Length": "١٢", "Upload-Metadata": "filename YQ==,key YQ=="},
        {"Upload-Length": "10", "Upload-Metadata": "filename ***,key YQ=="},
        {"Upload-Length": "10", "Upload-Metadata": "filename /w==,key YQ=="},
        {"Upload-Length": "10", "Upload-Metadata": "filename YQ=="},
    ],
    ids=str,
)
def test_what_cannot_be_read_begins_nothing(owner, headers):
    headers = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    assert owner.post(BEGIN, headers=headers).status_code == 400


def test_a_piece_of_another_type_or_size_is_refused(owner):
    address = begin(owner, 2 * uploads.PIECE)["Location"]
    answer = owner.generic("PATCH", address, b"x", content_type="text/html")
    assert answer.status_code == 415
    assert add(owner, address, 0, bytes(uploads.PIECE + 1)).status_code == 413


def test_open_uploads_count_against_the_quota_and_have_a_number(owner, cast):
    StorageUse.objects.create(organisation_id=cast.enterprise.pk, used=0, quota=5000)
    assert begin(owner, 3000, key="a").status_code == 201
    assert begin(owner, 3000, key="b").status_code == 413
    StorageUse.objects.update(quota=None)
    answers = [begin(owner, 10, key=str(n)).status_code for n in range(uploads.AT_ONCE)]
    assert answers == [201] * (uploads.AT_ONCE - 1) + [413]


def test_a_cancelled_upload_is_gone(owner):
    address = begin(owner, 2000)["Location"]
    add(owner, address, 0, b"x" * 1000)
    path = Upload.objects.get().path
    assert owner.delete(address).status_code == 204
    assert (path.exists(), owner.head(address).status_code) == (False, 404)


def test_an_upload_cancelled_while_a_form_has_it_is_asked_for_again(cast, owner):
    data = make.pdf()
    address = send(owner, data)
    [received] = uploads.ready([key_of(address)], cast.actor("owner"))
    owner.delete(address)
    with pytest.raises(ValidationError, match="not among yours any more"):
        files.store(received, actor=cast.actor("owner"))
    assert (StoredFile.objects.count(), Upload.objects.count()) == (0, 0)


def test_a_finished_upload_is_judged_like_any_other(cast, owner):
    address = send(owner, b"<html>" + make.SCRIPT, key="h")
    answer = owner.post(
        step_url(empty_draft(cast), "documents"),
        {"kind": "manual", "upload-ready": key_of(address)},
    )
    assert errors_of(answer) == {
        "upload": ["This type of file is not accepted. Use PDF, PNG, JPEG, DOCX or XLSX."]
    }
    assert StoredFile.objects.count() == 0


def test_an_unfinished_upload_is_no_file(cast, owner):
    address = begin(owner, 2000)["Location"]
    answer = owner.post(
        step_url(empty_draft(cast), "documents"),
        {"kind": "manual", "upload-ready": key_of(address)},
    )
    assert list(errors_of(answer)) == ["upload"]


def test_what_nobody_takes_is_swept_after_a_day_and_not_before(owner):
    address = begin(owner, 2000)["Location"]
    add(owner, address, 0, b"x" * 1000)
    path = Upload.objects.get().path
    old = (timezone.now() - dt.timedelta(days=2)).timestamp()
    os.utime(path, (old, old))
    files.sweep()
    assert (path.exists(), Upload.objects.count()) == (True, 1)
    files.sweep(timezone.now() + dt.timedelta(hours=25))
    assert (path.exists(), Upload.objects.count()) == (False, 0)


def test_an_upload_that_goes_on_while_it_is_found_old_is_not_swept(owner):
    address = begin(owner, 2000)["Location"]
    Upload.objects.update(changed_at=timezone.now() - dt.timedelta(days=2))
    [old] = Upload.objects.all()
    assert add(owner, address, 0, b"x" * 1000).status_code == 204
    assert uploads.forget_if_unchanged(old) is False
    assert (old.path.exists(), Upload.objects.count()) == (True, 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_tabs_sending_the_same_piece_one_counts(cast):
    row = uploads.begin(actor=cast.actor("owner"), key="k", name="a.pdf", size=2000)
    outcomes = []

    def tab(sign):
        try:
            uploads.receive(row, 0, sign * 1000)
            outcomes.append("written")
        except uploads.OffsetError:
            outcomes.append("refused")
        finally:
            connection.close()

    tabs = [threading.Thread(target=tab, args=(sign,)) for sign in (b"a", b"b")]
    for one in tabs:
        one.start()
    for one in tabs:
        one.join()
    assert sorted(outcomes) == ["refused", "written"]
    row.refresh_from_db()
    assert row.received == 1000
    assert len(set(row.path.read_bytes())) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_forms_with_the_same_upload_one_stores_it(cast):
    data = make.pdf()
    actor = cast.actor("owner")
    row = uploads.begin(actor=actor, key="k", name="a.pdf", size=len(data))
    uploads.receive(row, 0, data)
    first, second = (uploads.ready([row.pk], actor)[0] for _form in range(2))
    stored = []

    def form(received):
        stored.append(files.store(received, actor=actor))
        connection.close()

    forms = [threading.Thread(target=form, args=(one,)) for one in (first, second)]
    for one in forms:
        one.start()
    for one in forms:
        one.join()
    assert {file.pk for file in stored} == {StoredFile.objects.get().pk}
    assert files.read(StoredFile.objects.get()) == data


def test_a_hundred_megabytes_leave_the_memory_flat(cast, owner):
    """What is measured is judging and storing: the pieces are written to the disk at once."""
    size = sum(len(part) for part in make.filled_pdf(100 * 1024**2))
    address = begin(owner, size)["Location"]
    row = Upload.objects.get()
    row.path.parent.mkdir(parents=True, exist_ok=True)
    with row.path.open("wb") as handle:
        handle.writelines(make.filled_pdf(100 * 1024**2))
        handle.truncate(size - 7)
    Upload.objects.update(received=size - 7)
    assert add(owner, address, size - 7, b"\n%%EOF\n").status_code == 204
    application = empty_draft(cast)
    before = psutil.Process().memory_info().rss
    answer = owner.post(
        step_url(application, "documents"),
        {"kind": "manual", "upload-ready": key_of(address)},
    )
    grown = psutil.Process().memory_info().rss - before
    assert (answer.status_code, StoredFile.objects.get().size) == (302, size)
    assert grown < 30 * 1024**2
