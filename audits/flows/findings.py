"""The life of a finding: noted, shown, answered, verified."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audits.checks.findings import (
    answer_blockers,
    draft_of,
    evidence_blockers,
    last_sent,
    verifiable,
)
from audits.enums import FindingStatus, Grade
from audits.models import Finding
from audits.rights import ON_TEAM
from audits.services.outcomes import report_outcome
from audits.services.telling import client_people, tell
from foundation.access import IS_SYSTEM
from foundation.workflow import REASON, Flow, Transition
from organisations.rights import ENTERPRISE
from schemes.queries import book_of

DUE_RULE = {Grade.MINOR: "minor_due_days", Grade.MAJOR: "major_due_days"}


def show(finding, actor, **data):
    """Give the enterprise its time to answer, counted from the closing meeting."""
    limit = book_of(finding.audit.case.rule_set).limit(DUE_RULE[finding.grade])
    finding.shown_at = timezone.now()
    finding.due_on = limit.last_day(timezone.localdate())
    finding.save(update_fields=["shown_at", "due_on", "changed_at"])
    return {"number": finding.number, "due_on": finding.due_on.isoformat()}


def conclude(finding, actor, **data):
    finding.shown_at = finding.closed_at = timezone.now()
    finding.save(update_fields=["shown_at", "closed_at", "changed_at"])
    return {"number": finding.number}


def _send(finding, actor, kind):
    draft = draft_of(finding)
    draft.sent_by, draft.sent_at = actor.user, timezone.now()
    draft.save(update_fields=["sent_by", "sent_at", "changed_at"])
    team = [finding.audit.lead, finding.raised_by]
    tell(kind, finding.audit, team, url=finding.get_absolute_url(), **_words(finding))
    return _touch(finding, actor, round=draft.round)


def send_answer(finding, actor, **data):
    return _send(finding, actor, "answered")


def send_evidence(finding, actor, **data):
    return _send(finding, actor, "evidence_sent")


def _words(finding) -> dict:
    return {"finding": finding.number, "title": finding.title}


def _judge(finding, actor, kind, *, accepted, words=""):
    answer = last_sent(finding)
    if answer is not None and answer.accepted is None:
        answer.judged_by, answer.judged_at = actor.user, timezone.now()
        answer.accepted, answer.judgement = accepted, words
        answer.save(update_fields=["judged_by", "judged_at", "accepted", "judgement", "changed_at"])
    tell(
        kind,
        finding.audit,
        client_people(finding.audit),
        url=finding.get_absolute_url(),
        reason=words,
        **_words(finding),
    )
    return answer


def _touch(finding, actor, **facts):
    """Say when it last moved, pass the new counts down to the case, name it in the journal."""
    finding.save(update_fields=["changed_at"])
    report_outcome(finding.audit, actor)
    return {"number": finding.number, **facts}


def accept_plan(finding, actor, note="", **data):
    """A minor is due when its actions are; a major keeps the date of its evidence."""
    answer = _judge(finding, actor, "plan_accepted", accepted=True, words=note)
    if finding.grade == Grade.MINOR and answer.done_by:
        finding.due_on = answer.done_by
        finding.save(update_fields=["due_on"])
    return _touch(finding, actor, round=answer.round)


def reject_answer(finding, actor, reason, **data):
    answer = _judge(finding, actor, "answer_rejected", accepted=False, words=reason)
    return _touch(finding, actor, round=answer.round)


def verify(finding, actor, note="", **data):
    _judge(finding, actor, "finding_closed", accepted=True, words=note)
    finding.closed_at = timezone.now()
    finding.save(update_fields=["closed_at"])
    return _touch(finding, actor)


_VERIFY = {
    "action": "verify",
    "target": FindingStatus.CLOSED,
    "right": ON_TEAM,
    "title": _("Verify and close"),
    "task": _("Check the evidence"),
    "past": _("Nonconformity verified and closed"),
    "explain": _("By accepting you confirm that the evidence shows the actions to be effective."),
    "guards": (verifiable,),
    "effect": verify,
}

FINDING_FLOW = Flow(
    name="finding",
    title=_("Finding"),
    model=Finding,
    states=FindingStatus,
    related=("audit__case", "audit__enterprise"),
    asked=("audit__members",),
    tags={
        FindingStatus.NOTED: "draft",
        FindingStatus.OPEN: "problem",
        FindingStatus.ANSWERED: "waiting",
        FindingStatus.PLAN_REJECTED: "problem",
        FindingStatus.PLAN_ACCEPTED: "info",
        FindingStatus.EVIDENCE: "waiting",
        FindingStatus.EVIDENCE_REJECTED: "problem",
        FindingStatus.CLOSED: "closed",
    },
    transitions=(
        Transition(
            action="show",
            sources=(FindingStatus.NOTED,),
            target=FindingStatus.OPEN,
            right=IS_SYSTEM,
            title=_("Show to the enterprise"),
            past=_("Nonconformity shown to the enterprise"),
            effect=show,
            awaited=False,
        ),
        Transition(
            action="conclude",
            sources=(FindingStatus.NOTED,),
            target=FindingStatus.CLOSED,
            right=IS_SYSTEM,
            title=_("Record"),
            past=_("Observation recorded"),
            effect=conclude,
            awaited=False,
        ),
        Transition(
            action="answer",
            sources=(FindingStatus.OPEN, FindingStatus.PLAN_REJECTED),
            target=FindingStatus.ANSWERED,
            right=ENTERPRISE,
            title=_("Send the answer"),
            task=_("Answer the nonconformity"),
            past=_("Nonconformity answered"),
            explain=_("The auditor judges cause and actions. You are told the result."),
            guards=(answer_blockers,),
            effect=send_answer,
        ),
        Transition(
            action="accept_plan",
            sources=(FindingStatus.ANSWERED,),
            target=FindingStatus.PLAN_ACCEPTED,
            right=ON_TEAM,
            title=_("Accept the plan"),
            task=_("Judge the answer"),
            past=_("Plan of corrective action accepted"),
            explain=_(
                "By accepting you confirm that cause and actions are convincing. "
                "The enterprise carries them out."
            ),
            effect=accept_plan,
        ),
        Transition(
            action="reject_plan",
            sources=(FindingStatus.ANSWERED,),
            target=FindingStatus.PLAN_REJECTED,
            right=ON_TEAM,
            title=_("Reject the answer"),
            past=_("Answer rejected"),
            explain=_("The enterprise answers again; this round stays on record."),
            requires=(REASON,),
            effect=reject_answer,
        ),
        Transition(
            action="submit_evidence",
            sources=(FindingStatus.PLAN_ACCEPTED, FindingStatus.EVIDENCE_REJECTED),
            target=FindingStatus.EVIDENCE,
            right=ENTERPRISE,
            title=_("Send the evidence"),
            past=_("Evidence sent"),
            explain=_("The auditor checks whether the actions were effective."),
            guards=(evidence_blockers,),
            effect=send_evidence,
        ),
        Transition(sources=(FindingStatus.EVIDENCE,), **_VERIFY),
        # Evidence may have come with the plan; nobody is expected to act, the enterprise is.
        Transition(sources=(FindingStatus.PLAN_ACCEPTED,), awaited=False, **_VERIFY),
        Transition(
            action="reject_evidence",
            sources=(FindingStatus.EVIDENCE,),
            target=FindingStatus.EVIDENCE_REJECTED,
            right=ON_TEAM,
            title=_("Reject the evidence"),
            past=_("Evidence rejected"),
            explain=_("The enterprise sends other evidence; this round stays on record."),
            requires=(REASON,),
            effect=reject_answer,
        ),
    ),
)
