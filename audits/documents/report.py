"""The audit report (contents per ISO/IEC 17021-1:2015 9.4.8.2)."""

from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from audits.documents.common import (
    head_facts,
    label_of,
    languages_of,
    render,
    stack,
    subject,
    team,
)
from audits.enums import (
    NONCONFORMITIES,
    ON_ACTIONS,
    Conclusion,
    Grade,
    Meeting,
    TeamRole,
    Verdict,
    Verification,
)
from audits.models import AuditReport
from certification.documents.words import day, pair
from certification.enums import Recommendation
from foundation.documents import Column, Lines, Section, Signature
from foundation.templatetags.pdf import both

_CONCLUSIONS = (
    "conforms",
    "effective",
    "scope_fits",
    "objectives_met",
    "internal_audit_ok",
    "marks_controlled",
)


def report_pdf(snapshot: dict) -> bytes:
    """Return the report as PDF; raises what render_document raises."""
    return render(snapshot, build_context, made_on=snapshot["submitted_on"], name="report")


def build_context(snapshot: dict) -> dict:
    """Return title, facts and sections of a report."""
    answers = snapshot["answers"]
    facts = [
        *head_facts(snapshot),
        (_("Version"), snapshot["version"]),
        (_("Recommendation"), label_of(Recommendation, answers["recommendation"])),
    ]
    return {
        "title": _("Audit report"),
        "facts": facts,
        "sections": [
            _summary(answers),
            subject(snapshot),
            team(snapshot),
            _course(snapshot),
            *_coverage(snapshot),
            *_findings(snapshot),
            *_earlier(snapshot),
            *_checklist(snapshot),
            _conclusions(answers),
        ],
        "signatures": [
            Signature(
                _("Leader of the audit team"),
                snapshot["submitted_by"],
                str(day(snapshot["submitted_on"], languages_of(snapshot)).first),
            )
        ],
        "closing": _(
            "An audit is based on samples of the information available; not finding a "
            "nonconformity does not mean that there is none. The certification body owns this "
            "report and keeps it confidential."
        ),
    }


def _label(name: str):
    return both(capfirst(AuditReport._meta.get_field(name).verbose_name))


def _summary(answers: dict) -> Section:
    return Section(_("Summary"), paragraphs=answers["summary"].split("\n"))


def _course(snapshot: dict) -> Section:
    answers = snapshot["answers"]
    names = ("deviations", "issues", "changes", "unresolved", "previous_findings")
    facts = [
        (_("Audit days held"), snapshot["days_held"]),
        *((_people(snapshot, meeting)) for meeting in Meeting),
        *((_label(name), answers[name]) for name in names if answers.get(name)),
    ]
    if snapshot["remote_percent"] or answers.get("remote_statement"):
        share = f"{snapshot['remote_percent']} %"
        facts.append((_("Share of remote time"), share))
        facts.append((_label("remote_statement"), answers.get("remote_statement", "")))
    if snapshot["disagreement"]:
        facts.append((_("Diverging opinions"), snapshot["disagreement"]))
    return Section(_("Course of the audit"), facts=facts)


def _people(snapshot: dict, meeting: str):
    rows = [row for row in snapshot["attendance"] if row["meeting"] == meeting]
    names = [
        format_html(
            "{} ({})",
            row["name"],
            label_of(TeamRole, row["function"]) if row["of_team"] else row["function"],
        )
        if row["function"]
        else row["name"]
        for row in rows
    ]
    return Meeting(meeting).label, stack(*names)


def _findings(snapshot: dict):
    findings = snapshot["findings"]
    languages = languages_of(snapshot)
    columns = (
        Column(_("Grade"), width=60),
        Column(_("Number of findings"), figures=True, width=40),
    )
    counts = [
        (both(grade.label), sum(row["grade"] == grade for row in findings)) for grade in Grade
    ]
    yield Section(_("Findings"), lines=Lines(columns, counts, numbered=False))
    for row in findings:
        clause = pair(row["clause_zh"], row["clause_en"], languages)
        facts = [
            (_("Grade"), label_of(Grade, row["grade"])),
            (_("Clause"), format_html("{} {} {}", row["edition"], row["clause"], clause)),
            (_("Department or process"), _place(row, languages)),
            (_("Requirement"), row["requirement"]),
            (_("Statement"), row["statement"]),
            (_("Objective evidence"), row["evidence"]),
        ]
        if row["grade"] in NONCONFORMITIES and row["due_on"]:
            facts.append((_("Answer due"), day(row["due_on"], languages)))
        heading = f"{row['number']} {row['title']}"
        yield Section(heading, facts=[(label, value) for label, value in facts if value])


def _place(row: dict, languages):
    """Return department and site of a finding; reports of earlier releases name no site."""
    if not row.get("site_zh") and not row.get("site_en"):
        return row["department"]
    return stack(row["department"], pair(row["site_zh"], row["site_en"], languages))


def _coverage(snapshot: dict):
    """Say of each standard how much of it was looked at and what was not, with the reason."""
    facts = []
    for row in snapshot.get("coverage", ()):
        if row["required"]:
            facts.append((row["edition"], f"{row['seen']} / {row['required']}"))
        if row["unseen"]:
            facts.append((_("Nobody looked at"), ", ".join(row["unseen"])))
    reason = snapshot["answers"].get("not_audited")
    if reason:
        facts.append((_label("not_audited"), reason))
    if facts:
        yield Section(_("Clauses covered"), facts=facts)


def _on_actions(verdict: str):
    """Return what was said of the actions on an earlier nonconformity, in both languages."""
    if not verdict:
        return ""
    return both(ON_ACTIONS.get(verdict, Verdict(verdict).label))


def _earlier(snapshot: dict):
    rows = [
        (
            f"{row['audit']} {row['number']} {row['title']}",
            label_of(Verification, row["verification"]),
            stack(_on_actions(row["verdict"]), row["note"]),
        )
        for row in snapshot.get("earlier", ())
    ]
    if rows:
        columns = (
            Column(_("Nonconformity of an earlier audit"), width=40),
            Column(_("Verification"), width=20),
            Column(_("What was seen"), width=40),
        )
        yield Section(_("From earlier audits"), lines=Lines(columns, rows, numbered=False))


def _checklist(snapshot: dict):
    """Return what was looked at, question by question: clause, place, verdict, evidence."""
    languages = languages_of(snapshot)
    rows = []
    for row in snapshot.get("checklist", ()):
        site = pair(row["site_zh"], row["site_en"], languages)
        place = stack(site if row["site_zh"] or row["site_en"] else "", row["department"])
        clauses = stack(*(f"{name} {', '.join(n)}" for name, n in row["clauses"].items()))
        question = pair(row["question_zh"], row["question_en"], languages)
        seen = stack(label_of(Verdict, row["verdict"]), row["note"], ", ".join(row["findings"]))
        rows.append((clauses, stack(question, place), seen))
    if rows:
        columns = (
            Column(_("Clauses"), width=18),
            Column(_("What was asked, and where"), width=44),
            Column(_("Verdict and evidence"), width=38),
        )
        yield Section(_("Checklist"), lines=Lines(columns, rows, numbered=False))


def _conclusions(answers: dict) -> Section:
    facts = [
        (_label(name), label_of(Conclusion, answers[name]))
        for name in _CONCLUSIONS
        if name in answers
    ]
    if answers.get("concerns"):
        facts.append((_label("concerns"), answers["concerns"]))
    facts.append((_label("recommendation"), label_of(Recommendation, answers["recommendation"])))
    return Section(_("Conclusions"), facts=facts)
