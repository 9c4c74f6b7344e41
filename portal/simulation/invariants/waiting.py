"""Nothing waits for nobody: people, a date or a job, each record that is not at its end has one."""

from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from audits.enums import OVER
from audits.models import Audit
from certification.enums import (
    About,
    ApplicationStatus,
    CaseStatus,
    CertificateStatus,
    ComplaintStatus,
    Conclusion,
    DecisionKind,
)  # fmt: skip
from certification.models import Complaint
from foundation import work
from foundation.checkup import CHECKS
from foundation.models import GivenReminder, Job, WorkItem
from foundation.models.jobs import JobState
from foundation.workflow import FLOWS
from portal.simulation.watch import Broken, Look, invariant

_PATIENCE = 3
# Reasons of the doctor about the machine, not about the records.
_MACHINE = {"database.durable"}


def _works(rows):
    """Leave out what stands on somebody's desk."""
    return rows.exclude(pk__in=WorkItem.objects.exclude(people=None).values("subject_id"))


def _story_goes_on(rows, case=""):
    """Leave out cases in whose story somebody has something to do, or an audit is to be held."""
    busy = WorkItem.objects.exclude(people=None).values("thread")
    held = Audit.objects.exclude(status__in=OVER).values("case")
    within = f"{case}__" if case else ""
    return rows.exclude(**{f"{within}thread__in": busy}).exclude(**{f"{within}pk__in": held})


def _audit_in_vain(rows):
    """Return the reported changes whose audit is decided on, gone or on nobody's desk."""
    over = Q(item=None) | Q(item__outcomes__decision__isnull=False)
    return (rows.filter(over) | _story_goes_on(rows, "case")).distinct()


def _application_in_vain(rows):
    """Return the reported changes whose application nobody is to begin or to send."""
    return _works(rows.exclude(application__status=ApplicationStatus.DRAFT))


def _appealed_in_vain(rows):
    """Return the refusals that an appeal overturned and that nobody is to take up again."""
    upheld = Complaint.objects.filter(
        status=ComplaintStatus.DECIDED, matter_kind=DecisionKind.REFUSE, settled_at=None,
        about=About.DECISION, conclusion__in=(Conclusion.UPHELD, Conclusion.PARTLY),
    )  # fmt: skip
    return _works(rows.filter(pk__in=upheld.values("case")))


# What states wait for that no person is expected to move: each returns the rows that wait in vain.
ELSE = {
    ("application", "offered"): _works,
    ("case", "auditing"): lambda rows: _story_goes_on(rows.filter(open_question="")),
    ("case", "certified"): lambda rows: rows.exclude(
        certificates__status__in=(
            CertificateStatus.VALID,
            CertificateStatus.SUSPENDED,
            CertificateStatus.ISSUING,
            CertificateStatus.EXPIRED,
        )
    ),
    ("case", "refused"): _appealed_in_vain,
    ("certificate", "issuing"): lambda rows: rows.filter(created_at__lt=_a_while_ago()),
    ("certificate", "valid"): lambda rows: rows.filter(expires_on__lt=timezone.localdate()),
    ("certificate", "expired"): lambda rows: rows.none(),
    ("revision", "issuing"): lambda rows: rows.filter(created_at__lt=_a_while_ago()),
    ("revision", "issued"): lambda rows: rows.none(),
    ("change", "audit"): _audit_in_vain,
    ("change", "application"): _application_in_vain,
    ("finding", "noted"): lambda rows: rows.filter(audit__status__in=OVER).exclude(
        audit__status="aborted"
    ),
    ("complaint", "closed"): lambda rows: rows.none(),
    ("complaint", "not_admitted"): lambda rows: rows.none(),
    ("complaint", "withdrawn"): lambda rows: rows.none(),
    ("evaluation", "asked"): lambda rows: rows.none(),
    ("evaluation", "given"): lambda rows: rows.none(),
    ("evaluation", "replied"): lambda rows: rows.none(),
    ("competence", "approved"): lambda rows: rows.none(),
    ("competence", "suspended"): lambda rows: rows.none(),
    ("audit", "completed"): lambda rows: rows.none(),
    # Waits for the cases of the enterprise that ends; the night after the last completes it.
    ("merger", "agreed"): lambda rows: rows.none(),
    ("body", "approved"): lambda rows: rows.none(),
    ("body", "suspended"): lambda rows: rows.none(),
    ("body", "refused"): lambda rows: rows.none(),
}


def _a_while_ago():
    return timezone.now() - timedelta(days=_PATIENCE)


def _ends(flow) -> set[str]:
    """Return the states that nothing leads out of."""
    return set(flow.states.values) - {s for row in flow.transitions for s in row.sources}


@invariant("nothing waits for nobody")
def nobody_waits_in_vain(look: Look):
    """Each record that is not at its end is on a desk, or a date or a job moves it on."""
    if not look.whole and look.today.weekday() != 0:
        return
    for flow in FLOWS.values():
        for state in flow.states.values:
            if state in _ends(flow):
                continue
            rows = flow.model._base_manager.filter(**{flow.status_field: state})
            stuck = ELSE.get((flow.name, state), _works)(rows)
            for row in stuck[:5]:
                if getattr(row, "is_open", True) and not _is_over(row):
                    yield Broken(row, f"is “{state}” and waits for nobody")


def _is_over(row) -> bool:
    """Tell whether its case has ended, so that nothing of it goes on."""
    case = getattr(row, "case", None) or getattr(getattr(row, "audit", None), "case", None)
    return case is not None and case.status in (CaseStatus.REFUSED, CaseStatus.ENDED)


@invariant("who is waited for is up to date")
def work_is_up_to_date(look: Look):
    """Compare the rows of work with the states of what they are about."""
    for label, pk, status in WorkItem.objects.values_list("subject_type", "subject_id", "status"):
        told = look.memory.states.get(pk)
        if told is not None and told != status:
            yield Broken(f"{label} {pk}", f"on a desk as “{status}”, is “{told}”")


@invariant("no job failed, none that is due is left")
def jobs_are_done(look: Look):
    """All jobs of a day are done in the evening."""
    late = Q(state=JobState.QUEUED, run_at__lte=timezone.now())
    for job in Job.objects.filter(Q(state=JobState.FAILED) | late)[:5]:
        yield Broken(job, f"{job.kind} is {job.state}: {job.error}")


@invariant("every reminder is given once", daily=False)
def reminders_are_given_once(look: Look):
    """No line of reminders twice for one record, date and step."""
    rows = GivenReminder.objects.order_by().values("key", "subject_id", "date", "step")
    for row in rows.annotate(count=Count("pk")).filter(count__gt=1):
        yield Broken(str(row["subject_id"]), f"{row['key']} given {row['count']} times")


@invariant("the doctor finds nothing", daily=False)
def doctor_is_content(look: Look):
    """Ask what the doctor asks every night about the records."""
    for check in CHECKS.values():
        if check.slow or check.operating or check.name in _MACHINE:
            continue
        for finding in check.find():
            if finding.level == "error":
                yield Broken(finding.record or check.name, f"{check.name}: {finding.text}")


@invariant("what waits for whom can be made anew from the records", daily=False)
def work_can_be_rebuilt(look: Look):
    """Rebuild it as every night, then compare."""
    work.rebuild()
    for line in work.stale():
        yield Broken(line, "other work than the rows tell")
