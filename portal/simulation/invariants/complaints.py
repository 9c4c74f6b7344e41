"""Complaints and appeals: in the hands of people who took no part in the matter."""

from audits.models import AuditMember, FindingAnswer
from certification.models import Application, Complaint, Decision
from portal.simulation.watch import Broken, Look, invariant

# Named to it, and doing it.
_NAMED = ("complaint.admit", "complaint.name_handler")
_DOES = ("complaint.report", "complaint.decide", "complaint.send_back")


@invariant("whoever handles or decides a complaint took no part (ISO/IEC 17021-1 9.7, 9.8)")
def handlers_are_independent(look: Look):
    """Recompute who audited, judged, reviewed or decided in the case before, and whom it names."""
    for entry in look.entries:
        if entry.verb not in _NAMED + _DOES:
            continue
        complaint = Complaint.objects.get(pk=entry.subject_id)
        user = complaint.handler_id if entry.verb in _NAMED else entry.user_id
        for part in _parts(complaint, user, entry.at):
            yield Broken(complaint, f"{entry.verb}: took part: {part}")


def _parts(complaint, user, at):
    if complaint.subject_id == user:
        yield "it is about this person"
    if complaint.case_id is not None:
        yield from _parts_in_case(complaint.case_id, user, at)
    rows = Application.objects.filter(pk=complaint.application_id, reviewer=user)
    if rows.exists():
        yield "review of the application"


def _parts_in_case(case, user, at):
    audited = AuditMember.objects.filter(audit__case=case, user=user, audit__opened_at__lt=at)
    if audited.exists():
        yield "audit"
    judged = FindingAnswer.objects.filter(
        finding__audit__case=case, judged_by=user, judged_at__lt=at
    )
    if judged.exists():
        yield "judgement"
    if Decision.objects.filter(case=case, decided_by=user, created_at__lt=at).exists():
        yield "decision"
