"""Looking at a file: pictures drawn by the limited process, for who may read it."""

import io

import pikepdf
import pytest
from PIL import Image

from foundation import files, preview
from tests.certification.applications import complete_draft, send
from tests.corpus import make
from tests.foundation.test_files import WORD, office, upload


def document(pages=3) -> bytes:
    """Return a PDF whose pages bear their number."""
    out = io.BytesIO()
    with pikepdf.new() as made:
        for n in range(1, pages + 1):
            page = made.add_blank_page(page_size=(200, 300))
            font = pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            )
            page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
            words = f"BT /F 20 Tf 20 200 Td (Sheet {n}) Tj ET".encode()
            page.Contents = made.make_stream(words)
        made.save(out)
    return out.getvalue()


def stored(cast, data, name="a.pdf", who="owner"):
    return files.store(upload(data, name), actor=cast.actor(who))


def view(file) -> str:
    return f"/files/{file.pk}/view/"


def page(file, number=1) -> str:
    return f"/files/{file.pk}/pages/{number}/"


def test_a_pdf_is_shown_page_by_page_as_pictures(cast, client):
    file = stored(cast, document())
    cast.client(client, "owner")
    shown = client.get(view(file))
    assert [row["number"] for row in shown.context["pages"]] == [1, 2, 3]
    text = shown.content.decode()
    assert "Sheet 2" in text
    assert "3 pages" in text
    assert file.get_absolute_url() in text
    answer = client.get(page(file, 2))
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert (picture.format, picture.width, picture.height) == ("JPEG", 1240, 1860)
    assert {name: answer[name] for name in (
        "Content-Type", "Content-Disposition", "X-Content-Type-Options", "Content-Security-Policy",
        "Cross-Origin-Resource-Policy", "Cache-Control",
    )} == {
        "Content-Type": "image/jpeg",
        "Content-Disposition": "inline",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }  # fmt: skip


def test_a_picture_is_shown_as_it_was_drawn_anew(cast, client):
    file = stored(cast, make.photo(), "a.jpg")
    cast.client(client, "owner")
    assert page(file) in client.get(view(file)).content.decode()
    answer = client.get(page(file))
    assert (answer["Content-Type"], answer.content) == ("image/jpeg", files.read(file))


def test_what_cannot_be_shown_can_be_downloaded(cast, client):
    file = stored(cast, office(WORD), "a.docx")
    cast.client(client, "owner")
    text = client.get(view(file)).content.decode()
    assert "cannot be shown here" in text
    assert file.get_absolute_url() in text
    assert client.get(page(file)).status_code == 404


@pytest.mark.parametrize("number", [0, 4, 99999])
def test_a_page_that_is_not_there_is_not_found(cast, client, number):
    file = stored(cast, document())
    assert cast.client(client, "owner").get(page(file, number)).status_code == 404


@pytest.mark.parametrize("asked", ["-1", "0", "x", "٣", "9" * 400, "4"])
def test_an_odd_page_to_begin_with_is_the_first(cast, client, asked):
    file = stored(cast, document())
    answer = cast.client(client, "owner").get(view(file), {"from": asked})
    assert answer.context["first"] == 1


def test_many_pages_come_in_portions(cast, client):
    file = stored(cast, document(preview.AT_ONCE + 5))
    cast.client(client, "owner")
    first = client.get(view(file)).context
    assert (len(first["pages"]), first["before"], first["after"]) == (20, None, 21)
    rest = client.get(view(file), {"from": "21"}).context
    assert (len(rest["pages"]), rest["before"], rest["after"]) == (5, 1, None)


def test_who_may_not_read_a_file_does_not_look_at_it(cast, client):
    application = send(cast, complete_draft(cast))
    file = files.attachments_of(application)[0].file
    answers = {}
    for person in ("owner", "reviewer", "rival_owner", "rival_manager", "anonymous"):
        cast.client(client, person)
        answers[person] = {client.get(view(file)).status_code, client.get(page(file)).status_code}
    assert answers == {
        "owner": {200}, "reviewer": {200}, "rival_owner": {404}, "rival_manager": {404},
        "anonymous": {302},
    }  # fmt: skip


def test_changed_bytes_are_not_shown(cast, client):
    file = stored(cast, document())
    file.path.write_bytes(document(2))
    client.raise_request_exception = False
    assert cast.client(client, "owner").get(page(file)).status_code == 500
