"""What the closing meeting sets in motion."""

from audits.enums import NONCONFORMITIES
from audits.flows.findings import FINDING_FLOW
from certification.enums import Moment
from certification.services import evaluations
from foundation.actor import SYSTEM
from foundation.workflow import perform


def show_findings(audit) -> None:
    """Open the nonconformities to the enterprise; what needs no answer is done with."""
    for finding in audit.findings.filter(shown_at=None):
        perform(FINDING_FLOW, finding, "show" if finding.is_nonconformity else "conclude", SYSTEM)


def to_answer(audit) -> int:
    """Count the nonconformities the enterprise has to answer."""
    return audit.findings.filter(grade__in=NONCONFORMITIES).count()


def ask_for_evaluation(audit) -> None:
    """Ask the enterprise how it found the audit."""
    evaluations.ask(case=audit.case, moment=Moment.AUDIT, subject_id=audit.pk)
