"""The course of a case: audits, decisions, and its end."""

from django.utils.translation import gettext_lazy as _

from certification.enums import CaseStatus, DecisionKind
from certification.models import Case
from certification.rights import FIRST_DECIDER, LATER_DECIDER, QUESTION_ANSWERER
from certification.services.decisions import decide_on_audits
from foundation.access import IS_SYSTEM
from foundation.workflow import REASON, Flow, Transition
from organisations.rights import MANAGER


def _settled(kind):
    def effect(case, actor, reason, **data):
        decide_on_audits(case=case, kind=kind, actor=actor, reason=reason)

    return effect


def _reported(case, actor, **data):
    case.open_question = ""
    case.save(update_fields=["open_question", "changed_at"])


def _asked_more(case, actor, reason, **data):
    case.open_question = reason
    case.save(update_fields=["open_question", "changed_at"])


CASE_FLOW = Flow(
    name="case",
    title=_("Case"),
    model=Case,
    states=CaseStatus,
    tags={
        CaseStatus.AUDITING: "info",
        CaseStatus.DECIDING: "waiting",
        CaseStatus.CERTIFIED: "valid",
        CaseStatus.REFUSED: "withdrawn",
        CaseStatus.ENDED: "closed",
    },
    transitions=(
        Transition(
            action="report",
            sources=(CaseStatus.AUDITING, CaseStatus.CERTIFIED),
            target=CaseStatus.DECIDING,
            right=IS_SYSTEM,
            title=_("Hand to the decision"),
            past=_("handed the case to the decision"),
            effect=_reported,
        ),
        Transition(
            action="answer",
            sources=(CaseStatus.AUDITING, CaseStatus.CERTIFIED),
            target=CaseStatus.DECIDING,
            right=QUESTION_ANSWERER,
            title=_("Answer the decider"),
            past=_("answered the decider"),
            requires=("note",),
            effect=_reported,
            awaited=False,
            internal=True,
        ),
        Transition(
            action="grant",
            sources=(CaseStatus.DECIDING,),
            target=CaseStatus.CERTIFIED,
            right=FIRST_DECIDER,
            title=_("Grant certification"),
            past=_("granted certification"),
            requires=(REASON,),
            effect=_settled(DecisionKind.GRANT),
            serious=True,
        ),
        Transition(
            action="refuse",
            sources=(CaseStatus.DECIDING,),
            target=CaseStatus.REFUSED,
            right=FIRST_DECIDER,
            title=_("Refuse certification"),
            past=_("refused certification"),
            requires=(REASON,),
            effect=_settled(DecisionKind.REFUSE),
            serious=True,
        ),
        Transition(
            action="ask_more",
            sources=(CaseStatus.DECIDING,),
            target=CaseStatus.AUDITING,
            right=FIRST_DECIDER,
            title=_("Ask for more"),
            past=_("asked for more before deciding"),
            requires=(REASON,),
            effect=_asked_more,
            internal=True,
        ),
        Transition(
            action="maintain",
            sources=(CaseStatus.DECIDING,),
            target=CaseStatus.CERTIFIED,
            right=LATER_DECIDER,
            title=_("Maintain certification"),
            past=_("maintained certification"),
            requires=(REASON,),
            effect=_settled(DecisionKind.MAINTAIN),
            serious=True,
        ),
        Transition(
            action="end",
            sources=(CaseStatus.CERTIFIED, CaseStatus.DECIDING),
            target=CaseStatus.ENDED,
            right=IS_SYSTEM,
            title=_("End the case"),
            past=_("ended the case: no certificate is left"),
        ),
        Transition(
            action="stop",
            sources=(CaseStatus.AUDITING,),
            target=CaseStatus.ENDED,
            right=MANAGER,
            title=_("Stop the case"),
            past=_("stopped the case"),
            requires=(REASON,),
            awaited=False,
            serious=True,
        ),
    ),
)
