"""Who can be named to judge the answers to a finding."""

from audits.checks.team import Bench
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
