"""A page that carries its style sheets: the hash in the policy is that of the text in the page."""

import base64
import hashlib
import re

import pytest
from csp.middleware import CSPMiddleware
from django.http import HttpResponse
from django.template import Context, Template
from django.test import RequestFactory

from foundation.inline_css import inline_css, inline_styles, minify

SHEETS = ("css/tokens.css", "css/public.css")


def answer(view):
    request = RequestFactory().get("/c/x/")
    return CSPMiddleware(view)(request)


@inline_styles(*SHEETS)
def page(request):
    return HttpResponse(
        Template("{% load portal_ui %}{% inline_styles %}").render(Context({"request": request}))
    )


def test_policy_allows_exactly_the_text_in_the_page():
    response = answer(page)
    text = re.fullmatch(r"<style>(.*)</style>", response.content.decode(), re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    policy = dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))
    assert policy["style-src"] == f"'self' 'sha256-{digest}'"


def test_other_pages_keep_the_strict_policy():
    response = answer(lambda request: HttpResponse())
    assert "sha256" not in response["Content-Security-Policy"]


def test_minify_drops_comments_and_blanks_only():
    css = """/* note */
.a, .b {
  color: red;
  content: "a b";
}
.c > .d { margin: calc(1px + 2px); }
"""
    assert minify(css) == '.a,.b{color:red;content:"a b"}.c>.d{margin:calc(1px + 2px)}'


def test_public_sheets_are_small_and_ask_for_nothing():
    text, _source = inline_css(*SHEETS)
    assert len(text) < 22_000
    assert re.findall(r"url\((?!\"data:)", text) == []
    assert "@import" not in text


def test_missing_sheet_is_named():
    with pytest.raises(FileNotFoundError, match=r"css/none\.css"):
        inline_css("css/none.css")
