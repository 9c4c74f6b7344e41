"""Cases: opened by a signed contract, moved by what audits report."""

from django.db import transaction
from django.utils import timezone

from certification.enums import ApplicationKind, CaseStatus, Moment, Part, SpecialPurpose
from certification.flows.cases import CASE_FLOW
from certification.models import Application, AuditOutcome, Case, Involvement
from certification.services import programme
from certification.services.evaluations import ask
from certification.services.numbers import next_number
from certification.services.outcomes import count_appeals
from foundation.actor import SYSTEM
from foundation.canonical import plain
from foundation.workflow import perform
from schemes.queries import rule_set_for

_COLUMNS = frozenset(
    {
        "last_day",
        "recommendation",
        "report_reviewed",
        "open_majors",
        "minors_without_plan",
        "unexplained_anomalies",
        "competence_gaps",
        "open_appeals",
        "days_computed",
        "days_held",
        "url",
    }
)
_CONTINUING = (
    ApplicationKind.RECERTIFICATION,
    ApplicationKind.EXTENSION,
    ApplicationKind.CHANGE,
)

# A certified case goes on also while a decision on its last audit is due.
CARRIED_ON = (CaseStatus.CERTIFIED, CaseStatus.DECIDING)

_PURPOSES = {
    ApplicationKind.EXTENSION: SpecialPurpose.EXTENSION,
    ApplicationKind.CHANGE: SpecialPurpose.CHANGE,
}


@transaction.atomic
def open_case(*, application: Application, offer, actor) -> Case:
    """Open the case of a signed contract, with the audit programme of its cycle.

    Recertification, extension and change go on in the case of the present certificate when this
    body issued it; otherwise a case begins. Sets ``application.case``.
    """
    today = timezone.localdate()
    case = present_case(application, CARRIED_ON)
    if case is None:
        case = Case.objects.create(
            number=f"C-{today.year}-{_next(today.year):04}",
            enterprise=application.enterprise,
            body=application.body,
            thread=application.journal_thread,
            rule_set=rule_set_for(application.enterprise.country, today),
        )
        programme.plan_case(case, offer.calculation, application, today=today)
    elif application.kind == ApplicationKind.RECERTIFICATION:
        programme.replan_recertification(case, offer.calculation)
    else:
        programme.plan_special(
            case=case,
            purpose=_PURPOSES[application.kind],
            reason="",
            days=offer.calculation.total_days,
            window_from=today,
            window_to=None,
        )
    application.case = case
    application.save(update_fields=["case", "changed_at"])
    if application.reviewer is not None:
        record_involvement(case=case, user=application.reviewer, part=Part.REVIEW)
    if case.status == CaseStatus.AUDITING and not programme.first_audits(application):
        # The review alone is what the decision rests on (IAF MD 2).
        case.refresh_from_db()
        perform(CASE_FLOW, case, "report", SYSTEM)
    return case


def _next(year: int) -> int:
    return next_number(scope="portal", series="C", year=year)


def present_case(application: Application, states=(CaseStatus.CERTIFIED,)) -> Case | None:
    """Return the case an application continues, by its certificate or else by its schemes."""
    if application.kind not in _CONTINUING:
        return None
    cases = Case.objects.filter(
        enterprise=application.enterprise, body=application.body, status__in=states
    ).order_by("-created_at")
    schemes = application.schemes.values("scheme")
    return (
        cases.filter(certificates__number=application.previous_number).first()
        or cases.filter(certificates__scheme__in=schemes).first()
    )


def record_involvement(*, case: Case, user, part: str) -> Involvement:
    """Note that a person worked in the present cycle of a case, so may not decide on it.

    Noting it twice changes nothing. The database refuses it for somebody who decided in this
    cycle already (ISO/IEC 17021-1:2015 9.5.1).
    """
    row, _created = Involvement.objects.get_or_create(
        case=case, cycle=case.cycle, user=user, part=part
    )
    return row


@transaction.atomic
def record_outcome(
    *, case: Case, audit_id, kind: str, actor, item=None, hand_over: bool = True, **facts
) -> AuditOutcome:
    """Keep what an audit reports; call it again whenever one of the facts changes.

    Known facts are the columns of AuditOutcome; the others are kept in its ``facts``, where the
    decision desk shows these: ``number``, ``starts_on``, ``team`` (names), ``time_reason`` (why
    less time was held than computed), ``summary``, ``report_url``, ``report_sha256``,
    ``findings`` (list of ``number, grade, title, status, url``). ``item`` is the audit of the
    programme that was held.
    Once a decisive audit has its report reviewed, the case waits for a decision; without
    ``hand_over`` it stays where it is, as when the calendar alone changed a fact.
    """
    if facts.get("report_reviewed") and kind in programme.DECISIVE:
        ask(case=case, moment=Moment.AUDIT, subject_id=audit_id)
    columns = {name: value for name, value in facts.items() if name in _COLUMNS}
    others = {name: value for name, value in facts.items() if name not in _COLUMNS}
    outcome, created = AuditOutcome.objects.get_or_create(
        audit_id=audit_id,
        defaults={"case": case, "cycle": case.cycle, "kind": kind, "item": item},
    )
    for name, value in columns.items():
        setattr(outcome, name, value)
    outcome.facts = outcome.facts | plain(others)
    outcome.save(update_fields=[*columns, "facts", "changed_at"])
    if created:
        count_appeals(audit_id)
    if outcome.report_reviewed and outcome.last_day:
        programme.audit_done(
            case, cycle=outcome.cycle, kind=kind, on=outcome.last_day, item=outcome.item
        )
    case.refresh_from_db()
    if hand_over and _waits_for_decision(case, outcome):
        perform(CASE_FLOW, case, "report", SYSTEM)
    return outcome


def _waits_for_decision(case: Case, outcome: AuditOutcome) -> bool:
    return (
        outcome.kind in programme.DECISIVE
        and outcome.report_reviewed
        and outcome.decision_id is None
        and case.status in (CaseStatus.AUDITING, CaseStatus.CERTIFIED)
    )
