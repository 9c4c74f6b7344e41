"""What a plan and a report say, frozen as plain data before anything is rendered."""

from django.utils import timezone

from audits.checks.days import deviation_of
from audits.checks.report import fields_for
from audits.checks.timetable import planned_days, remote_percent
from audits.models import Audit
from audits.queries.checklists import items_of
from audits.queries.coverage import audited_of
from foundation.canonical import plain
from schemes.models import Competence
from schemes.queries import book_of


def plan_snapshot(audit: Audit) -> dict:
    """Return the plan of an audit (contents per ISO/IEC 17021-1:2015 9.2.3.2)."""
    items = list(audit.plan.select_related("member", "site"))
    hours = int(book_of(audit.case.rule_set).value("audit_hours_per_day"))
    return plain(
        {
            **_common(audit, items),
            "days_on_timetable": planned_days(audit, items, hours),
            "uncovered_reason": audit.uncovered_reason,
            "lines": [
                {
                    "day": item.day,
                    "from": f"{item.starts_at:%H:%M}",
                    "to": f"{item.ends_at:%H:%M}",
                    "activity": item.activity,
                    "site": item.site.name if item.site else "",
                    "department": item.department,
                    "clauses": item.clauses,
                    "person": item.member.name if item.member else "",
                    "remote": item.remote,
                }
                for item in items
            ],
        }
    )


def report_snapshot(audit: Audit) -> dict:
    """Return the report of an audit (contents per ISO/IEC 17021-1:2015 9.4.8.2)."""
    report = audit.report
    findings = audit.findings.select_related("clause__edition", "site").order_by("number")
    items = items_of(audit)
    return plain(
        {
            **_common(audit, list(audit.plan.all())),
            "version": report.version,
            "submitted_on": report.submitted_at.date(),
            "submitted_by": report.submitted_by.name,
            "opened_at": audit.opened_at,
            "closed_at": audit.closed_at,
            "days_held": audit.days_held,
            "disagreement": audit.disagreement,
            "answers": {name: getattr(report, name) for name in fields_for(audit)},
            "attendance": [_attendance(row) for row in audit.attendance.all()],
            "findings": [_finding(finding) for finding in findings],
            "checklist": [_item(item) for item in items if item.verdict and not item.earlier],
            "earlier": [_earlier(item) for item in items if item.earlier],
            "coverage": [
                {
                    "edition": str(row.edition),
                    "required": row.required,
                    "seen": row.seen,
                    "unplanned": row.unplanned,
                    "unseen": row.unseen,
                }
                for row in audited_of(audit, items)
            ],
        }
    )


def _attendance(row) -> dict:
    return {
        "meeting": row.meeting,
        "name": row.name,
        "function": row.function,
        "of_team": row.of_team,
    }


def _finding(finding) -> dict:
    return {
        "number": finding.number,
        "grade": finding.grade,
        "edition": str(finding.clause.edition),
        "clause": finding.clause.number,
        "clause_zh": finding.clause.title_zh,
        "clause_en": finding.clause.title_en,
        "title": finding.title,
        "site_zh": finding.site.name_zh if finding.site else "",
        "site_en": finding.site.name_en if finding.site else "",
        "department": finding.department,
        "requirement": finding.requirement,
        "statement": finding.statement,
        "evidence": finding.evidence,
        "due_on": finding.due_on,
    }


def _item(item) -> dict:
    """Return what was looked at, where, by whom, with the words of the question as asked."""
    return {
        "clauses": {str(edition): numbers for edition, numbers in item.clauses},
        "question_zh": item.question.text_zh,
        "question_en": item.question.text_en,
        "site_zh": item.site.name_zh if item.site else "",
        "site_en": item.site.name_en if item.site else "",
        "department": item.department,
        "verdict": item.verdict,
        "note": item.last.note,
        "by": item.last.answered_by.name,
        "findings": [finding.number for finding in item.findings],
    }


def _earlier(item) -> dict:
    """Return what became of a nonconformity of an earlier audit (9.4.8.2 r)."""
    return {
        "number": item.earlier.number,
        "audit": item.earlier.audit.number,
        "title": item.earlier.title,
        "verification": item.earlier.verification,
        "status": item.earlier.status,
        "verdict": item.verdict,
        "note": item.last.note if item.last else "",
    }


def _common(audit, items) -> dict:
    application = audit.case.application
    registration = registration_numbers(audit)
    return {
        "number": audit.number,
        "case": audit.case.number,
        "kind": audit.kind,
        "mode": audit.mode,
        "language": audit.language,
        "starts_on": audit.starts_on,
        "ends_on": audit.ends_on,
        "days": audit.days,
        "days_planned": audit.days_planned,
        "days_reason": audit.days_reason,
        "days_approved_on": _approved_on(audit),
        "objectives": audit.objectives,
        "ict_tools": audit.ict_tools if audit.is_remote else "",
        "remote_percent": remote_percent(items),
        "client": _party(audit.enterprise),
        "body": _party(audit.body),
        "scope_zh": application.scope_zh,
        "scope_en": application.scope_en,
        "standards": [edition.designations(audit.starts_on) for edition in audit.editions.all()],
        "sites": [
            {
                "name_zh": site.name_zh,
                "name_en": site.name_en,
                "address_zh": site.address_zh,
                "address_en": site.address_en,
            }
            for site in audit.sites.all()
        ],
        "team": [
            {
                "name": member.user.name,
                "role": member.role,
                "registration": registration.get(member.user_id, ""),
            }
            for member in audit.members.select_related("user")
        ],
    }


def _approved_on(audit):
    """Return when a second person approved fewer days than computed, or None."""
    found = deviation_of(audit)
    return timezone.localdate(found.judged_at) if found and found.approved else None


def _party(organisation) -> dict:
    return {
        "name_zh": organisation.name_zh,
        "name_en": organisation.name_en,
        "identifier": organisation.identifier,
        "address_zh": organisation.address_zh,
        "address_en": organisation.address_en,
    }


def registration_numbers(audit) -> dict:
    """Map the members of a team to their registration number for the standards audited."""
    on = audit.starts_on or timezone.localdate(audit.created_at)
    schemes = [edition.scheme_id for edition in audit.editions.all()]
    people = [member.user_id for member in audit.members.all()]
    rows = Competence.objects.in_force(on).filter(
        body_id=audit.body_id, user__in=people, scheme__in=schemes
    )
    found: dict = {}
    for row in rows.order_by("scheme__position", "role"):
        if row.registration_number:
            found.setdefault(row.user_id, row.registration_number)
    return found
