"""Tell the people of an audit what happened."""

from audits.enums import BINDING
from audits.models import Audit
from certification.services.decisions import deciders
from foundation import notices
from organisations.enums import Role


def client_people(audit: Audit) -> list:
    """Return the people of the enterprise."""
    return audit.enterprise.people(Role.OWNER, Role.MEMBER)


def planners(audit: Audit) -> list:
    return audit.body.people(Role.PLANNER)


def second_people(audit: Audit, first) -> list:
    """Return who could approve fewer days that ``first`` planned: managers and reviewers."""
    team = {member.user_id for member in audit.members.all()}
    people = audit.body.people(Role.MANAGER, Role.REVIEWER)
    return [one for one in people if one.pk != first.pk and one.pk not in team]


def team_people(audit: Audit) -> list:
    return [member.user for member in audit.members.select_related("user")]


def judges(finding) -> list:
    """Return who judges the answers to a finding: who still audits for the body and may.

    The leader and who raised it; whoever was named for it; the leaders of later audits.
    """
    audit = finding.audit
    later = audit.case.audits.filter(created_at__gt=audit.created_at, status__in=BINDING)
    people = [audit.lead, finding.raised_by, finding.judge, *[row.lead for row in later]]
    case, there = audit.case, set(audit.body.people(Role.AUDITOR))
    decided = deciders(case.pk, case.cycle)
    return [one for one in dict.fromkeys(people) if one in there and one.pk not in decided]


def everyone(audit: Audit) -> list:
    """Return all who have to be there, and who planned it."""
    return [*client_people(audit), *team_people(audit), *planners(audit)]


def tell(kind: str, audit: Audit, to, *, url: str = "", **facts) -> None:
    """Send a notice about an audit; number and names of the parties come by themselves."""
    notices.notify(
        f"audits.{kind}",
        to=to,
        obj=audit,
        url=url or audit.get_absolute_url(),
        number=audit.number,
        client_zh=audit.enterprise.name_zh,
        client_en=audit.enterprise.name_en,
        body_zh=audit.body.name_zh,
        body_en=audit.body.name_en,
        **facts,
    )
