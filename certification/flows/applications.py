"""The course of an application, from the first draft to a signed contract or its end."""

from django.utils.translation import gettext_lazy as _

from certification.enums import ApplicationStatus
from certification.flows import changes
from certification.flows.offers import OFFER_TRANSITIONS
from certification.flows.review import REVIEW_TRANSITIONS
from certification.models import Application
from certification.queries.completeness import blockers_of
from certification.services import transfers
from certification.services.applications import (
    cancellation_tell,
    merging_words,
    submission_record,
)
from foundation import timeline
from foundation.workflow import Blocker, Flow, Transition
from organisations.rights import OWNER

_S = ApplicationStatus

timeline.register("application.start", _("Application begun"))


def goes_on(application, actor, data):
    """An enterprise that goes up in another one does not apply any more."""
    if application.enterprise.successor_id is not None:
        yield Blocker(merging_words(application.enterprise))


def is_complete(application, actor, data):
    """Everything is answered and nothing stands against it, listed all at once."""
    yield from blockers_of(application)


def is_declared(application, actor, data):
    """The owner declares that the answers are true and complete (ISO/IEC 17021-1:2015 9.1.1)."""
    if data is not None and data.get("declared") is not True:
        yield Blocker(_("Tick the declaration before you send."), field="declared")


def submitted(application, actor, **data):
    changes.submitted(application)
    if not application.versions.exists():
        transfers.tell_of_application(application)
    return submission_record(application=application, actor=actor)


def cancelled(application, actor, **data):
    changes.dropped(application)
    cancellation_tell(application=application)


_SUBMIT = {
    "action": "submit",
    "target": _S.SUBMITTED,
    "right": OWNER,
    "guards": (goes_on, is_complete, is_declared),
    "effect": submitted,
}

APPLICATION_TRANSITIONS = (
    Transition(
        sources=(_S.DRAFT,),
        title=_("Send the application"),
        task=_("Finish the application"),
        past=_("Application sent"),
        explain=_("The certification body receives your answers and reviews them."),
        done_text=_("Your application has been sent."),
        **_SUBMIT,
    ),
    Transition(
        sources=(_S.RETURNED,),
        title=_("Send the application again"),
        task=_("Complete the application"),
        past=_("Application sent again"),
        explain=_("The reviewer receives your answers and sees what you changed."),
        done_text=_("Your completed application has been sent."),
        **_SUBMIT,
    ),
    Transition(
        action="cancel",
        sources=(
            _S.DRAFT,
            _S.SUBMITTED,
            _S.IN_REVIEW,
            _S.RETURNED,
            _S.ACCEPTED,
            _S.OFFERED,
        ),
        target=_S.CANCELLED,
        right=OWNER,
        title=_("Withdraw the application"),
        past=_("Application withdrawn"),
        effect=cancelled,
        awaited=False,
        serious=True,
        explain=_(
            "The application ends here and cannot be taken up again. A body that has received it "
            "is told at once. You can begin a new application at any time."
        ),
        done_text=_("The application is withdrawn."),
    ),
)

APPLICATION_FLOW = Flow(
    name="application",
    title=_("Application"),
    model=Application,
    states=ApplicationStatus,
    tags={
        _S.DRAFT: "draft",
        _S.SUBMITTED: "info",
        _S.IN_REVIEW: "info",
        _S.RETURNED: "waiting",
        _S.ACCEPTED: "valid",
        _S.DECLINED: "withdrawn",
        _S.OFFERED: "waiting",
        _S.SIGNED: "closed",
        _S.REJECTED: "cancelled",
        _S.CANCELLED: "cancelled",
    },
    related=("enterprise", "body", "reviewer", "review"),
    asked=("schemes__edition", "calculations"),
    transitions=(*APPLICATION_TRANSITIONS, *REVIEW_TRANSITIONS, *OFFER_TRANSITIONS),
)
