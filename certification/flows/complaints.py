"""The way of a complaint or an appeal (ISO/IEC 17021-1:2015 9.7, 9.8)."""

from django.utils.translation import gettext_lazy as _

from certification.complaint_rights import (
    ANSWERS,
    COMPLAINS,
    DECIDES,
    DECIDES_ANEW,
    ENDS,
    ESCALATES,
    HANDLES,
    HOLDS_LINK,
    MANAGES,
    TURNED_TO,
)
from certification.enums import ComplaintStatus
from certification.flows import complaint_acts as acts
from certification.models import Complaint
from certification.models.complaints import OPEN, UNDECIDED
from certification.queries.complaints import (
    authority_has_answered,
    independent_people,
    open_question,
)
from foundation import timeline
from foundation.workflow import SAME, Flow, Transition
from organisations.enums import Role

_S = ComplaintStatus

timeline.register("complaint.file", _("Received"))


def _has_no_handler(complaint) -> bool:
    """Tell whether nobody who may handle it is named any more."""
    return complaint.handler not in independent_people(complaint)


def _has_no_decider(complaint) -> bool:
    """Tell whether it waits for a decision and nobody is there who may take it."""
    free = independent_people(complaint)
    managers = complaint.body.people(Role.MANAGER)
    may = complaint.decider in free or any(person in free for person in managers)
    return complaint.status == _S.REPORTED and not may


COMPLAINT_FLOW = Flow(
    name="complaint",
    title=_("Complaint or appeal"),
    model=Complaint,
    states=_S,
    tags={
        _S.RECEIVED: "waiting",
        _S.ACKNOWLEDGED: "info",
        _S.INVESTIGATING: "info",
        _S.REPORTED: "waiting",
        _S.DECIDED: "info",
        _S.CLOSED: "closed",
        _S.NOT_ADMITTED: "closed",
        _S.WITHDRAWN: "cancelled",
    },
    related=("body", "enterprise", "authority", "case", "application", "handler", "decider"),
    asked=("case__involvements", "case__decisions", "application__review", "entries"),
    transitions=(
        Transition(
            action="acknowledge",
            sources=(_S.RECEIVED,),
            target=_S.ACKNOWLEDGED,
            right=MANAGES,
            title=_("Acknowledge"),
            task=_("Acknowledge the complaint or appeal"),
            past=_("Receipt acknowledged"),
            columns=acts.until_decision,
            effect=acts.acknowledged,
            explain=_("Whoever complained is told that you have it and look into it."),
            done_text=_("Acknowledged. Now judge whether it can be investigated."),
        ),
        Transition(
            action="admit",
            sources=(_S.ACKNOWLEDGED,),
            target=_S.INVESTIGATING,
            right=MANAGES,
            title=_("Admit it and name who handles it"),
            task=_("Admit it and name who handles it"),
            past=_("Admitted and given to an independent handler"),
            guards=(acts.handler_is_independent, acts.person_is_named),
            requires=("handler",),
            columns=acts.admitted_as,
            effect=acts.admitted,
            explain=_(
                "The handler gathers what is needed and reports. Nobody handles it who audited, "
                "reviewed or decided in the case concerned, or whom it is about."
            ),
            done_text=_("It is admitted; the handler has been told."),
        ),
        Transition(
            action="dismiss",
            sources=(_S.ACKNOWLEDGED,),
            target=_S.NOT_ADMITTED,
            right=DECIDES,
            title=_("Do not admit it"),
            past=_("Not admitted"),
            requires=("text",),
            columns=acts.ended_now,
            effect=acts.not_admitted,
            awaited=False,
            serious=True,
            explain=_(
                "For what does not concern the certification you are responsible for. Whoever "
                "complained reads your reason and may turn to the authority."
            ),
            done_text=_("It is closed; whoever complained has been told why."),
        ),
        Transition(
            action="name_handler",
            sources=(_S.INVESTIGATING,),
            target=SAME,
            right=MANAGES,
            title=_("Name another handler"),
            past=_("Another handler named"),
            guards=(acts.handler_is_independent,),
            requires=("handler",),
            columns=lambda complaint, actor, handler, **data: {"handler": handler},
            effect=acts.handler_named,
            awaited=_has_no_handler,
            internal=True,
            explain=_("For when the handler left, cannot go on or took part in the matter."),
        ),
        Transition(
            action="name_decider",
            sources=(_S.INVESTIGATING, _S.REPORTED),
            target=SAME,
            right=MANAGES,
            title=_("Name who decides"),
            past=_("Somebody named to decide"),
            guards=(acts.decider_is_independent,),
            requires=("decider",),
            columns=lambda complaint, actor, decider, **data: {"decider": decider},
            effect=acts.decider_named,
            awaited=_has_no_decider,
            internal=True,
            explain=_("For when no manager is independent. Anybody of the body can be named."),
        ),
        Transition(
            action="ask",
            sources=(_S.INVESTIGATING,),
            target=SAME,
            right=HANDLES,
            title=_("Ask the complainant"),
            past=_("Question to the complainant"),
            requires=("text",),
            effect=acts.asked,
            awaited=False,
            explain=_("The question stands on the complainant’s page and can be answered there."),
        ),
        Transition(
            action="progress",
            sources=(_S.INVESTIGATING, _S.REPORTED),
            target=SAME,
            right=HANDLES,
            title=_("Report progress"),
            past=_("Progress reported"),
            requires=("text",),
            columns=acts.until_next_progress,
            effect=acts.progressed,
            awaited=False,
            explain=_("Whoever complained reads how it stands."),
        ),
        Transition(
            action="pass_on",
            sources=(_S.INVESTIGATING,),
            target=SAME,
            right=HANDLES,
            title=_("Pass it on to the organisation"),
            past=_("Passed on to the organisation"),
            guards=(acts.can_be_passed_on,),
            requires=("text",),
            columns=acts.passed_on_now,
            effect=acts.passed_on,
            awaited=False,
            explain=_(
                "The organisation reads what you write here, not the complaint itself and not who "
                "complained. Write nothing that tells who it is."
            ),
        ),
        Transition(
            action="answer_as_client",
            sources=(_S.INVESTIGATING, _S.REPORTED),
            target=SAME,
            right=ANSWERS,
            title=_("Answer the complaint"),
            past=_("The organisation has answered"),
            requires=("text",),
            effect=acts.client_answered,
            explain=_("The certification body reads your answer. Who complained does not."),
        ),
        Transition(
            action="report",
            sources=(_S.INVESTIGATING,),
            target=_S.REPORTED,
            right=HANDLES,
            title=_("Report the result"),
            task=_("Investigate the complaint or appeal"),
            past=_("Result of the investigation reported"),
            requires=("text",),
            columns=acts.until_decision,
            effect=acts.reported,
            explain=_("For those who decide; whoever complained reads the decision only."),
            done_text=_("Reported. Somebody who took no part decides."),
        ),
        Transition(
            action="send_back",
            sources=(_S.REPORTED,),
            target=_S.INVESTIGATING,
            right=DECIDES,
            title=_("Send it back to the investigation"),
            past=_("Sent back to the investigation"),
            requires=("text",),
            effect=acts.sent_back,
            awaited=False,
            internal=True,
        ),
        Transition(
            action="decide",
            sources=(_S.REPORTED,),
            target=_S.DECIDED,
            right=DECIDES,
            title=_("Decide"),
            task=_("Decide on the complaint or appeal"),
            past=_("Decided"),
            guards=(acts.conclusion_is_known,),
            requires=("conclusion", "text"),
            columns=acts.decision_of,
            effect=acts.decided,
            serious=True,
            confirmed=True,
            explain=_("Whoever complained is told at once, with your words."),
            done_text=_("It is decided; whoever complained has been told."),
        ),
        Transition(
            action="settle",
            sources=(_S.DECIDED,),
            target=SAME,
            right=DECIDES_ANEW,
            title=_("Say what was decided anew"),
            task=_("Decide anew after an upheld appeal"),
            past=_("Decided anew after the appeal"),
            guards=(acts.waits_for_new_decision,),
            requires=("text",),
            columns=acts.settled_now,
            effect=acts.settled,
            awaited=lambda complaint: complaint.needs_new_decision,
            explain=_(
                "An upheld appeal changes nothing by itself. Decide anew on the page of the case, "
                "the certificate or the application, then say here what was decided."
            ),
        ),
        Transition(
            action="close",
            sources=(_S.DECIDED,),
            target=_S.CLOSED,
            right=ENDS,
            title=_("Send the formal notice of the end"),
            past=_("Formal notice of the end sent"),
            guards=(acts.nothing_is_left,),
            requires=("text",),
            columns=acts.ended_now,
            effect=acts.closed,
            explain=_("Say what was done. Whoever complained reads it; the procedure ends here."),
            done_text=_("Closed. The formal notice of the end is sent."),
        ),
        Transition(
            action="add",
            sources=OPEN,
            target=SAME,
            right=COMPLAINS,
            title=_("Add something"),
            past=_("Something was added"),
            requires=("text",),
            effect=acts.added,
            awaited=False,
            done_text=_("It is added. Whoever handles it has been told."),
        ),
        Transition(
            action="answer",
            sources=(_S.INVESTIGATING,),
            target=SAME,
            right=COMPLAINS,
            title=_("Answer the question"),
            past=_("Question answered"),
            guards=(acts.a_question_is_open,),
            requires=("text",),
            effect=acts.answered,
            awaited=lambda complaint: open_question(complaint) is not None,
            done_text=_("Your answer is sent."),
        ),
        Transition(
            action="withdraw",
            sources=UNDECIDED,
            target=_S.WITHDRAWN,
            right=COMPLAINS,
            title=_("Withdraw it"),
            past=_("Withdrawn"),
            columns=acts.ended_now,
            effect=acts.withdrawn,
            awaited=False,
            serious=True,
            explain=_("Nothing more is done. You can complain again at any time."),
            done_text=_("It is withdrawn."),
        ),
        Transition(
            action="escalate",
            sources=(*OPEN, _S.CLOSED, _S.NOT_ADMITTED),
            target=SAME,
            right=ESCALATES,
            title=_("Turn to the authority"),
            past=_("The authority was turned to"),
            guards=(acts.may_be_escalated,),
            columns=acts.escalated_now,
            effect=acts.escalated,
            awaited=False,
            serious=True,
            explain=_(
                "The supervising authority gets the whole file, with who complained if that was "
                "given. The certification body is told and goes on."
            ),
            done_text=_("The authority has the whole file now."),
        ),
        Transition(
            action="note",
            sources=(*OPEN, _S.CLOSED, _S.NOT_ADMITTED),
            target=SAME,
            right=TURNED_TO,
            title=_("Write a note"),
            task=_("Look at what was brought to the authority"),
            past=_("Note of the authority"),
            requires=("text",),
            effect=acts.noted,
            awaited=lambda complaint: not authority_has_answered(complaint),
            explain=_(
                "Everybody concerned reads it: who complained, the body, and an organisation it "
                "was passed on to. It changes nothing in the case."
            ),
        ),
        Transition(
            action="forget",
            sources=tuple(_S.values),
            target=SAME,
            right=HOLDS_LINK,
            title=_("Delete my name and e-mail address"),
            past=_("Name and address of the complainant deleted"),
            guards=(acts.something_to_forget,),
            columns=lambda complaint, actor, **data: {"name": "", "email": ""},
            effect=acts.forgotten,
            awaited=False,
            serious=True,
            explain=_(
                "Nobody sees them any more, and no e-mail is sent. This page stays; keep its "
                "address. What you wrote stays in the file."
            ),
            done_text=_("Your name and e-mail address are deleted."),
        ),
    ),
)
