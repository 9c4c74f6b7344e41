"""Values in markup: escaped as Django's format_html does, whatever they are."""

import pytest
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from foundation.markup import markup

VALUES = ["<b>&\"'", mark_safe("<b>"), gettext_lazy("Due today"), 7, None, "", ["<"]]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_is_written_as_format_html_writes_it(value):
    written = markup('<a title="{}">{}</a>', value, value)
    assert written == format_html('<a title="{}">{}</a>', value, value)
    assert hasattr(written, "__html__")
