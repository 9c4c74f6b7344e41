"""Note findings during the audit, and write answers to them."""

from django.db import transaction
from django.utils.translation import gettext as _

from audits.checks.findings import EVIDENCE, draft_of, last_sent
from audits.enums import AnswerStage, AuditStatus, FindingStatus, Grade
from audits.models import Audit, Finding, FindingAnswer
from audits.rights import ON_TEAM
from audits.services.planning import held
from certification.services.numbers import next_number
from foundation import files
from foundation.models import Attachment
from foundation.models.base import subject_type
from foundation.workflow import NotAllowed, WrongState
from organisations.rights import ENTERPRISE

FACTS = ("grade", "clause", "department", "title", "requirement", "statement", "evidence")
PARTS = ("containment", "root_cause", "correction", "corrective_action", "done_by")
ANSWERABLE = {
    FindingStatus.OPEN: AnswerStage.PLAN,
    FindingStatus.PLAN_REJECTED: AnswerStage.PLAN,
    FindingStatus.PLAN_ACCEPTED: AnswerStage.EVIDENCE,
    FindingStatus.EVIDENCE_REJECTED: AnswerStage.EVIDENCE,
}
_SERIES = {
    Grade.MINOR: "NC",
    Grade.MAJOR: "NC",
    Grade.OPPORTUNITY: "OFI",
    Grade.CONFORMITY: "OK",
}


def _allow(right, actor, obj) -> None:
    access = right(actor, obj)
    if not access:
        raise NotAllowed(access.reason)


def _number(audit: Audit, grade: str) -> str:
    series = _SERIES[grade]
    return f"{series}-{next_number(scope=str(audit.pk), series=series, year=0):02}"


@transaction.atomic
def note_finding(*, audit: Audit, actor, evidence_files=(), **facts) -> Finding:
    """Note a finding of a running audit; the enterprise sees it at the closing meeting.

    Raises NotAllowed, WrongState.
    """
    _allow(ON_TEAM, actor, audit)
    fresh = held(audit, (AuditStatus.IN_PROGRESS,))
    finding = Finding.objects.create(
        audit=fresh, number=_number(fresh, facts["grade"]), raised_by=actor.user, **facts
    )
    for file in evidence_files:
        files.attach(file, finding, EVIDENCE)
    return finding


@transaction.atomic
def change_finding(*, finding: Finding, actor, evidence_files=(), **facts) -> Finding:
    """Change a finding that the enterprise has not seen; another series gives another number.

    Raises NotAllowed, WrongState.
    """
    fresh = _noted(finding, actor)
    if _SERIES[facts["grade"]] != _SERIES[fresh.grade]:
        fresh.number = _number(fresh.audit, facts["grade"])
    for name in FACTS:
        setattr(fresh, name, facts[name])
    fresh.save()
    for file in evidence_files:
        files.attach(file, fresh, EVIDENCE)
    return fresh


@transaction.atomic
def drop_finding(*, finding: Finding, actor) -> None:
    """Strike out a finding that the enterprise has not seen. Raises NotAllowed, WrongState."""
    fresh = _noted(finding, actor)
    Attachment.objects.filter(subject_type=subject_type(fresh), subject_id=fresh.pk).delete()
    fresh.delete()


def _noted(finding: Finding, actor) -> Finding:
    _allow(ON_TEAM, actor, finding)
    held(finding.audit, (AuditStatus.IN_PROGRESS,))
    return _locked(finding, (FindingStatus.NOTED,))


def _locked(finding: Finding, states) -> Finding:
    fresh = Finding._base_manager.select_for_update(of=("self",)).get(pk=finding.pk)
    if fresh.status not in states:
        raise WrongState(
            _("This can no longer be changed: the finding is now “%(state)s”.")
            % {"state": fresh.get_status_display()}
        )
    return fresh


@transaction.atomic
def save_answer(*, finding: Finding, actor, evidence_files=(), **parts) -> FindingAnswer:
    """Keep the draft of an answer; a new round begins with the words of the one before.

    Raises NotAllowed, WrongState.
    """
    _allow(ENTERPRISE, actor, finding)
    fresh = _locked(finding, ANSWERABLE)
    draft = draft_of(fresh) or begin_answer(fresh)
    for name, value in parts.items():
        setattr(draft, name, value)
    draft.save()
    for file in evidence_files:
        files.attach(file, draft, EVIDENCE)
    return draft


def begin_answer(finding: Finding) -> FindingAnswer:
    """Return a new round, not yet saved, with what was written in the last one."""
    last = last_sent(finding)
    draft = FindingAnswer(
        finding=finding,
        round=finding.answers.count() + 1,
        stage=ANSWERABLE[finding.status],
    )
    if last is not None:
        for name in PARTS:
            setattr(draft, name, getattr(last, name))
        if draft.stage == last.stage:
            draft.evidence_note = last.evidence_note
    return draft


def carry_evidence(finding: Finding, plan: FindingAnswer) -> None:
    """Begin the round of the evidence with what came along with the plan, words and files."""
    draft = begin_answer(finding)
    draft.evidence_note = plan.evidence_note
    draft.save()
    for attachment in files.attachments_of(plan, EVIDENCE):
        files.attach(attachment.file, draft, EVIDENCE)


@transaction.atomic
def drop_file(*, finding: Finding, actor, attachment: Attachment) -> None:
    """Take a file off what is not yet sent: a noted finding, the draft of an answer.

    Raises NotAllowed, WrongState.
    """
    if attachment.subject_type == subject_type(finding):
        _noted(finding, actor)
    else:
        _allow(ENTERPRISE, actor, finding)
        _locked(finding, ANSWERABLE)
    attachment.delete()
