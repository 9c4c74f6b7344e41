"""The only door to WeasyPrint: nothing is fetched, nothing is lost in silence, bytes repeat."""

import base64
import io
import os
import re
import select
import socket
import subprocess
import sys
import threading
import zlib
from dataclasses import dataclass

import pikepdf
import pytest
from PIL import Image

from foundation import pdf
from foundation.pdf import Attached, RefusedError, RenderingError, html_to_forms, html_to_pdf
from foundation.vectors import Ink, form
from tests.pdftools import DAY, fonts_of, text_of

PAGE = (
    '<!doctype html><html lang="en"><head><title>T</title>{head}</head><body>{body}</body></html>'
)


def page(body="", head=""):
    return PAGE.format(body=body, head=head)


def sized(body="", css=""):
    return page(body, f"<style>body {{ font-family: 'Portal Sans' }} {css}</style>")


def image(width=2, height=2, kind="PNG"):
    file = io.BytesIO()
    Image.new("RGB", (width, height), (20, 90, 80)).save(file, kind)
    return file.getvalue()


def data_of(content, kind="image/png"):
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def svg_with(inside):
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{inside}</svg>'


@dataclass
class Listener:
    """A listening port that nobody should call."""

    server: socket.socket

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server.getsockname()[1]}/x"

    def called(self) -> bool:
        return bool(select.select([self.server], [], [], 0)[0])


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield Listener(server)


SINKS = {
    "link": lambda url: page(head=f'<link rel="stylesheet" href="{url}">'),
    "import": lambda url: page(head=f'<style>@import url("{url}");</style>'),
    "import in data": lambda url: page(
        head=f"<link rel=stylesheet href='data:text/css,@import url({url});'>"
    ),
    "font": lambda url: page(
        "x",
        f'<style>@font-face {{ font-family: F; src: url("{url}") }} * {{ font: 9pt F }}</style>',
    ),
    "img": lambda url: page(f'<img src="{url}" alt="x">'),
    "background": lambda url: page(f'<p style="background: url({url})">x</p>'),
    "content": lambda url: page(
        head=f'<style>p::before {{ content: url("{url}") }}</style>', body="<p>x"
    ),
    "list": lambda url: page(f'<ul style="list-style-image: url({url})"><li>x</li></ul>'),
    "border": lambda url: page(f'<p style="border: 1px solid; border-image: url({url}) 1">x</p>'),
    "mask": lambda url: page(head=f'<style>@page {{ background: url("{url}") }}</style>'),
    "object": lambda url: page(f'<object data="{url}"></object>'),
    "embed": lambda url: page(f'<embed src="{url}">'),
    "svg image": lambda url: page(svg_with(f'<image href="{url}" width="9" height="9"/>')),
    "svg style": lambda url: page(svg_with(f'<style>@import "{url}";</style><path d="M0 0h9"/>')),
    "svg font": lambda url: page(
        svg_with(f"<style>@font-face {{ font-family: F; src: url({url}) }}</style>")
    ),
    "data svg": lambda url: page(
        '<img alt="x" src="'
        + data_of(svg_with(f'<image href="{url}" width="9" height="9"/>').encode(), "image/svg+xml")
        + '">'
    ),
    "attachment": lambda url: page(head=f'<link rel="attachment" href="{url}">'),
    "attached link": lambda url: page(f'<a rel="attachment" href="{url}">x</a>'),
    "base": lambda url: page('<img src="y.png" alt="x">', f'<base href="{url}/">'),
    "relative": lambda url: page('<img src="y.png" alt="x">'),
}


@pytest.mark.parametrize("sink", SINKS)
def test_nothing_is_fetched(sink, listener):
    with pytest.raises(RenderingError):
        html_to_pdf(SINKS[sink](listener.address))
    assert not listener.called()


def test_drawings_of_others_are_not_used(listener):
    html_to_pdf(page(svg_with(f'<use href="{listener.address}#a"/>')))
    assert not listener.called()


@pytest.mark.parametrize("sink", [name for name in SINKS if name != "relative"])
def test_no_local_file_is_read(sink, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("canary")
    with pytest.raises(RenderingError):
        html_to_pdf(SINKS[sink](secret.as_uri()))


@pytest.mark.parametrize(
    "name",
    [
        "../../manage.py",
        "..",
        "",
        "nothing.css",
        "/etc/passwd",
        "http://127.0.0.1/x.css",
        "file:///etc/passwd",
        "%2e%2e/%2e%2e/manage.py",
    ],
)
def test_assets_stay_in_their_folder(name):
    with pytest.raises(RefusedError):
        html_to_pdf(page(), stylesheets=[name])
    with pytest.raises(RefusedError):
        html_to_pdf(page(f'<img src="asset:{name}" alt="x">'))


def test_bundled_files_and_images_inside_the_page_load():
    picture = f'<img src="{data_of(image())}" alt="i">'
    body = f'<p class="second">Text</p><img src="asset:rule.svg" alt="r">{picture}'
    result = html_to_pdf(sized(body), stylesheets=["base.css"])
    assert text_of(result).strip() == "Text"


@pytest.mark.parametrize(
    "address",
    [
        "data:text/html,<p>x",
        "data:application/pdf;base64,JVBERi0=",
        data_of(b"no image"),
        data_of(image(kind="JPEG")),
        data_of(image(kind="GIF"), "image/gif"),
        "data:image/png;base64,@@@",
        data_of(b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg>&a;</svg>", "image/svg+xml"),
        data_of(b"\x89PNG\r\n\x1a\n" + image()[8:40]),
    ],
)
def test_data_that_is_no_image_stops_the_rendering(address):
    with pytest.raises(RefusedError):
        html_to_pdf(page(f'<img src="{address}" alt="x">'))


def test_an_image_of_too_many_pixels_stops_the_rendering():
    head = b"\x00\x00\xea\x60\x00\x00\xea\x60\x08\x02\x00\x00\x00"
    chunk = b"\x00\x00\x00\x0dIHDR" + head + zlib.crc32(b"IHDR" + head).to_bytes(4, "big")
    bomb = b"\x89PNG\r\n\x1a\n" + chunk + image()[33:]
    with pytest.raises(RefusedError):
        html_to_pdf(page(f'<img src="{data_of(bomb)}" alt="x">'))


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        " JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "vbscript:x",
        "somewhere/else",
    ],
)
def test_links_lead_to_addresses_only(address):
    with pytest.raises(RefusedError):
        html_to_pdf(sized(f'<a href="{address}">x</a>'))


def test_links_to_addresses_stay():
    body = '<a href="https://portal.example/c/1">a</a> <a href="mailto:a@b.example">b</a>'
    with pikepdf.open(io.BytesIO(html_to_pdf(sized(body)))) as document:
        links = [str(note.A.URI) for note in document.pages[0].Annots]
    assert links == ["https://portal.example/c/1", "mailto:a@b.example"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<p>\U0001f600</p>", "No font draws \U0001f600"),
        ("<p>नमस्ते</p>", "No font draws"),
        ('<a href="#nowhere">x</a>', "No anchor #nowhere"),
        ('<img src="asset:document.css" alt="x">', "Failed to load image"),
    ],
)
def test_what_would_be_lost_in_silence_stops_the_rendering(body, said):
    with pytest.raises(RenderingError, match=re.escape(said)):
        html_to_pdf(sized(body))


def test_fonts_of_the_machine_are_never_used():
    with pytest.raises(RenderingError, match="Fonts that are not ours"):
        html_to_pdf(page("<p>x</p>", "<style>p { font-family: 'Noto Sans CJK JP' }</style>"))


def test_a_page_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(pdf, "MAX_HTML", 1000)
    with pytest.raises(RenderingError, match="1000 is the limit"):
        html_to_pdf(sized("x" * 1001))


def test_every_font_is_embedded_and_rare_characters_come_from_the_collection():
    common = html_to_pdf(sized("<p>认证 ISO</p>"))
    rare = html_to_pdf(
        sized("<p>认证 䶮𬭎</p>", "body { font-family: Portal Sans, Noto Sans CJK SC }")
    )
    assert [(font.family, font.embedded) for font in fonts_of(common)] == [("Portal-Sans", "yes")]
    assert sorted((font.family, font.embedded) for font in fonts_of(rare)) == [
        ("Noto-Sans-CJK-SC", "yes"),
        ("Portal-Sans", "yes"),
    ]
    assert text_of(rare).strip() == "认证 䶮𬭎"


def test_documents_are_tagged_pdf_a():
    content = Attached("facts.json", b"{}", "Facts", DAY)
    result = html_to_pdf(sized("<h1>Head</h1>"), attachments=[content])
    with pikepdf.open(io.BytesIO(result)) as document:
        assert bool(document.Root.MarkInfo.Marked)
        assert str(document.Root.Lang) == "en"
        with document.open_metadata() as metadata:
            assert metadata.pdfa_status == "3A"
        assert document.attachments["facts.json"].get_file().read_bytes() == b"{}"


SCRIPT = """
import django, hashlib, datetime
django.setup()
from foundation.pdf import Attached, html_to_forms, html_to_pdf
from foundation.vectors import Ink, form
page = {page!r}
art = form([Ink((("M", 1, 1), ("L", 9, 9)), stroke="#24477E", width=0.2)], 210, 297, said="line")
at = datetime.datetime(2026, 3, 16, tzinfo=datetime.UTC)
result = html_to_pdf(page, stylesheets=["base.css"], backdrops=[[art, *html_to_forms(page)]],
    attachments=[Attached("facts.json", b"[1]", "Facts", at)])
print(hashlib.sha256(result).hexdigest())
"""


def test_two_processes_give_the_same_bytes():
    picture = '<img src="asset:weave.svg" alt="w">'
    body = f'<div><p id="a">认证证书 䶮 “Certificate”</p><a href="#a">up</a>{picture}</div>'
    html = sized(body, "body { font-family: Portal Serif, Noto Serif CJK SC }")
    seen = set()
    for seed in ("1", "20"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": f"UTC-{seed}"}
        environment["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT.format(page=html)],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        seen.add(run.stdout.strip())
    assert len(seen) == 1
    assert len(seen.pop()) == 64


def test_threads_wait_for_each_other():
    pages = [sized(f"<p>证书 {number}</p>") for number in range(4)]
    alone = [html_to_pdf(html) for html in pages]
    together = [b""] * len(pages)

    def work(index):
        together[index] = html_to_pdf(pages[index])

    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(pages))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone


def test_forms_are_drawn_where_they_belong_and_described():
    kept = html_to_forms(
        sized("<p>Kept words</p>", "@page { size: 60mm 20mm; margin: 0 } p { margin: 0 }")
    )
    line = form(
        [Ink((("M", 1, 1), ("L", 9, 9)), stroke="#24477E", width=0.2)], 210, 297, said="A line"
    )
    body = "<p>First page</p><p style='break-before: page'>Second page</p><div id='here'>x</div>"
    result = html_to_pdf(
        sized(body, "@page { size: A4; margin: 30mm }"),
        backdrops=[[line], []],
        drawings={"here": kept[0], "nowhere": kept[0]},
    )
    first, second = text_of(result, page=1), text_of(result, page=2)
    assert first.split() == ["First", "page"]
    assert sorted(second.split()) == ["Kept", "Second", "page", "words", "x"]
    with pikepdf.open(io.BytesIO(result)) as document:
        described = [
            str(item.Alt) for item in document.objects if _is_figure(item) and "/Alt" in item
        ]
        assert sorted(described) == ["A line", "Kept words"]
        for number, sheet in enumerate(document.pages):
            marks = re.findall(rb"/MCID (\d+)", _content(sheet))
            owners = document.Root.StructTreeRoot.ParentTree.Nums[2 * number + 1]
            assert sorted(map(int, marks)) == list(range(len(owners)))


def _is_figure(item):
    return isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"


def _content(sheet):
    parts = sheet.Contents if isinstance(sheet.Contents, pikepdf.Array) else [sheet.Contents]
    return b"\n".join(part.read_bytes() for part in parts)


def test_a_kept_page_must_fit():
    long = "<div><p>" + "x " * 900 + "</p></div>"
    with pytest.raises(RenderingError, match="does not fit"):
        html_to_forms(sized(long, "@page { size: 60mm 20mm }"))


def test_our_style_sheets_say_nothing_that_is_ignored(caplog):
    with caplog.at_level("WARNING", logger="weasyprint"):
        pdf._stylesheet.cache_clear()
        for name in ("certificate.css", "document.css"):
            html_to_pdf(sized("x"), stylesheets=["base.css", name])
    assert caplog.messages == []


def test_the_renderer_is_named_with_its_fonts():
    assert re.fullmatch(r"weasyprint \d+\.\d+, fonts [0-9a-f]{16}", pdf.renderer())
