"""The course of a case: audits, decisions, and its end."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certification.enums import (
    ApplicationKind,
    CaseStatus,
    DecisionKind,
    Moment,
)
from certification.flows import changes, guards
from certification.flows.dropping import DROPPING
from certification.flows.special import SPECIAL_TRANSITIONS
from certification.models import AuditOutcome, Case
from certification.queries.complaints import upheld_refusal
from certification.rights import (
    FIRST_DECIDER,
    LATER_DECIDER,
    OTHER_DECIDER,
    QUESTION_ANSWERER,
)
from certification.services import issuing, programme, transfers
from certification.services.decisions import decide_on_audits
from certification.services.evaluations import ask
from certification.services.telling import tell_body, tell_deciders, tell_owners
from foundation.access import IS_SYSTEM
from foundation.workflow import REASON, Flow, Transition
from organisations.enums import Role
from organisations.rights import MANAGER
from schemes.queries import book_of

_S = CaseStatus


def _desk(case) -> str:
    return reverse("certification:decision", args=[case.pk])


def _without_question(case, actor, **data):
    return {"open_question": ""}


def _with_question(case, actor, reason, **data):
    return {"open_question": reason}


def reported(case, actor, **data):
    tell_deciders("case.deciding", case, url=_desk(case))


def asked_more(case, actor, reason, **data):
    tell_body(
        "case.question", case, Role.PLANNER, Role.REVIEWER, Role.MANAGER, url=_desk(case),
        reason=reason,
    )  # fmt: skip


def _settle(case, kind, actor, reason):
    decision = decide_on_audits(case=case, kind=kind, actor=actor, reason=reason)
    ask(case=case, moment=Moment.DECISION, subject_id=decision.pk)
    changes.decided(decision)
    return decision


def granted(case, actor, reason, **data):
    """Begin the cycle and write the certificates ahead; their numbers are taken last."""
    decision = _settle(case, DecisionKind.GRANT, actor, reason)
    application = case.application
    if application.kind == ApplicationKind.RECERTIFICATION:
        programme.next_cycle(case)
    ends = issuing.expiry(case, application, decision.decided_on)
    taking_over = application.kind == ApplicationKind.TRANSFER
    case.cycle_starts_on = decision.decided_on
    if taking_over:
        case.cycle_starts_on = programme.former_cycle(
            book_of(case.rule_set), decided_on=decision.decided_on, expires_on=ends
        )
    case.save(update_fields=["cycle_starts_on", "changed_at"])
    programme.begin_cycle(case, decided_on=case.cycle_starts_on, expires_on=ends)
    if taking_over:
        programme.skip_past(case, decided_on=decision.decided_on)
        transfers.taken_over(application, actor)
    certificates = issuing.grant(case=case, application=application, decision=decision, actor=actor)
    return {"certificates": [certificate.number for certificate in certificates]}


def refused(case, actor, reason, **data):
    _settle(case, DecisionKind.REFUSE, actor, reason)
    tell_owners("case.refused", case, reason=reason)


def reconsidered(case, actor, **data):
    """Let the next decision rest on what the refusal rested on."""
    refusals = case.decisions.filter(kind=DecisionKind.REFUSE, cycle=case.cycle)
    AuditOutcome.objects.filter(case=case, decision__in=refusals).update(decision=None)


def maintained(case, actor, reason, **data):
    _settle(case, DecisionKind.MAINTAIN, actor, reason)
    tell_owners("case.maintained", case)


def _revise(case, kind, decision, actor):
    """Write the next revision ahead for every certificate that a decision concerns."""
    revised = issuing.revised_by(case, kind)
    revisions = [
        issuing.supersede(
            certificate=certificate,
            cause=issuing.CAUSES[kind],
            decision=decision,
            actor=actor,
            **issuing.changes_by(case, kind, certificate, decision.decided_on),
        )
        for certificate in revised
    ]
    for certificate in revised:
        changes.certificate_changed(certificate)
    return revisions


def renewed(case, actor, reason, **data):
    """Enter the next cycle; every certificate gets a revision with the new end."""
    decision = _settle(case, DecisionKind.RENEW, actor, reason)
    programme.next_cycle(case)
    case.cycle_starts_on = decision.decided_on
    case.save(update_fields=["cycle_starts_on", "changed_at"])
    revisions = _revise(case, DecisionKind.RENEW, decision, actor)
    ends = [issuing.facts_of(revision.content)["expires_on"] for revision in revisions]
    programme.begin_cycle(case, decided_on=decision.decided_on, expires_on=min(ends))
    tell_owners("case.renewed", case)


def extended(case, actor, reason, **data):
    """Widen what is certified: certificates for new schemes, a new revision of the others."""
    decision = _settle(case, DecisionKind.EXTEND, actor, reason)
    _revise(case, DecisionKind.EXTEND, decision, actor)
    issuing.grant(case=case, application=case.application, decision=decision, actor=actor)
    tell_owners("case.extended", case)


def not_continued(case, actor, reason, **data):
    _settle(case, DecisionKind.REFUSE, actor, reason)
    tell_owners("case.not_continued", case, reason=reason)


def stopped(case, actor, reason, **data):
    tell_owners("case.stopped", case, reason=reason)


CASE_FLOW = Flow(
    name="case",
    title=_("Case"),
    model=Case,
    states=_S,
    tags={
        _S.AUDITING: "info",
        _S.DECIDING: "waiting",
        _S.CERTIFIED: "valid",
        _S.REFUSED: "withdrawn",
        _S.ENDED: "closed",
    },
    related=("enterprise", "body"),
    asked=("involvements", "certificates", "decisions", "complaints"),
    transitions=(
        Transition(
            action="report",
            sources=(_S.AUDITING, _S.CERTIFIED),
            target=_S.DECIDING,
            right=IS_SYSTEM,
            title=_("Hand to the decision"),
            past=_("Case handed to the decision"),
            columns=_without_question,
            effect=reported,
        ),
        Transition(
            action="answer",
            sources=(_S.AUDITING, _S.CERTIFIED),
            target=_S.DECIDING,
            right=QUESTION_ANSWERER,
            title=_("Answer the decider"),
            past=_("Decider answered"),
            requires=("note",),
            columns=_without_question,
            effect=reported,
            awaited=False,
            internal=True,
            explain=_("The case goes back to the decision together with your answer."),
            done_text=_("The case waits for the decision again."),
        ),
        Transition(
            action="grant",
            sources=(_S.DECIDING,),
            target=_S.CERTIFIED,
            right=FIRST_DECIDER,
            title=_("Grant certification"),
            task=_("Decide on certification"),
            past=_("Certification granted"),
            guards=guards.GRANT,
            requires=(REASON,),
            effect=granted,
            serious=True,
            confirmed=True,
            explain=_("The enterprise is certified from today."),
            done_text=_("Certification is granted. The certificate is being made."),
        ),
        Transition(
            action="maintain",
            sources=(_S.DECIDING,),
            target=_S.CERTIFIED,
            right=LATER_DECIDER,
            title=_("Maintain certification"),
            task=_("Decide on certification"),
            past=_("Certification maintained"),
            guards=guards.MAINTAIN,
            requires=(REASON,),
            effect=maintained,
            serious=True,
            confirmed=True,
            explain=_("The certificates stay in force as they are."),
            done_text=_("Certification is maintained."),
        ),
        Transition(
            action="renew",
            sources=(_S.DECIDING,),
            target=_S.CERTIFIED,
            right=LATER_DECIDER,
            title=_("Renew certification"),
            task=_("Decide on certification"),
            past=_("Certification renewed"),
            guards=guards.RENEW,
            requires=(REASON,),
            effect=renewed,
            serious=True,
            confirmed=True,
            explain=_("A new cycle begins; every certificate gets a revision with the new end."),
            done_text=_("Certification is renewed. The new revisions are being made."),
        ),
        Transition(
            action="extend",
            sources=(_S.DECIDING,),
            target=_S.CERTIFIED,
            right=LATER_DECIDER,
            title=_("Extend the scope"),
            task=_("Decide on certification"),
            past=_("Scope of certification extended"),
            guards=guards.EXTEND,
            requires=(REASON,),
            effect=extended,
            serious=True,
            confirmed=True,
            explain=_("What is certified grows; the end of validity stays as it is."),
            done_text=_("The scope is extended. The new revisions are being made."),
        ),
        Transition(
            action="ask_more",
            sources=(_S.DECIDING,),
            target=_S.AUDITING,
            right=FIRST_DECIDER,
            title=_("Ask for more"),
            past=_("More asked for before deciding"),
            requires=(REASON,),
            columns=_with_question,
            effect=asked_more,
            internal=True,
            explain=_("The case goes back to the audit until your question is answered."),
            done_text=_("Your question is sent to the people of the case."),
        ),
        Transition(
            action="send_back",
            sources=(_S.DECIDING,),
            target=_S.CERTIFIED,
            right=LATER_DECIDER,
            title=_("Ask for more"),
            past=_("More asked for before deciding"),
            requires=(REASON,),
            columns=_with_question,
            effect=asked_more,
            internal=True,
            explain=_("The case leaves the decision desk until your question is answered."),
            done_text=_("Your question is sent to the people of the case."),
        ),
        Transition(
            action="refuse",
            sources=(_S.DECIDING,),
            target=_S.REFUSED,
            right=FIRST_DECIDER,
            title=_("Refuse certification"),
            past=_("Certification refused"),
            guards=(guards.decides_impartially, guards.findings_are_undisputed),
            requires=(REASON,),
            effect=refused,
            serious=True,
            confirmed=True,
            explain=_("The case ends without a certificate. The enterprise may appeal."),
            done_text=_("Certification is refused and the enterprise has been told why."),
        ),
        Transition(
            action="reconsider",
            sources=(_S.REFUSED,),
            target=_S.DECIDING,
            right=OTHER_DECIDER,
            title=_("Take the case up again"),
            task=_("Decide anew after an upheld appeal"),
            past=_("Case taken up again after an upheld appeal"),
            guards=(guards.refusal_was_appealed,),
            effect=reconsidered,
            awaited=lambda case: upheld_refusal(case) is not None,
            explain=_(
                "The appeal against the refusal was upheld. The case waits for a decision again, "
                "on everything that was reported."
            ),
            done_text=_("The case waits for a decision again."),
        ),
        Transition(
            action="decline_change",
            sources=(_S.DECIDING,),
            target=_S.CERTIFIED,
            right=LATER_DECIDER,
            title=_("Refuse what was applied for"),
            past=_("What was applied for refused"),
            guards=(
                guards.decides_impartially,
                guards.calls_for_something_new,
                guards.findings_are_undisputed,
            ),
            requires=(REASON,),
            effect=not_continued,
            serious=True,
            confirmed=True,
            explain=_(
                "Renewal or extension is refused. The certificates run to their present end; to "
                "end them earlier, suspend or withdraw them on their own pages."
            ),
            done_text=_("It is refused and the enterprise has been told why."),
        ),
        Transition(
            action="end",
            sources=(_S.CERTIFIED, _S.DECIDING),
            target=_S.ENDED,
            right=IS_SYSTEM,
            title=_("End the case"),
            past=_("Case ended: no certificate is left"),
        ),
        Transition(
            action="stop",
            sources=(_S.AUDITING,),
            target=_S.ENDED,
            right=MANAGER,
            title=_("Stop the case"),
            past=_("Case stopped"),
            requires=(REASON,),
            effect=stopped,
            awaited=False,
            serious=True,
            confirmed=True,
            explain=_("The contract ends before any certificate was issued."),
            done_text=_("The case is stopped and the enterprise has been told why."),
        ),
        *SPECIAL_TRANSITIONS,
        *DROPPING,
    ),
)
