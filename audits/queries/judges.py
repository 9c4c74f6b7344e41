"""Who can be named to judge the answers to a finding, and whether it is disputed."""

from audits.checks.team import Bench
from audits.enums import NONCONFORMITIES, FindingStatus
from certification.models import Complaint
from certification.models.complaints import UNDECIDED
from certification.services.decisions import deciders
from organisations.enums import Role


def possible_judges(finding) -> list:
    """Return the impartial auditors of the body who did not decide in the present cycle.

    Whoever decided may not be involved in the same cycle (ISO/IEC 17021-1:2015 9.5.1); nobody
    judges whose interests forbid a place on the team (5.2).
    """
    audit, case = finding.audit, finding.audit.case
    decided = deciders(case.pk, case.cycle)
    people = [one for one in audit.body.people(Role.AUDITOR) if one.pk not in decided]
    bench = Bench(audit, people)
    return [person for person in people if not any(bench.conflicts(person))]


def is_disputed(finding) -> bool:
    """Tell whether an appeal against the finding is not decided yet."""
    return Complaint.objects.filter(matter_id=finding.pk, status__in=UNDECIDED).exists()


def can_be_disputed(finding) -> bool:
    """Tell whether an enterprise may appeal against a finding: one it was shown, not closed."""
    return (
        finding.shown_at is not None
        and finding.grade in NONCONFORMITIES
        and finding.status != FindingStatus.CLOSED
    )
