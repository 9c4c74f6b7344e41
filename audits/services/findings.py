"""Note findings during the audit, and write answers to them."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audits.checks.findings import EVIDENCE, draft_of, last_sent
from audits.enums import AnswerStage, AuditStatus, FindingStatus, Grade
from audits.models import Audit, Finding, FindingAnswer, KeptText
from audits.rights import ON_TEAM
from audits.services.planning import held
from certification.services.numbers import next_number
from foundation import files
from foundation.models import Attachment
from foundation.models.base import subject_type
from foundation.workflow import NotAllowed, StaleState, WrongState
from organisations.rights import ENTERPRISE

FACTS = ("grade", "clause", "site", "department", "title", "requirement", "statement", "evidence")
WHYS = ("why_1", "why_2", "why_3", "why_4", "why_5")
PARTS = ("containment", "whys", "root_cause", "correction", "corrective_action", "done_by")
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
        setattr(fresh, name, facts.get(name, getattr(fresh, name)))
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
def save_answer(
    *, finding: Finding, actor, evidence_files=(), seen: dict | None = None, **parts
) -> FindingAnswer:
    """Keep the draft of an answer; a new round begins with the words of the one before.

    ``seen`` tells of each part which revision the writer had read. What was written over an older
    one is kept beside the answer (``kept`` of what is returned names those parts) and overwrites
    nothing; without ``seen`` the parts are set as they come. Raises NotAllowed, WrongState.
    """
    _allow(ENTERPRISE, actor, finding)
    fresh = _locked(finding, ANSWERABLE)
    draft = draft_of(fresh) or begin_answer(fresh)
    beside = {}
    for name, value in parts.items():
        if part_of(draft, name) == value:
            continue
        known = revision_of(draft, name)
        if seen is not None and seen.get(name, 0) != known:
            beside[name] = value
            continue
        _set_part(draft, name, value)
        draft.revisions[name] = {
            "rev": known + 1,
            "by": actor.user.name,
            "at": timezone.now().isoformat(),
        }
    draft.save()
    for name, value in beside.items():
        KeptText.objects.update_or_create(
            answer=draft,
            part=name,
            written_by=actor.user,
            settled_at=None,
            defaults={"text": "" if value is None else str(value)},
        )
    for file in evidence_files:
        files.attach(file, draft, EVIDENCE)
    draft.kept = tuple(beside)
    return draft


def revision_of(answer: FindingAnswer, part: str) -> int:
    """Return how often a part was written; 0 for one nobody has touched."""
    return answer.revisions.get(part, {}).get("rev", 0)


def part_of(answer: FindingAnswer, name: str):
    """Return what stands in a part of an answer."""
    if name not in WHYS:
        return getattr(answer, name)
    place = WHYS.index(name)
    return answer.whys[place] if place < len(answer.whys) else ""


def _set_part(answer: FindingAnswer, name: str, value) -> None:
    if name not in WHYS:
        setattr(answer, name, value)
        return
    place = WHYS.index(name)
    answer.whys = [*answer.whys, *[""] * (place + 1 - len(answer.whys))]
    answer.whys[place] = value


@transaction.atomic
def settle_text(*, finding: Finding, actor, kept: KeptText, take: bool) -> None:
    """Choose between two texts of a part: take the kept one, or stay with what stands.

    The other one stays on record. Raises NotAllowed, WrongState; StaleState when a colleague chose
    already.
    """
    _allow(ENTERPRISE, actor, finding)
    fresh = _locked(finding, ANSWERABLE)
    open_text = KeptText.objects.select_for_update().filter(pk=kept.pk, settled_at=None).first()
    draft = draft_of(fresh)
    if open_text is None or draft is None or open_text.answer_id != draft.pk:
        raise StaleState(_("A colleague has chosen already."))
    if take:
        name, text = open_text.part, open_text.text
        value = (date.fromisoformat(text) if text else None) if name == "done_by" else text
        open_text.text = str(part_of(draft, name) or "")
        _set_part(draft, name, value)
        draft.revisions[name] = {
            "rev": revision_of(draft, name) + 1,
            "by": open_text.written_by.name,
            "at": timezone.now().isoformat(),
        }
        draft.save()
    open_text.settled_at = timezone.now()
    open_text.save(update_fields=["text", "settled_at", "changed_at"])


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
