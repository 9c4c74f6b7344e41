"""What a report must contain before it is submitted (ISO/IEC 17021-1:2015 9.4.8)."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from audits.checks.timetable import SURVEILLANCE, WHOLE
from audits.enums import FindingStatus, Grade
from audits.queries.checklists import items_of
from audits.queries.coverage import audited_of, gaps
from certification.enums import AuditKind, Recommendation
from foundation.workflow import Blocker

STAGE_1_RECOMMENDATIONS = (Recommendation.READY, Recommendation.NOT_READY)
# Part of the report for every kind of audit, in the order of the page.
COMMON = (
    "summary",
    "deviations",
    "issues",
    "unresolved",
    "objectives_met",
    "scope_fits",
    "internal_audit_ok",
    "recommendation",
)
CONFORMITY = ("conforms", "effective")
LATER = ("changes", "previous_findings", "marks_controlled")


def fields_for(audit) -> tuple[str, ...]:
    """Return the fields that the report of this audit has to fill."""
    fields = list(COMMON)
    if audit.kind == AuditKind.STAGE_1:
        fields.insert(1, "concerns")
    else:
        fields[-1:-1] = CONFORMITY
    if audit.kind in (*SURVEILLANCE, AuditKind.RECERTIFICATION):
        fields[3:3] = LATER
    if audit.kind in (*WHOLE, *SURVEILLANCE):
        fields.insert(2, "not_audited")
    if audit.is_remote:
        fields.insert(2, "remote_statement")
    return tuple(fields)


def recommendations_for(audit) -> list[tuple[str, str]]:
    """Return the recommendations this kind of audit can end with, as choices."""
    first = audit.kind == AuditKind.STAGE_1
    return [(r.value, r.label) for r in Recommendation if (r in STAGE_1_RECOMMENDATIONS) == first]


def report_blockers(audit, actor=None, data=None, covered=None):
    """Yield everything the report lacks; ``covered`` spares reading the checklist again."""
    url = reverse("audits:report", args=[audit.pk])
    report = getattr(audit, "report", None)
    if report is None:
        yield Blocker(_("The report is not written yet."), url)
        return
    unseen = gaps(audited_of(audit, items_of(audit)) if covered is None else covered)
    for name in fields_for(audit):
        if name == "not_audited":
            if unseen and not report.not_audited:
                yield _unexplained(unseen, url)
        elif not getattr(report, name):
            label = report._meta.get_field(name).verbose_name
            yield Blocker(
                _("Missing in the report: %(part)s.") % {"part": label}, f"{url}#div_id_{name}"
            )
    majors = audit.findings.filter(grade=Grade.MAJOR).exclude(status=FindingStatus.CLOSED)
    if report.recommendation == Recommendation.CERTIFY and majors.exists():
        yield Blocker(
            _("A major nonconformity is open; the recommendation cannot be unconditional."),
            f"{url}#div_id_recommendation",
        )


def _unexplained(unseen: dict, url: str) -> Blocker:
    """Say which clauses nobody looked at and no word explains (9.4.8.2 f, g)."""
    words = "; ".join(f"{edition}: {', '.join(numbers)}" for edition, numbers in unseen.items())
    return Blocker(
        _("Nobody looked at %(clauses)s; the report has to say why.") % {"clauses": words},
        f"{url}#div_id_not_audited",
    )


@dataclass(frozen=True)
class Content:
    """One of the contents that a report has to have (ISO/IEC 17021-1:2015 9.4.8.2)."""

    letter: str
    label: str
    is_there: bool
    url: str


def contents_of(audit, items, covered) -> list[Content]:
    """Return the contents of 9.4.8.2 a) to r) that this audit calls for, and which are there."""
    url = reverse("audits:report", args=[audit.pk])
    report = getattr(audit, "report", None)
    people = any(not row.of_team for row in audit.attendance.all())
    looked = all(item.verdict for item in items if item.earlier)
    explained = not gaps(covered) or bool(report and report.not_audited)
    rows = (
        ("a", _("Certification body"), True, ""),
        ("b", _("Client and who spoke for it"), people, ""),
        ("c", _("Kind of audit"), True, ""),
        ("d", _("Criteria: standards and their editions"), True, ""),
        ("e", _("Objectives"), bool(audit.objectives), ""),
        ("f", _("Scope, places and processes audited, and when"), explained, "not_audited"),
        ("g", _("Deviations from the plan and their reasons"), None, "deviations"),
        ("h", _("Significant issues for the programme"), None, "issues"),
        ("i", _("Audit team and who came along"), True, ""),
        ("j", _("Dates and places of the audit"), audit.starts_on is not None, ""),
        ("k", _("Findings, evidence and conclusions"), None, "summary"),
        ("l", _("Significant changes since the last audit"), None, "changes"),
        ("m", _("Unresolved issues"), None, "unresolved"),
        ("n", _("Whether it was combined or integrated"), True, ""),
        ("o", _("That an audit is based on samples"), True, ""),
        ("p", _("Recommendation of the team"), None, "recommendation"),
        ("q", _("Use of certificate and marks"), None, "marks_controlled"),
        ("r", _("Whether earlier findings were resolved"), looked, "previous_findings"),
    )
    called = fields_for(audit)
    found = []
    for letter, label, known, name in rows:
        if name and name not in called and name != "not_audited":
            continue
        written = bool(report and getattr(report, name)) if name in called else True
        is_there = (True if known is None else known) and (written or name == "not_audited")
        found.append(Content(letter, label, is_there, f"{url}#div_id_{name}" if name else ""))
    return found
