"""The life of a competence: proposed by the person, approved by the body, suspended, withdrawn."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.actor import Actor
from foundation.formatting import day
from foundation.notices import in_both, notify
from foundation.workflow import REASON, Blocker, Flow, Transition
from organisations.enums import Role
from organisations.models import Membership
from schemes.enums import COMPETENCE_TAGS, CompetenceRole, CompetenceStatus
from schemes.models import Competence
from schemes.rights import JUDGES_COMPETENCE, MANAGES_COMPETENCE, OWN_COMPETENCE

_S = CompetenceStatus


def facts_of(competence: Competence) -> dict:
    """Return what a notice says of a competence, in both languages."""
    return {
        "person": competence.user.name,
        "body_zh": competence.body.name_zh,
        "body_en": competence.body.name_en,
        "scheme_zh": competence.scheme.title_zh,
        "scheme_en": competence.scheme.title_en,
        **in_both("role", str, CompetenceRole(competence.role).label),
        **in_both("until", day, competence.valid_until),
    }


def tell_person(kind: str, competence: Competence, actor: Actor, **facts) -> None:
    """Tell the person, unless it is who acts."""
    if competence.user == actor.user:
        return
    notify(
        kind,
        to=[competence.user],
        obj=competence,
        url=competence.get_absolute_url(),
        **facts_of(competence),
        **facts,
    )


def still_belongs(competence, actor, data):
    members = Membership.objects.current().filter(organisation=competence.body_id)
    if not members.filter(user=competence.user_id).exists():
        yield Blocker(_("This person does not belong to the body."))


def is_not_over(competence, actor, data):
    if competence.valid_until < timezone.localdate():
        yield Blocker(_("The validity that is proposed is over already."))


def proposed(competence, actor, **data):
    """Tell who can approve: managers and technical reviewers, never the person."""
    people = competence.body.people(Role.MANAGER, Role.REVIEWER)
    notify(
        "schemes.competence_proposed",
        to=[one for one in people if one.pk != competence.user_id],
        obj=competence,
        url=competence.get_absolute_url(),
        **facts_of(competence),
    )


def _told(kind):
    def effect(competence, actor, reason="", **data):
        tell_person(kind, competence, actor, reason=reason)

    return effect


def _with_answer(competence, actor, reason="", **data):
    return {"answer": reason}


COMPETENCE_FLOW = Flow(
    name="competence",
    title=_("Competence"),
    model=Competence,
    states=_S,
    start=_S.PROPOSED,
    also=(_S.APPROVED,),
    tags=COMPETENCE_TAGS,
    related=("user", "body", "scheme"),
    transitions=(
        Transition(
            action="approve",
            sources=(_S.PROPOSED,),
            target=_S.APPROVED,
            right=JUDGES_COMPETENCE,
            title=_("Approve the competence"),
            task=_("Judge a proposed competence"),
            past=_("Competence approved"),
            explain=_(
                "The person counts for this role, scheme and areas from the first day of the "
                "validity. The proof is what stands on this page."
            ),
            guards=(still_belongs, is_not_over),
            columns=_with_answer,
            effect=_told("schemes.competence_approved"),
            done_text=_("The competence is approved; the person was told."),
        ),
        Transition(
            action="return",
            sources=(_S.PROPOSED,),
            target=_S.RETURNED,
            right=JUDGES_COMPETENCE,
            title=_("Return the proposal"),
            past=_("Proposed competence returned"),
            explain=_("The person reads the reason, may change the proposal and make it again."),
            requires=(REASON,),
            columns=_with_answer,
            effect=_told("schemes.competence_returned"),
            awaited=False,
        ),
        Transition(
            action="propose",
            sources=(_S.RETURNED,),
            target=_S.PROPOSED,
            right=OWN_COMPETENCE,
            title=_("Propose again"),
            task=_("Change a returned proposal"),
            past=_("Competence proposed again"),
            effect=proposed,
            done_text=_("The proposal waits for a colleague who judges it."),
        ),
        Transition(
            action="take_back",
            sources=(_S.PROPOSED, _S.RETURNED),
            target=_S.WITHDRAWN,
            right=OWN_COMPETENCE,
            title=_("Take the proposal back"),
            past=_("Proposed competence taken back"),
            awaited=False,
        ),
        Transition(
            action="suspend",
            sources=(_S.APPROVED,),
            target=_S.SUSPENDED,
            right=MANAGES_COMPETENCE,
            title=_("Suspend the competence"),
            past=_("Competence suspended"),
            explain=_(
                "Until it is reinstated the person counts for no team and no decision. An audit "
                "that is planned already shows the gap."
            ),
            requires=(REASON,),
            columns=_with_answer,
            effect=_told("schemes.competence_suspended"),
            awaited=False,
            serious=True,
        ),
        Transition(
            action="reinstate",
            sources=(_S.SUSPENDED,),
            target=_S.APPROVED,
            right=MANAGES_COMPETENCE,
            title=_("Reinstate the competence"),
            past=_("Competence reinstated"),
            guards=(still_belongs,),
            requires=(REASON,),
            columns=_with_answer,
            effect=_told("schemes.competence_reinstated"),
            awaited=False,
        ),
        Transition(
            action="withdraw",
            sources=(_S.APPROVED, _S.SUSPENDED),
            target=_S.WITHDRAWN,
            right=MANAGES_COMPETENCE,
            title=_("Withdraw the competence"),
            past=_("Competence withdrawn"),
            explain=_("The person does not count any more; the record and its history stay."),
            requires=(REASON,),
            columns=_with_answer,
            effect=_told("schemes.competence_withdrawn"),
            awaited=False,
            serious=True,
        ),
    ),
)
