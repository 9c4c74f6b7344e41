"""The certificate as strangers see it: poppler, zbar, and every length of text."""

import base64
import copy
import hashlib
import io
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from certification.art import fingerprint_text
from certification.documents import certificate as document
from certification.documents.certificate import (
    NoGlyphError,
    Stamp,
    build_context,
    build_html,
    content_digest,
    render_certificate,
)
from certification.documents.fit import MM, ROOM
from certification.documents.words import LABELS, STAMPS, STATUS_WORDS, day, pair
from foundation.pdf import html_to_pdf
from tests.pdftools import (
    Word,
    body_of,
    code_of,
    fonts_of,
    pages_of,
    picture_of,
    text_of,
    unlike,
    words_of,
)

FACTS = json.loads((Path(__file__).parent / "certificate.json").read_text(encoding="utf-8"))
LONG_NAME = "北海县示例镇东方红现代农业综合开发与机械装备制造集团股份有限责任公司分公司"[:36]
LONG_NAME_EN = (
    "Beihai Shili Dongfanghong Modern Agriculture Comprehensive Development and Machinery"
    " Equipment Manufacturing Group Co., Ltd."
)
SCOPE = (
    "精密齿轮箱及液压传动部件、工业机器人减速器、风力发电用增速箱、船用推进装置、工程机械传动总成的设计、开发、"
    "生产、检验、销售和售后服务"
)
SCOPE_EN = (
    "Design, development, manufacture, inspection, sale and after-sales service of precision"
    " gearboxes, hydraulic transmission components, industrial robot reducers, wind turbine"
    " gearboxes and marine propulsion units."
)
LONG_ADDRESS = (
    "浙江省宁波市示例区港湾大道甲 1288 号样本现代制造产业园区综合办公楼 A 座 12 层 1201 至 1216 室"
)
LONG_ADDRESS_EN = (
    "Rooms 1201 to 1216, Floor 12, Tower A, Comprehensive Office Building, No. 1288 Jia, Gangwan"
    " Avenue, Yangben Modern Manufacturing Industrial Park, Shili District, Ningbo, Zhejiang"
)
STAMP = Stamp("withdrawn", date(2026, 5, 3), date(2026, 6, 1))


def snapshot(**changes):
    """Return the facts of a certificate; nested parts are changed field by field."""
    facts = copy.deepcopy(FACTS) | {"specimen": False}
    for key, value in changes.items():
        if isinstance(value, dict):
            facts[key].update(value)
        else:
            facts[key] = value
    return facts


def site(number):
    return {
        "name_zh": f"第{number}工厂",
        "name_en": f"Plant No{number}x",
        "address_zh": f"浙江省宁波市示例区港湾大道 {number} 号",
        "address_en": f"{number} Gangwan Avenue, Shili District, Ningbo",
        "scope_zh": "齿轮箱机加工与装配",
        "scope_en": "Machining and assembly of gearboxes",
    }


def squeezed(text):
    """Return a text without spaces, and without hyphens: pdftotext joins words at line ends."""
    return "".join(text.split()).replace("-", "")


@pytest.fixture(scope="module")
def issued():
    return render_certificate(snapshot())


def test_every_font_is_embedded(issued):
    fonts = fonts_of(issued)
    assert {font.family for font in fonts} == {"Portal-Serif", "Portal-Sans"}
    assert {(font.embedded, font.subset, font.unicode) for font in fonts} == {("yes",) * 3}


def test_the_text_can_be_read_and_searched(issued):
    first, annex = text_of(issued, page=1), text_of(issued, page=2)
    for text in (
        FACTS["holder"]["name_zh"],
        FACTS["holder"]["name_en"],
        FACTS["holder"]["identifier"],
        FACTS["issuer"]["name_zh"],
        FACTS["number"],
        FACTS["code"],
        FACTS["scope_zh"],
        "2029年3月17日",
        "17 March 2029",
        "Page 1 of 2",
        fingerprint_text(content_digest(snapshot())),
    ):
        assert text in first, text
    for text in (*(row["address_zh"] for row in FACTS["sites"]), content_digest(snapshot())):
        assert text in annex, text
    for row in STATUS_WORDS:
        assert row["meaning_zh"] in annex


def test_decoration_is_no_text(issued):
    read = text_of(issued)
    assert "HUAZHEN" not in read
    assert read.count(FACTS["number"]) == 2


@pytest.mark.parametrize("dpi", [150, 300])
def test_the_code_is_read(issued, dpi):
    assert code_of(issued, dpi) == FACTS["verify_url"]


SCRIPT = """
import django, hashlib, json, sys
django.setup()
from certification.documents.certificate import render_certificate
print(hashlib.sha256(render_certificate(json.load(sys.stdin))).hexdigest())
"""


def test_two_processes_give_the_same_bytes(issued):
    seen = {hashlib.sha256(issued).hexdigest()}
    for seed in ("3", "77"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": f"UTC+{seed[0]}"}
        environment["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            input=json.dumps(snapshot()),
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        seen.add(run.stdout.strip())
    assert len(seen) == 1


def test_the_facts_are_attached_and_have_the_printed_digest(issued):
    with pikepdf.open(io.BytesIO(issued)) as opened:
        content = opened.attachments["certificate.json"].get_file().read_bytes()
    assert json.loads(content) == snapshot()
    assert hashlib.sha256(content).hexdigest() == content_digest(snapshot())


def test_the_digest_leaves_itself_out():
    facts = snapshot()
    assert content_digest(facts | {"digest": content_digest(facts)}) == content_digest(facts)
    assert content_digest(facts | {"revision": 2}) != content_digest(facts)


def test_the_document_is_tagged_and_described(issued):
    with pikepdf.open(io.BytesIO(issued)) as opened:
        assert bool(opened.Root.MarkInfo.Marked)
        assert str(opened.Root.Lang) == "zh-Hans"
        with opened.open_metadata() as metadata:
            assert metadata.pdfa_status == "3A"
        assert FACTS["holder"]["name_zh"] in str(opened.docinfo.Title)
        assert str(opened.docinfo.CreationDate) == "D:20260316"
        said = [
            str(item.Alt)
            for item in opened.objects
            if isinstance(item, pikepdf.Dictionary) and "/Alt" in item
        ]
    assert [FACTS["verify_url"] in text for text in said].count(True) == 1
    assert [LABELS["verify"][1] in text for text in said].count(True) == 1
    assert [LABELS["meanings"][0] in text for text in said].count(True) == 1


def test_plates_and_whole_page_look_the_same(issued):
    facts = snapshot()
    context = build_context(facts)
    ground, every = document.build_art(facts, context)
    whole = html_to_pdf(
        build_html(context, whole=True),
        stylesheets=document.STYLESHEETS,
        backdrops=[ground, every],
    )
    assert max(unlike(issued, whole, page=number) for number in (1, 2)) < 30
    moved = render_certificate(snapshot(technical_areas="18.05.03, 18.09.01"))
    assert unlike(issued, moved, page=2) > 60


EXTREMES = {
    "long name, 212 characters of scope": snapshot(
        holder={"name_zh": LONG_NAME, "name_en": LONG_NAME_EN},
        scope_zh=SCOPE,
        scope_en=SCOPE_EN[:212],
    ),
    "as long as the first page takes": snapshot(
        holder={"name_zh": LONG_NAME, "name_en": LONG_NAME_EN},
        scope_zh=(SCOPE * 3)[:150],
        scope_en=(SCOPE_EN * 2)[:360],
        dates={"effective_on": "2026-03-20"},
    ),
    "one character more": snapshot(scope_zh=(SCOPE * 3)[:151]),
    "everything long": snapshot(
        holder={
            "name_zh": LONG_NAME * 2,
            "name_en": LONG_NAME_EN * 2,
            "address_zh": LONG_ADDRESS * 2,
            "address_en": LONG_ADDRESS_EN * 2,
        },
        scope_zh=SCOPE * 12,
        scope_en=SCOPE_EN * 12,
        scheme={
            "title_zh": "职业健康安全管理体系认证证书",
            "title_en": "Occupational Health and Safety Management System Certificate",
        },
        standard={"gb": "GB/T 45001-2020", "iso": "ISO 45001:2018 + Amd 1:2024"},
        issuer={
            "name_zh": "示例国际质量与环境及职业健康安全体系认证中心有限公司",
            "name_en": "Shili International Quality, Environment and Occupational Safety Systems"
            " Certification Centre Co., Ltd.",
            "address": LONG_ADDRESS,
        },
    ),
    "English only": snapshot(
        holder={
            "name_zh": "",
            "name_en": "Brennholm & Søndergaard Präzisionstechnik GmbH & Co. KG",
            "identifier": "HRB 000000",
            "identifier_kind": "other",
            "address_zh": "",
            "address_en": "Musterstraße 12, 00000 Beispielstadt, Germany",
        },
        scope_zh="",
        languages=["en", "zh"],
        standard={"gb": ""},
        issuer={"name_zh": "", "address": "", "accreditation": "", "approval_number": "NL-1"},
        sites=[],
        technical_areas="",
    ),
    "Chinese only": snapshot(holder={"name_en": "", "address_en": ""}, scope_en=""),
    "English first": snapshot(languages=["en", "zh"], scope_zh=SCOPE, scope_en=SCOPE_EN),
    "one long word": snapshot(
        holder={"name_zh": "", "name_en": "W" * 90, "address_zh": "", "address_en": "M" * 200},
        scope_en="Q" * 300,
        scope_zh="",
    ),
    "as little as there may be": snapshot(
        holder={
            "name_zh": "甲",
            "name_en": "",
            "identifier": "",
            "address_zh": "",
            "address_en": "",
        },
        scope_zh="乙",
        scope_en="",
        sites=[],
        revisions=[],
        technical_areas="",
    ),
}
# The squares of the QR code and of the fingerprint.
PICTURES = [Word("code", 22, 201.6, 53, 232.6), Word("fingerprint", 160, 202.4, 183, 225.4)]


@pytest.mark.parametrize("stamp", [None, STAMP], ids=["issued", "stamped"])
@pytest.mark.parametrize("name", EXTREMES)
def test_no_text_meets_another_or_is_cut(name, stamp):
    facts = EXTREMES[name]
    result = render_certificate(facts, stamp)
    for number in range(1, pages_of(result) + 1):
        words = words_of(result, number)
        assert [word for word in words if word.left < 23 or word.right > 187.2] == []
        assert [word for word in words if word.top < 19 or word.bottom > 279.5] == []
        boxes = words + (PICTURES if number == 1 else [])
        pairs = [
            (one.text, other.text)
            for index, one in enumerate(boxes)
            for other in boxes[index + 1 :]
            if one.overlaps(other)
        ]
        assert pairs == []
    read = squeezed(body_of(result))
    for text in (
        *(facts["holder"][key] for key in ("name_zh", "name_en", "address_zh", "address_en")),
        facts["holder"]["identifier"],
        *(facts["scope_zh"], facts["scope_en"], facts["standard"]["iso"]),
    ):
        assert squeezed(text) in read, text


def test_a_scope_too_long_for_the_page_stands_in_the_annex():
    fits = render_certificate(EXTREMES["as long as the first page takes"])
    moves = render_certificate(EXTREMES["one character more"])
    assert squeezed((SCOPE * 3)[:150]) in squeezed(text_of(fits, page=1))
    assert LABELS["scope_in_annex"][0] not in text_of(fits)
    assert LABELS["scope_in_annex"][0] in text_of(moves, page=1)
    assert squeezed((SCOPE * 3)[:151]) in squeezed(text_of(moves, page=2))


@pytest.mark.parametrize("count", [1, 12, 60])
def test_sites_flow_over_as_many_pages_as_they_need(count):
    result = render_certificate(snapshot(sites=[site(number) for number in range(1, count + 1)]))
    read = text_of(result)
    pages = pages_of(result)
    assert [read.count(f"No{number}x") for number in range(1, count + 1)] == [1] * count
    assert [f"Page {number} of {pages}" in read for number in range(1, pages + 1)] == [True] * pages
    assert read.count(FACTS["number"]) == pages
    assert read.count(LABELS["meanings"][0]) == 1
    assert read.count("场所与地址") >= max(1, pages - 2)


@settings(max_examples=60, deadline=None)
@given(
    name=st.tuples(st.integers(0, 120), st.integers(1, 250)),
    address=st.tuples(st.integers(0, 160), st.integers(0, 320)),
    scope=st.tuples(st.integers(1, 400), st.integers(0, 900)),
    chinese_first=st.booleans(),
    stamped=st.booleans(),
)
def test_the_first_page_is_never_overfull(name, address, scope, chinese_first, stamped):
    facts = snapshot(
        holder={
            "name_zh": (LONG_NAME * 4)[: name[0]],
            "name_en": (LONG_NAME_EN * 3)[: name[1]],
            "address_zh": (LONG_ADDRESS * 4)[: address[0]],
            "address_en": (LONG_ADDRESS_EN * 3)[: address[1]],
        },
        scope_zh=(SCOPE * 8)[: scope[0]],
        scope_en=(SCOPE_EN * 5)[: scope[1]],
        languages=["zh", "en"] if chinese_first else ["en", "zh"],
    )
    context = build_context(facts, STAMP if stamped else None)
    assert context["height"] <= ROOM - (5.6 * MM if stamped else 0)


def test_a_character_without_a_glyph_stops_the_issue():
    with pytest.raises(NoGlyphError) as caught:
        render_certificate(snapshot(holder={"name_zh": "宁波\U0001f600有限公司\U0001f600"}))
    assert caught.value.characters == ["\U0001f600"]
    assert str(caught.value) == "No font draws \U0001f600"


def test_rare_name_characters_are_printed():
    result = render_certificate(snapshot(holder={"name_zh": "宁波䶮𬭎机械有限公司"}))
    assert "宁波䶮𬭎机械有限公司" in text_of(result, page=1)
    families = {font.family for font in fonts_of(result)}
    assert families == {"Portal-Serif", "Portal-Sans", "Noto-Serif-CJK-SC"}


@pytest.mark.parametrize("status", STAMPS)
def test_a_stamped_copy_says_so_on_every_page(issued, status):
    copied = render_certificate(snapshot(), Stamp(status, date(2026, 5, 3), date(2026, 6, 1)))
    zh, en = STAMPS[status]
    for number in (1, 2):
        read = text_of(copied, page=number)
        assert f"{zh} {en}" in read
        assert "自2026年5月3日起" in read
        assert "since 3 May 2026; copy made on 1 June 2026" in read
        assert en not in text_of(issued, page=number)
    with pikepdf.open(io.BytesIO(copied)) as opened:
        content = opened.attachments["certificate.json"].get_file().read_bytes()
    assert hashlib.sha256(content).hexdigest() == content_digest(snapshot())
    assert code_of(copied, 150) == FACTS["verify_url"]


@pytest.mark.parametrize(
    ("changes", "word"), [({"specimen": True}, "specimen"), ({"draft": True}, "draft")]
)
def test_what_is_not_valid_says_so_on_every_page(changes, word):
    result = render_certificate(snapshot(**changes))
    for number in (1, 2):
        assert LABELS[word][0] in text_of(result, page=number)
        assert LABELS[word][1] in text_of(result, page=number)


def test_logo_and_signature_are_images_of_the_snapshot():
    picture = io.BytesIO()
    Image.new("RGB", (60, 60), (200, 30, 30)).save(picture, "PNG")
    address = "data:image/png;base64," + base64.b64encode(picture.getvalue()).decode()
    result = render_certificate(snapshot(issuer={"logo": address, "signature": address}))
    shown = Image.open(io.BytesIO(picture_of(result, 72))).convert("RGB")
    scale = 72 / 25.4
    assert shown.getpixel((int(31 * scale), int(29 * scale))) == (200, 30, 30)
    assert shown.getpixel((int(117 * scale), int(242 * scale))) == (200, 30, 30)


def test_dates_are_written_in_full_in_both_languages():
    assert (
        str(day("2026-03-16", ["zh", "en"]).first),
        str(day("2026-03-16", ["zh", "en"]).second),
    ) == (
        "2026年3月16日",
        "16 March 2026",
    )
    assert pair("", "B", ["zh", "en"]).first.text == "B"
    assert pair("甲", "B", ["en", "zh"]).first.text == "B"


def test_the_effective_date_has_its_own_place_when_it_differs():
    same, other = snapshot(), snapshot(dates={"effective_on": "2026-03-20"})
    assert [str(label.first) for label, _ in build_context(same)["dates"]] == [
        "初次发证",
        "本次发证并生效",
        "有效期至",
    ]
    assert [str(label.first) for label, _ in build_context(other)["dates"]] == [
        "初次发证",
        "本次发证",
        "生效日期",
        "有效期至",
    ]


def test_texts_are_never_markup():
    facts = snapshot(
        holder={"name_en": "<b>A & B</b> {{ x }}"}, exclusions="<img src=file:///etc/passwd>"
    )
    read = text_of(render_certificate(facts))
    assert "<b>A & B</b> {{ x }}" in read
    assert "<img src=file:///etc/passwd>" in read
