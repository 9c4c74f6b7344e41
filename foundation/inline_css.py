"""Style sheets written into the page, allowed by their hash: a page that is one single request."""

import base64
import hashlib
import re
from functools import lru_cache, wraps

from django.contrib.staticfiles import finders

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s+")
_AROUND = re.compile(r"\s*([{};,>])\s*")
_AFTER_COLON = re.compile(r":\s+")


def minify(css: str) -> str:
    """Drop comments and needless blanks; strings in our sheets hold no braces."""
    css = _SPACE.sub(" ", _COMMENT.sub("", css))
    css = _AFTER_COLON.sub(":", _AROUND.sub(r"\1", css))
    return css.replace(";}", "}").strip()


@lru_cache(maxsize=8)
def inline_css(*paths: str) -> tuple[str, str]:
    """Return (the sheets as one text, its CSP source); read once in a process.

    Raises FileNotFoundError for a sheet that is not among the static files.
    """
    texts = []
    for path in paths:
        found = finders.find(path)
        if not found:
            raise FileNotFoundError(path)
        with open(found, encoding="utf-8") as sheet:  # noqa: PTH123 -- a finder gives a str
            texts.append(minify(sheet.read()))
    text = "".join(texts)
    return text, f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def inline_styles(*paths: str):
    """Let a view's page carry these sheets inside ``<style>``, by ``{% inline_styles %}``."""

    def decorate(view):
        @wraps(view)
        def wrapper(request, *args, **kwargs):
            text, source = inline_css(*paths)
            request.inline_css = text
            response = view(request, *args, **kwargs)
            update = getattr(response, "_csp_update", None) or {}
            response._csp_update = {  # noqa: SLF001 -- where django-csp 4 looks for it
                **update,
                "style-src": [*update.get("style-src", []), source],
            }
            return response

        return wrapper

    return decorate
