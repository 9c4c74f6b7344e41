"""Markup with values in it, for what is written hundreds of times in a page."""

from html import escape
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString


def markup(pattern: str, *values: Any) -> SafeString:
    """Fill the ``{}`` of a pattern with escaped values, as Django's ``format_html`` does.

    Takes a third of its time, which counts in the cells of a list: no value passes through the
    wrapper that looks for lazy words in every call.
    """
    return SafeString(pattern.format(*map(escaped, values)))


def escaped(value: Any) -> str:
    """Return a value as markup: what is markup already stays as it is."""
    if type(value) is str:
        return escape(value)
    if isinstance(value, Promise):
        value = str(value)
    if hasattr(value, "__html__"):
        return value.__html__()
    return escape(str(value))
