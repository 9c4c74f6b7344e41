"""The life of a finding: noted, shown, answered, verified."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audits.checks.findings import (
    answer_blockers,
    draft_of,
    evidence_blockers,
    has_evidence,
    last_sent,
    verifiable,
)
from audits.enums import UNDER_WAY, WITH_CLIENT, DueFrom, FindingStatus, Grade, Verification
from audits.flows.extensions import EXTENSIONS, open_request
from audits.flows.verification import agree, agreed_words, has_been_seen, kind_is_whole
from audits.models import Finding
from audits.queries.judges import is_disputed, possible_judges
from audits.rights import JUDGES
from audits.services import limits
from audits.services.findings import carry_evidence
from audits.services.outcomes import report_outcome
from audits.services.telling import client_people, judges, planners, tell
from certification.enums import Part
from certification.services.cases import record_involvement
from certification.services.decisions import deciders, refused_audits
from foundation.access import IS_SYSTEM
from foundation.formatting import day
from foundation.notices import in_both
from foundation.workflow import REASON, SAME, Blocker, Flow, Transition
from organisations.rights import ENTERPRISE, PLANNER
from schemes.queries import book_of


def show(finding, actor, **data):
    """Give the enterprise its time to answer, counted from the closing meeting."""
    finding.shown_at = timezone.now()
    finding.save(update_fields=["shown_at"])
    limits.give(finding, DueFrom.SHOWN)
    return {"number": finding.number, "due_on": _iso(finding)}


def _iso(finding) -> str:
    """Write the limit for the journal; nothing where the rules know none."""
    return finding.due_on.isoformat() if finding.due_on else ""


def _day_or_none(on) -> str:
    return day(on) if on else "–"


def conclude(finding, actor, **data):
    finding.shown_at = finding.closed_at = timezone.now()
    finding.save(update_fields=["shown_at", "closed_at", "changed_at"])
    return {"number": finding.number}


def _send(finding, actor, kind):
    draft = draft_of(finding)
    draft.sent_by, draft.sent_at = actor.user, timezone.now()
    draft.save(update_fields=["sent_by", "sent_at", "changed_at"])
    people = judges(finding) or planners(finding.audit)
    tell(kind, finding.audit, people, url=finding.get_absolute_url(), **_words(finding))
    return _touch(finding, actor, round=draft.round)


def send_answer(finding, actor, **data):
    return _send(finding, actor, "answered")


def send_evidence(finding, actor, **data):
    return _send(finding, actor, "evidence_sent")


def _words(finding) -> dict:
    return {"finding": finding.number, "title": finding.title}


def _judge(finding, actor, kind, *, accepted, words=""):
    answer = last_sent(finding)
    record_involvement(case=finding.audit.case, user=actor.user, part=Part.JUDGEMENT)
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


def _touch(finding, actor, *, hand_over=True, **facts):
    """Say when it last moved, pass the new counts down to the case, name it in the journal."""
    finding.save(update_fields=["changed_at"])
    report_outcome(finding.audit, actor, hand_over=hand_over)
    return {"number": finding.number, **facts}


def accept_plan(finding, actor, note="", *, verification="", when="", days=None, **data):
    """A minor is due when its actions are; a major keeps the date of its evidence.

    Evidence that came with the plan begins the next round: the enterprise says when it is whole.
    """
    answer = _judge(finding, actor, "plan_accepted", accepted=True, words=note)
    promised = answer.done_by if finding.grade == Grade.MINOR else None
    limits.give(finding, DueFrom.ACCEPTED, promised=promised)
    if has_evidence(answer):
        carry_evidence(finding, answer)
    agree(finding, verification, when, days)
    # The limit follows from the journal and the rules, so the journal has the day promised.
    kept = {"promised": promised.isoformat()} if promised else {}
    return _touch(finding, actor, round=answer.round, **agreed_words(finding), **kept)


def reject_answer(finding, actor, reason, **data):
    answer = _judge(finding, actor, "answer_rejected", accepted=False, words=reason)
    limits.give(finding, DueFrom.REJECTED)
    return _touch(finding, actor, round=answer.round)


def past_grace(finding, actor, data):
    """A minor becomes a major once its limit and the grace after it have passed.

    Not when the body refused what the audit was about: no decision rests on it any more.
    """
    audit = finding.audit
    last = limits.escalation_of(finding, book_of(audit.case.rule_set))
    if not finding.is_open or last is None or last.on >= timezone.localdate():
        yield Blocker(_("This is no minor nonconformity whose limit and grace have passed."))
    if audit.pk in refused_audits(audit.case):
        yield Blocker(_("What this audit was about was refused."))
    if is_disputed(finding):
        yield Blocker(_("An appeal against it is not decided."))
    if open_request(finding) is not None:
        yield Blocker(_("The enterprise asked in time for more of it, and nobody has answered."))


def escalate(finding, actor, **data):
    """Give a major its own time, counted from today; the decision waits for its verification."""
    finding.grade = Grade.MAJOR
    finding.save(update_fields=["grade"])
    limits.give(finding, DueFrom.ESCALATED)
    audit, url = finding.audit, finding.get_absolute_url()
    facts = _words(finding) | in_both("date", _day_or_none, finding.due_on)
    tell("finding_escalated", audit, client_people(audit), url=url, **facts)
    ours = [*judges(finding), *planners(audit)]
    tell("finding_escalated_here", audit, ours, url=url, **facts)
    return _touch(finding, actor, hand_over=False, due_on=_iso(finding))


def annulled(finding, actor, appeal, **data):
    """It was found on appeal that it does not stand (ISO/IEC 17021-1:2015 9.7)."""
    finding.closed_at = timezone.now()
    finding.save(update_fields=["closed_at"])
    return _touch(finding, actor, appeal=appeal.number)


def lowered(finding, actor, appeal, **data):
    """It was found on appeal to be a minor; the time to act on it begins anew."""
    finding.grade, finding.due_on = Grade.MINOR, None
    finding.save(update_fields=["grade"])
    limits.give(finding, DueFrom.REJECTED)
    return _touch(finding, actor, appeal=appeal.number, due_on=_iso(finding))


def has_not_decided(finding, actor, data):
    """Whoever decided in this cycle takes no part in it (ISO/IEC 17021-1:2015 9.5.1)."""
    case = finding.audit.case
    if actor.user.pk in deciders(case.pk, case.cycle):
        yield Blocker(_("You decided in this cycle, so somebody else judges."))


def may_be_judge(finding, actor, data):
    """An auditor of the body who has not decided in this cycle (ISO/IEC 17021-1:2015 9.5.1)."""
    if data is not None and data.get("judge") not in possible_judges(finding):
        yield Blocker(_("Choose an auditor who has not decided in this cycle."), field="judge")


def waits_for_nobody(finding) -> bool:
    """Tell whether an answer is there and nobody is left who could judge it."""
    return finding.status in (FindingStatus.ANSWERED, FindingStatus.EVIDENCE) and not judges(
        finding
    )


def name_judge(finding, actor, judge, **data):
    """Let somebody judge who was not on the team, as when the team has left the body."""
    finding.judge = judge
    finding.save(update_fields=["judge"])
    record_involvement(case=finding.audit.case, user=judge, part=Part.JUDGEMENT)
    tell("judge", finding.audit, [judge], url=finding.get_absolute_url(), **_words(finding))
    return {"number": finding.number, "person": judge.name}


def verify(finding, actor, note="", verification="", **data):
    _judge(finding, actor, "finding_closed", accepted=True, words=note)
    finding.closed_at = timezone.now()
    finding.verification = verification or finding.verification or Verification.PAPER
    finding.save(update_fields=["closed_at", "verification"])
    return _touch(finding, actor, **agreed_words(finding))


_VERIFY = {
    "action": "verify",
    "target": FindingStatus.CLOSED,
    "right": JUDGES,
    "title": _("Verify and close"),
    "task": _("Check the evidence"),
    "past": _("Nonconformity verified and closed"),
    "explain": _("By accepting you confirm that the evidence shows the actions to be effective."),
    "guards": (has_not_decided, verifiable, has_been_seen),
    "effect": verify,
}

FINDING_FLOW = Flow(
    name="finding",
    title=_("Finding"),
    model=Finding,
    states=FindingStatus,
    related=("audit__case", "audit__enterprise"),
    asked=("audit__members", "audit__case__audits__members", "extensions"),
    story="audit__case__thread",
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
            right=JUDGES,
            title=_("Accept the plan"),
            task=_("Judge the answer"),
            past=_("Plan of corrective action accepted"),
            explain=_(
                "By accepting you confirm that cause and actions are convincing. "
                "The enterprise carries them out."
            ),
            guards=(has_not_decided, kind_is_whole),
            effect=accept_plan,
        ),
        Transition(
            action="reject_plan",
            sources=(FindingStatus.ANSWERED,),
            target=FindingStatus.PLAN_REJECTED,
            right=JUDGES,
            title=_("Reject the answer"),
            past=_("Answer rejected"),
            explain=_("The enterprise answers again; this round stays on record."),
            guards=(has_not_decided,),
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
        *EXTENSIONS,
        Transition(
            action="name_judge",
            sources=UNDER_WAY,
            target=SAME,
            right=PLANNER,
            title=_("Name who judges the answers"),
            past=_("Auditor named to judge the answers"),
            explain=_("For when nobody of the team can. The team keeps its right to judge."),
            guards=(may_be_judge,),
            effect=name_judge,
            requires=("judge",),
            awaited=waits_for_nobody,
        ),
        Transition(
            action="escalate",
            sources=WITH_CLIENT,
            target=SAME,
            right=IS_SYSTEM,
            title=_("Make it a major nonconformity"),
            past=_("Minor nonconformity became a major one"),
            guards=(past_grace,),
            effect=escalate,
            awaited=False,
        ),
        Transition(
            action="annul",
            sources=UNDER_WAY,
            target=FindingStatus.CLOSED,
            right=IS_SYSTEM,
            title=_("Annul after an appeal"),
            past=_("Nonconformity annulled: the appeal against it was upheld"),
            effect=annulled,
            awaited=False,
        ),
        Transition(
            action="lower",
            sources=UNDER_WAY,
            target=SAME,
            right=IS_SYSTEM,
            title=_("Make it a minor nonconformity"),
            past=_("Made a minor nonconformity: the appeal against it was partly upheld"),
            effect=lowered,
            awaited=False,
        ),
        Transition(
            action="reject_evidence",
            sources=(FindingStatus.EVIDENCE,),
            target=FindingStatus.EVIDENCE_REJECTED,
            right=JUDGES,
            title=_("Reject the evidence"),
            past=_("Evidence rejected"),
            explain=_("The enterprise sends other evidence; this round stays on record."),
            guards=(has_not_decided,),
            requires=(REASON,),
            effect=reject_answer,
        ),
    ),
)
