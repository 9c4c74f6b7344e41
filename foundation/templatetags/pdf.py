"""Filters of printed documents."""

from django import template
from django.utils import translation
from django.utils.functional import Promise
from django.utils.html import format_html

register = template.Library()

_TAGS = {"en": "en", "zh-hans": "zh-Hans"}


def _language() -> str:
    return "zh-hans" if (translation.get_language() or "").startswith("zh") else "en"


@register.filter
def both(label):
    """Write a label in the reader's language and, smaller, in the other one.

    Only lazy translations have another language: `{{ _("Reference")|both }}` in a template,
    gettext_lazy in Python. Anything else is written as it is.
    """
    if not isinstance(label, Promise):
        return label
    here = _language()
    there = "en" if here == "zh-hans" else "zh-hans"
    first = str(label)
    with translation.override(there):
        second = str(label)
    if first == second:
        return first
    return format_html('{} <span class="second" lang="{}">{}</span>', first, _TAGS[there], second)


@register.filter
def language_tag(language):
    """Return the tag of a language as `lang` attributes and PDF readers know it."""
    return _TAGS[language]


@register.filter
def in_language(mapping, name):
    """Return `name_zh` or `name_en` of a mapping, whichever the reader's language asks for."""
    first, second = (
        (f"{name}_zh", f"{name}_en") if _language() == "zh-hans" else (f"{name}_en", f"{name}_zh")
    )
    return mapping.get(first) or mapping.get(second) or ""


@register.filter
def in_other_language(mapping, name):
    """Return the same in the other language, empty when there is only one."""
    shown = in_language(mapping, name)
    texts = [mapping.get(f"{name}_zh"), mapping.get(f"{name}_en")]
    return next((text for text in texts if text and text != shown), "")
