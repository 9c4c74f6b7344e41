"""Plain documents: one page for offers, plans, reports, receipts and records."""

import io
from datetime import date

import pikepdf
import pytest
from django.utils.translation import gettext_lazy, override

from foundation.documents import (
    Column,
    Lines,
    Section,
    Signature,
    document_html,
    render_document,
)
from foundation.pdf import Attached, RenderingError
from foundation.templatetags.pdf import both, in_language, in_other_language
from tests.pdftools import DAY, fonts_of, pages_of, text_of, words_of

DIGEST = "0d2ea898046bc1aa759a1d19ed236a814bad54c273beff6285a788b209ee3329"
REFERENCE = gettext_lazy("Reference")


def lines(count):
    return Lines(
        columns=[
            Column("Item"),
            Column("Days", figures=True, width=15),
            Column("Amount", True, 25),
        ],
        rows=[
            [f"Stage {number}x", f"{number}.5", f"CNY {number * 1000:,}.00"]
            for number in range(count)
        ],
        totals=[["Total", "", "CNY 12,345.00"]],
    )


def context(**changes):
    return {
        "issuer": {
            "name_zh": "华臻认证有限公司",
            "name_en": "Huazhen Certification Co., Ltd.",
            "address": "北京市示例区样本大街 1 号",
        },
        "title": "Offer",
        "reference": "OF-2026-000123",
        "issued_on": date(2026, 3, 16),
        "facts": [
            ("Client", "宁波蓝海精密机械有限公司\nNingbo Lanhai"),
            ("Standard", "ISO 9001:2015"),
        ],
        "sections": [
            Section(
                "Audit time", paragraphs=["Computed <b>line</b> by line."], items=["62 persons"]
            ),
            Section("Fees", lines=lines(3)),
        ],
        "signatures": [
            Signature("For the body", "郑明"),
            Signature("For the client", note="unsigned"),
        ],
        "digest": DIGEST,
        "address": "https://portal.example/offers/1",
        **changes,
    }


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_document_shows_what_it_was_given(language):
    result = render_document(context=context(), language=language)
    read = text_of(result)
    for text in (
        *("华臻认证有限公司", "Huazhen Certification Co., Ltd.", "OF-2026-000123", "Client"),
        *("宁波蓝海精密机械有限公司", "Computed <b>line</b> by line.", "62 persons", "Stage 2x"),
        *("CNY 12,345.00", "郑明", "unsigned", DIGEST, "https://portal.example/offers/1"),
    ):
        assert text in read, text
    assert {(font.embedded, font.unicode) for font in fonts_of(result)} == {("yes", "yes")}
    with pikepdf.open(io.BytesIO(result)) as document:
        assert str(document.docinfo.CreationDate) == "D:20260316"
        assert str(document.Root.Lang) == {"en": "en", "zh-hans": "zh-Hans"}[language]


def test_the_same_context_gives_the_same_bytes():
    first, second = (render_document(context=context(), language="en") for _ in range(2))
    assert first == second


def test_labels_stand_in_both_languages():
    with override("zh-hans"):
        assert both(REFERENCE) == '编号 <span class="second" lang="en">Reference</span>'
    with override("en"):
        assert both(REFERENCE) == 'Reference <span class="second" lang="zh-Hans">编号</span>'
        assert both("Reference") == "Reference"
        assert both(12) == 12


def test_names_follow_the_reader_and_fall_back():
    names = {"name_zh": "甲", "name_en": "A"}
    with override("zh-hans"):
        assert (in_language(names, "name"), in_other_language(names, "name")) == ("甲", "A")
        assert (
            in_language({"name_en": "A"}, "name"),
            in_other_language({"name_en": "A"}, "name"),
        ) == (
            "A",
            "",
        )
    with override("en"):
        assert (in_language(names, "name"), in_other_language(names, "name")) == ("A", "甲")


def test_the_page_is_numbered_in_the_readers_language():
    sections = [Section("Fees", lines=lines(60))]
    english = render_document(context=context(sections=sections), language="en")
    chinese = render_document(context=context(sections=sections), language="zh-hans")
    pages = pages_of(english)
    assert pages > 1
    for number in range(1, pages + 1):
        assert f"Page {number} of {pages}" in text_of(english, page=number)
        assert f"第 {number} 页，共 {pages} 页" in text_of(chinese, page=number)
        assert DIGEST in text_of(english, page=number)
        assert "OF-2026-000123" in text_of(english, page=number)


def test_long_tables_flow_and_repeat_their_head():
    result = render_document(
        context=context(sections=[Section("Fees", lines=lines(80))]), language="en"
    )
    read = text_of(result)
    assert [read.count(f"Stage {number}x") for number in range(80)] == [1] * 80
    assert read.count("Amount") == pages_of(result)


def test_figures_stand_under_each_other():
    result = render_document(
        context=context(sections=[Section("Fees", lines=lines(12))]), language="en"
    )
    ends = {round(word.right, 1) for word in words_of(result, 1) if word.text.endswith(".00")}
    assert len(ends) == 1


def test_every_row_of_lines_has_its_cells():
    with pytest.raises(ValueError, match="one cell for each column"):
        Lines(columns=[Column("A"), Column("B")], rows=[["x"]])


def test_texts_are_escaped():
    html = document_html("foundation/pdf/document.html", context(title="<script>"), language="en")
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_character_without_a_glyph_is_named():
    with pytest.raises(RenderingError, match="No font draws \U0001f600"):
        render_document(context=context(title="Offer \U0001f600"), language="en")


def test_files_are_attached():
    facts = Attached("offer.json", b'{"a":1}', "Facts", DAY)
    result = render_document(context=context(), language="en", attachments=[facts])
    with pikepdf.open(io.BytesIO(result)) as document:
        assert document.attachments["offer.json"].get_file().read_bytes() == b'{"a":1}'
