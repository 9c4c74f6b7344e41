"""What a plan and a report say, frozen as plain data before anything is rendered."""

from audits.checks.report import fields_for
from audits.checks.timetable import planned_days, remote_percent
from audits.models import Audit
from foundation.canonical import plain
from schemes.models import Competence
from schemes.queries import book_of


def plan_snapshot(audit: Audit) -> dict:
    """Return the plan of an audit (contents per ISO/IEC 17021-1:2015 9.2.3.2)."""
    items = list(audit.plan.select_related("member"))
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
    findings = audit.findings.select_related("clause__edition").order_by("number")
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
            "attendance": [
                {
                    "meeting": row.meeting,
                    "name": row.name,
                    "function": row.function,
                    "of_team": row.of_team,
                }
                for row in audit.attendance.all()
            ],
            "findings": [
                {
                    "number": finding.number,
                    "grade": finding.grade,
                    "edition": str(finding.clause.edition),
                    "clause": finding.clause.number,
                    "clause_zh": finding.clause.title_zh,
                    "clause_en": finding.clause.title_en,
                    "title": finding.title,
                    "department": finding.department,
                    "requirement": finding.requirement,
                    "statement": finding.statement,
                    "evidence": finding.evidence,
                    "due_on": finding.due_on,
                }
                for finding in findings
            ],
        }
    )


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
    on = audit.starts_on or audit.created_at.date()
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
