"""The audit plan (contents per ISO/IEC 17021-1:2015 9.2.3.2)."""

from itertools import groupby

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from audits.documents.common import head_facts, label_of, languages_of, render, subject, team
from audits.enums import Activity
from certification.documents.words import day
from foundation.documents import Column, Lines, Section
from foundation.templatetags.pdf import both


def plan_pdf(snapshot: dict, made_on: str) -> bytes:
    """Return the plan as PDF; raises what render_document raises."""
    return render(snapshot, build_context, made_on=made_on, name="plan")


def build_context(snapshot: dict) -> dict:
    """Return title, facts and sections of a plan."""
    closing = [(_("Clauses not audited, and why"), snapshot["uncovered_reason"])]
    sections = [subject(snapshot), team(snapshot), *_days(snapshot)]
    if snapshot["uncovered_reason"]:
        sections.append(Section(_("Remarks"), facts=closing))
    return {
        "title": _("Audit plan"),
        "facts": head_facts(snapshot),
        "sections": sections,
        "closing": _(
            "The client may object to members of the team or to the dates. Information obtained in "
            "the audit is confidential."
        ),
    }


def _days(snapshot: dict):
    columns = (
        Column(_("Time"), width=15),
        Column(_("Activity, department or process"), width=35),
        Column(_("Clauses"), width=25),
        Column(_("Auditor"), width=25),
    )
    for on, lines in groupby(snapshot["lines"], key=lambda line: line["day"]):
        rows = [
            (
                f"{line['from']}–{line['to']}",
                _activity(line),
                line["clauses"],
                line["person"] or both(_("The whole team")),
            )
            for line in lines
        ]
        heading = format_html("{}", day(on, languages_of(snapshot)))
        yield Section(heading, lines=Lines(columns, rows, numbered=False))


def _activity(line: dict):
    words = line["department"] or label_of(Activity, line["activity"])
    if line.get("site"):  # plans confirmed earlier name none
        words = format_html("{} · {}", words, line["site"])
    return format_html("{} ({})", words, both(_("remote"))) if line["remote"] else words
