"""What our fonts draw and how wide it is."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from foundation import glyphs


@pytest.fixture
def forgotten():
    """Read the facts of the fonts anew, before and after."""
    for cache in (glyphs._facts, glyphs._starts):
        cache.cache_clear()
    yield
    for cache in (glyphs._facts, glyphs._starts):
        cache.cache_clear()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "宁波蓝海精密机械有限公司",
        "䶮𬭎㛃𠮷囍喆堃珺",
        "Brennholm & Søndergaard Präzisionstechnik GmbH (Nr. 12) “A”, €5",
        "一行\n另一行\t尾",
    ],
)
def test_names_can_be_drawn(text):
    assert glyphs.missing(text) == []


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("有限公司\U0001f600", ["\U0001f600"]),
        ("नमa नम", ["न", "म"]),
        ("A\u202eB", ["\u202e"]),
        ("x\x00y", ["\x00"]),
        ("\ue000", ["\ue000"]),
        ("شركة", ["ش", "ر", "ك", "ة"]),
    ],
)
def test_characters_without_a_glyph_are_named_once_in_order(text, lacking):
    assert glyphs.missing(text) == lacking


def test_widths_are_those_of_the_font():
    assert glyphs.advance("中文", "Portal Serif Bold") == 2
    assert glyphs.advance("i", "Portal Serif Bold") < glyphs.advance("m", "Portal Serif Bold")
    assert glyphs.advance("䶮", "Portal Sans Regular") == 1


@pytest.mark.parametrize(
    ("text", "width", "count"),
    [
        ("中" * 10, 100, 1),
        ("中" * 11, 100, 2),
        ("中" * 30, 100, 3),
        ("word " * 4, 1000, 1),
        ("", 100, 1),
    ],
)
def test_lines_are_counted_as_they_break(text, width, count):
    assert glyphs.lines(text, "Portal Sans Regular", 10, width) == count


def test_words_are_not_split():
    width = glyphs.advance("certification", "Portal Sans Regular") * 10 + 1
    assert glyphs.lines("certification certification", "Portal Sans Regular", 10, width) == 2
    assert glyphs.lines("certification of", "Portal Sans Regular", 10, width) == 2


def test_missing_fonts_are_named_with_the_remedy(tmp_path, settings, forgotten):
    settings.FONT_DIR = tmp_path
    with pytest.raises(ImproperlyConfigured, match=r"PORTAL_FONT_DIR.*script/build_fonts\.py"):
        glyphs.missing("x")


def test_fonts_that_are_there_are_not_made_again(tmp_path):
    folder = tmp_path / "fonts"
    shutil.copytree(settings.FONT_DIR, folder, ignore=shutil.ignore_patterns("cache"))
    before = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.ttf")}
    command = [sys.executable, settings.BASE_DIR / "script" / "build_fonts.py"]
    environment = os.environ | {"PORTAL_FONT_DIR": str(folder)}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert run.stdout == f"{folder}: up to date\n"
    assert {path.name: path.stat().st_mtime_ns for path in folder.glob("*.ttf")} == before
    facts = json.loads((folder / "fonts.json").read_text(encoding="utf-8"))
    assert facts["files"].keys() == before.keys()
    assert f"<glob>{folder}/*.ttf</glob>" in (folder / "fonts.conf").read_text()
