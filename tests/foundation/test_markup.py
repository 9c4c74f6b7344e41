"""Values in markup: escaped as Django's format_html does, whatever they are."""

import pytest
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, gettext_lazy, override

from foundation.markup import kept, markup

VALUES = ["<b>&\"'", mark_safe("<b>"), gettext_lazy("Due today"), 7, None, "", ["<"]]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_is_written_as_format_html_writes_it(value):
    written = markup('<a title="{}">{}</a>', value, value)
    assert written == format_html('<a title="{}">{}</a>', value, value)
    assert hasattr(written, "__html__")


def test_what_is_kept_is_written_once_for_each_value_and_language():
    asked = []

    @kept
    def words(name):
        asked.append(name)
        return f"{gettext('Due today')} {name}"

    for language in ("en", "zh-hans", "en"):
        with override(language):
            words("A"), words("B"), words("A")
    with override("zh-hans"):
        assert words("A") == "今天截止 A"
    with override("en"):
        assert words("A") == "Due today A"
    assert asked == ["A", "B", "A", "B"]
