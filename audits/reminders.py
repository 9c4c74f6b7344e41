"""The dates of audits and findings somebody is reminded of: what, until which state, whom.

How many days before stands in the rule sets (schemes/data/rules), with edition and source.
"""

from audits.enums import WITH_CLIENT, AuditStatus
from audits.models import Audit, Finding, FindingExtension
from audits.queries.programme import waiting
from audits.services.telling import client_people, everyone, judges, planners, tell
from certification.enums import LIVE
from certification.models import ProgrammeItem
from certification.reminders import OF_CASE
from certification.services.telling import tell_body
from foundation.notices import in_both
from foundation.reminders import Reminder, register
from organisations.enums import Role
from schemes.queries.reminders import by_rule_set

_PARTIES = ("case", "enterprise", "body")


def _audits(status):
    return Audit.objects.filter(status=status).select_related(*_PARTIES)


def _findings():
    rows = Finding.objects.filter(status__in=WITH_CLIENT, audit__case__status__in=LIVE)
    return rows.select_related("audit__case", "audit__enterprise", "audit__body")


def _requests():
    """Return the requests for more time that nobody has answered: they hold up what follows."""
    rows = FindingExtension.objects.filter(
        answered_at=None,
        finding__status__in=WITH_CLIENT,
        finding__audit__case__status__in=LIVE,
    )
    return rows.select_related(
        "finding__audit__case", "finding__audit__enterprise", "finding__audit__body"
    )


def _to_plan():
    return waiting(ProgrammeItem.objects.all()).select_related("case__enterprise", "case__body")


def _tell_of_limit(finding, facts):
    audit = finding.audit
    url = finding.get_absolute_url()
    facts = facts | {"finding": finding.number, "title": finding.title}
    tell("finding_due", audit, client_people(audit), url=url, **facts)


def _tell_of_request(request, facts):
    finding = request.finding
    people = judges(finding) or planners(finding.audit)
    facts = facts | {"finding": finding.number, "title": finding.title}
    tell("extension_waiting", finding.audit, people, url=finding.get_absolute_url(), **facts)


def _tell_to_confirm(audit, facts):
    tell("unconfirmed", audit, audit.enterprise.people(Role.OWNER), **facts)


def _tell_of_begin(audit, facts):
    tell("soon", audit, everyone(audit), **facts)


def _tell_of_window(item, facts):
    facts = facts | in_both("kind", lambda row: row.get_kind_display(), item)
    tell_body("programme.closing", item.case, Role.PLANNER, **facts)


register(
    Reminder(
        key="audits.finding_due",
        rows=_findings,
        date="due_on",
        steps=by_rule_set(
            "audit__case__rule_set",
            before="finding_reminder_working_days",
            after="finding_overdue_reminder_working_days",
        ),
        tell=_tell_of_limit,
    )
)
register(
    Reminder(
        key="audits.extension_waiting",
        rows=_requests,
        date="due_before",
        steps=by_rule_set(
            "finding__audit__case__rule_set",
            before="finding_reminder_working_days",
            after="finding_overdue_reminder_working_days",
        ),
        tell=_tell_of_request,
    )
)
register(
    Reminder(
        key="audits.unconfirmed",
        rows=lambda: _audits(AuditStatus.PROPOSED),
        date="starts_on",
        steps=by_rule_set(OF_CASE, before="confirmation_reminder_working_days"),
        tell=_tell_to_confirm,
    )
)
register(
    Reminder(
        key="audits.soon",
        rows=lambda: _audits(AuditStatus.CONFIRMED),
        date="starts_on",
        steps=by_rule_set(OF_CASE, before="audit_reminder_days"),
        tell=_tell_of_begin,
    )
)
register(
    Reminder(
        key="programme.closing",
        rows=_to_plan,
        date="window_to",
        steps=by_rule_set(OF_CASE, before="reminder_days"),
        tell=_tell_of_window,
    )
)
