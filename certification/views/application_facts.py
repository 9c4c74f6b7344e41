"""The facts of an application as the summary list shows them."""

from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from certification.queries.snapshots import Row, sections
from certification.questions import address
from foundation.formatting import size


def fact_groups(snapshot: dict, application=None, back: str = "") -> list[dict]:
    """Return the sections of a snapshot for the summary list.

    With an application each fact has a Change link to the place of its question.
    """
    return [
        {
            "id": section.step.slug,
            "title": section.step.title,
            "facts": [_fact(row, application, back) for row in section.rows],
        }
        for section in sections(snapshot)
    ]


def _fact(row: Row, application, back: str) -> dict:
    return {
        "label": row.label,
        "value": _value(row),
        "sub": row.sub,
        "url": address(application, row.field, back) if application else "",
    }


def _value(row: Row):
    if row.files:
        return format_html_join(mark_safe("<br>"), "{}", ((_link(file),) for file in row.files))
    if "\n" in str(row.value):
        return linebreaksbr(row.value)
    return row.value


def _link(file: dict):
    return format_html(
        '<a href="{}">{}</a> <span class="xs quiet nw">{}</span>',
        reverse("foundation:file", args=[file["id"]]),
        file["name"],
        size(file["size"]),
    )
