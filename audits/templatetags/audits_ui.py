"""What the pages of audits draw."""

from django import template

from audits.enums import Verdict

register = template.Library()

_TAGS = {
    "": "draft",
    Verdict.CONFORM: "closed",
    Verdict.OPPORTUNITY: "info",
    Verdict.MINOR: "waiting",
    Verdict.MAJOR: "problem",
    Verdict.NOT_APPLICABLE: "cancelled",
    Verdict.NOT_AUDITED: "suspended",
}


@register.filter
def shares(tally, total):
    """Lay the counts of verdicts end to end, in hundredths of the whole, as plain numbers."""
    at, parts = 0.0, []
    for verdict, _label, count in tally:
        width = 100 * count / total if total else 0
        if width:
            parts.append({"verdict": verdict, "x": f"{at:.2f}", "width": f"{width:.2f}"})
        at += width
    return parts


@register.filter
def verdict_tag(verdict):
    """Name the kind of tag that a verdict is shown with."""
    return _TAGS[verdict]
