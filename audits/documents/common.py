"""What plan and report share: parties, subject, team, and the way to PDF."""

from datetime import UTC, date, datetime

from django.utils import translation
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from audits.enums import Mode, TeamRole
from certification.documents.words import day, pair
from certification.enums import AuditKind, AuditLanguage
from foundation.canonical import canonical, digest
from foundation.documents import Column, Lines, Section, render_document
from foundation.pdf import Attached
from foundation.templatetags.pdf import both

_BREAK = mark_safe("<br>")


def languages_of(snapshot: dict) -> list[str]:
    """Return the order of the two languages: that of the audit first."""
    return ["zh", "en"] if snapshot["language"] == AuditLanguage.ZH else ["en", "zh"]


def label_of(choices, value: str):
    """Return the words of a choice in both languages, or nothing."""
    return both(choices(value).label) if value else ""


def stack(*parts):
    """Put parts below each other; empty ones leave no line."""
    return format_html_join(_BREAK, "{}", ((part,) for part in parts if part))


def texts(snapshot: dict, party: dict, stem: str):
    """Return a text that is kept in both languages."""
    return pair(party[f"{stem}_zh"], party[f"{stem}_en"], languages_of(snapshot))


def render(snapshot: dict, build, *, made_on: str, name: str) -> bytes:
    """Return a document as PDF: labels in both languages, texts as they were written.

    The digest on it is that of the facts, which are attached. Raises what render_document raises.
    """
    language = "zh-hans" if languages_of(snapshot)[0] == "zh" else "en"
    on = date.fromisoformat(made_on)
    facts = Attached(
        name=f"{name}.json",
        content=canonical(snapshot),
        description="The facts of this document, canonical JSON",
        at=datetime(on.year, on.month, on.day, tzinfo=UTC),
    )
    with translation.override(language):
        context = {
            "issuer": {
                "name_zh": snapshot["body"]["name_zh"],
                "name_en": snapshot["body"]["name_en"],
                "address": texts(snapshot, snapshot["body"], "address").first,
            },
            "reference": snapshot["number"],
            "issued_on": on,
            "digest": digest(snapshot),
            **build(snapshot),
        }
    return render_document(context=context, language=language, attachments=[facts])


def head_facts(snapshot: dict) -> list:
    """Return client, kind, standards and dates."""
    languages = languages_of(snapshot)
    ends = dict.fromkeys((snapshot["starts_on"], snapshot["ends_on"]))
    dates = stack(*(day(value, languages) for value in ends))
    return [
        (_("Client"), texts(snapshot, snapshot["client"], "name")),
        (_("Kind of audit"), label_of(AuditKind, snapshot["kind"])),
        (_("Standards"), stack(*snapshot["standards"])),
        (_("First and last day"), dates),
    ]


def subject(snapshot: dict) -> Section:
    """Return what is audited, where, how and for how long."""
    client = snapshot["client"]
    sites = [
        stack(texts(snapshot, site, "name"), texts(snapshot, site, "address"))
        for site in snapshot["sites"]
    ]
    facts = [
        (_("Case"), snapshot["case"]),
        (_("Identifier of the client"), client["identifier"]),
        (_("Address of the client"), texts(snapshot, client, "address")),
        (_("Scope"), stack(*_scope(snapshot))),
        *((_("Site"), site) for site in sites),
        (_("Objectives"), snapshot["objectives"]),
        (_("Manner"), label_of(Mode, snapshot["mode"])),
        (_("Tools of remote auditing"), snapshot["ict_tools"]),
        (_("Audit days computed"), snapshot["days"]),
        (_("Audit days planned"), snapshot["days_planned"]),
        (_("Why fewer days are planned"), snapshot["days_reason"]),
        (_("Approved by a second person of the body"), _approved_on(snapshot)),
    ]
    return Section(_("Subject"), facts=[(label, value) for label, value in facts if value])


def _approved_on(snapshot: dict):
    """Write when fewer days were approved; plans of before do not say."""
    on = snapshot.get("days_approved_on")
    return day(on, languages_of(snapshot)) if on else ""


def _scope(snapshot: dict) -> list[str]:
    return [snapshot[f"scope_{language}"] for language in languages_of(snapshot)]


def team(snapshot: dict) -> Section:
    """Return the people of the team with their registration."""
    columns = (
        Column(_("Name"), width=30),
        Column(_("Role"), width=35),
        Column(_("Registration number"), width=35),
    )
    rows = [
        (row["name"], label_of(TeamRole, row["role"]), row["registration"])
        for row in snapshot["team"]
    ]
    return Section(_("Audit team"), lines=Lines(columns, rows, numbered=False))
