"""The tokens keep their contrast in both themes (WCAG 2.2, 1.4.3 and 1.4.11; AAA for status)."""

import re
from pathlib import Path

import pytest
from django.conf import settings

SHEET = (Path(settings.BASE_DIR) / "static" / "css" / "tokens.css").read_text("utf-8")
STATUSES = ("valid", "suspended", "withdrawn", "expired", "cancelled", "reduced", "info")
PAIRS = [
    ("ink", "paper", 7),
    ("ink", "surface", 7),
    ("ink2", "surface", 7),
    ("ink2", "paper", 4.5),
    ("ink3", "surface", 4.5),
    ("ink3", "paper", 4.5),
    ("ink3", "sunken", 4.5),
    ("link", "surface", 4.5),
    ("link", "paper", 4.5),
    ("on-brand", "brand", 4.5),
    ("on-brand", "brand-hover", 4.5),
    ("brand-ink", "brand-tint", 4.5),
    ("gold", "surface", 4.5),
    ("focus", "surface", 3),
    ("focus", "paper", 3),
    ("line-strong", "surface", 3),
    ("line-strong", "paper", 3),
]
for _name in STATUSES:
    PAIRS += [
        (f"{_name}-ink", f"{_name}-tint", 7),
        ("ink2", f"{_name}-tint", 4.5),
        (_name, "surface", 4.5),
        ("surface", _name, 4.5),
        (_name, "paper", 3),
    ]


def tokens(theme):
    block = re.search(rf'\n *\[data-bs-theme="{theme}"\] {{(.*?)\n *}}', SHEET, re.DOTALL).group(1)
    return dict(re.findall(r"--cp-([\w-]+): (#[0-9a-f]+);", block))


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pairs_of_tokens_have_enough_contrast(theme):
    colours = tokens(theme)
    weak = []
    for ink, ground, least in PAIRS:
        light, dark = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)
        ratio = (light + 0.05) / (dark + 0.05)
        if ratio < least:
            weak.append((ink, ground, round(ratio, 2)))
    assert weak == []


def test_dark_theme_is_the_same_by_choice_and_by_device():
    device = SHEET[SHEET.index("@media screen and (prefers-color-scheme: dark)") :]
    by_device = re.search(r":not\(.*?\) {(.*?)\n  }", device, re.DOTALL).group(1)
    assert dict(re.findall(r"--cp-([\w-]+): (#[0-9a-f]+);", by_device)) == tokens("dark")
