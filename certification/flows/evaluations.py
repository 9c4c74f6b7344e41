"""A service evaluation: asked of the enterprise, given, revised for a while, replied to."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.enums import EvaluationStatus
from certification.models import Evaluation
from certification.queries.evaluations import dimensions_of, mean_of, revisable_until
from foundation.notices import notify
from foundation.workflow import SAME, Blocker, Flow, Transition
from organisations.enums import Role
from organisations.rights import ENTERPRISE, MANAGER

_S = EvaluationStatus
_WORST, _BEST = 1, 5


def _all_are_rated(evaluation, actor, data):
    if data is None:
        return
    ratings = data.get("ratings") or {}
    wanted = dimensions_of(evaluation.moment)
    for dimension in wanted:
        if ratings.get(dimension.value) not in range(_WORST, _BEST + 1):
            yield Blocker(
                _("Choose an answer for “%(label)s”.") % {"label": dimension.label},
                field=dimension.value,
            )
    if set(ratings) - {dimension.value for dimension in wanted}:
        yield Blocker(_("Something else than what was asked is rated."))


def _may_still_be_revised(evaluation, actor, data):
    if timezone.now() > revisable_until(evaluation):
        yield Blocker(_("The time to change this rating is over."))


def _values(evaluation, actor, ratings, comment="", **data):
    return {"ratings": ratings, "mean": mean_of(ratings), "comment": comment}


def _given(evaluation, actor, **data):
    return _values(evaluation, actor, **data) | {
        "given_by": actor.user,
        "given_at": timezone.now(),
    }


def _replied(evaluation, actor, reply, **data):
    return {"reply": reply, "replied_by": actor.user, "replied_at": timezone.now()}


def _tell(kind, evaluation, people):
    case = evaluation.case
    notify(
        kind,
        to=people,
        obj=evaluation,
        url=evaluation.get_absolute_url(),
        number=case.number,
        enterprise_zh=case.enterprise.name_zh,
        enterprise_en=case.enterprise.name_en,
        body_zh=case.body.name_zh,
        body_en=case.body.name_en,
    )


def _tell_body(evaluation, actor, **data):
    _tell("evaluation.given", evaluation, evaluation.case.body.people(Role.MANAGER))


def _tell_enterprise(evaluation, actor, **data):
    _tell("evaluation.replied", evaluation, evaluation.case.enterprise.people(Role.OWNER))


EVALUATION_FLOW = Flow(
    name="evaluation",
    title=_("Service evaluation"),
    model=Evaluation,
    states=_S,
    tags={_S.ASKED: "waiting", _S.GIVEN: "info", _S.REPLIED: "closed"},
    related=("case__enterprise", "case__body"),
    transitions=(
        Transition(
            action="give",
            sources=(_S.ASKED,),
            target=_S.GIVEN,
            right=ENTERPRISE,
            title=_("Rate the service"),
            past=_("Service rated"),
            guards=(_all_are_rated,),
            columns=_given,
            effect=_tell_body,
            awaited=False,
            done_text=_("Thank you. Your rating is kept; you may change it for a while."),
        ),
        Transition(
            action="revise",
            sources=(_S.GIVEN, _S.REPLIED),
            target=SAME,
            right=ENTERPRISE,
            title=_("Change the rating"),
            past=_("Rating changed"),
            guards=(_may_still_be_revised, _all_are_rated),
            columns=_values,
            awaited=False,
            done_text=_("Your changed rating is kept."),
        ),
        Transition(
            action="reply",
            sources=(_S.GIVEN,),
            target=_S.REPLIED,
            right=MANAGER,
            title=_("Reply"),
            past=_("Rating replied to"),
            requires=("reply",),
            columns=_replied,
            effect=_tell_enterprise,
            awaited=False,
            done_text=_("Your reply is sent to the enterprise."),
        ),
    ),
)
