"""Every source that the shipped rules name can be read in both languages."""

import re

from django.utils.translation import override

from schemes.sources import WORDED, source_words
from tests.schemes.shipped import CATALOGUE

REFERENCE = re.compile(r"(?:ISO/IEC|IAF MD|CNCA-)[\w /.:-]*\d")
NAMED = {row["source"] for rows in (CATALOGUE.rules, CATALOGUE.bands, CATALOGUE.factors)
         for row in rows}  # fmt: skip


def test_the_words_are_those_of_the_data():
    assert {source for source in NAMED if not REFERENCE.fullmatch(source)} == set(WORDED)


def test_each_reads_in_chinese():
    with override("zh-hans"):
        assert [one for one in WORDED if not re.search("[一-鿿]", source_words(one))] == []
        assert source_words("IAF MD 5:2019 2.2.3") == "IAF MD 5:2019 2.2.3"
    with override("en"):
        assert source_words("IAF MD 5:2019, audit day") == "IAF MD 5:2019, audit day"


def test_no_source_reads_as_nothing():
    with override("zh-hans"):
        assert source_words("") == ""
