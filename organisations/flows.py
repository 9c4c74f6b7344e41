"""How a certification body is admitted to the portal."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.access import IS_OPERATOR
from foundation.notices import notify
from foundation.workflow import REASON, Blocker, Flow, Transition
from organisations.enums import BodyStatus, Role
from organisations.models import BodyProfile


def approval_is_in_force(profile, actor, data):
    """A body needs an approval number that is still valid, and somebody to sign."""
    if not profile.approval_number:
        yield Blocker(_("The approval number is missing."), profile.get_absolute_url())
    if not profile.approval_lasts(timezone.localdate()):
        yield Blocker(_("The approval is no longer valid."), profile.get_absolute_url())
    if not (profile.signatory_zh or profile.signatory_en):
        yield Blocker(_("Nobody is named who signs the certificates."), profile.get_absolute_url())


def _told(kind: str):
    """Return the effect that tells a body's managers what was decided about it."""

    def effect(profile, actor, reason="", **data):
        body = profile.organisation
        notify(
            kind,
            to=body.people(Role.MANAGER),
            obj=profile,
            url=profile.get_absolute_url(),
            name_zh=body.name_zh,
            name_en=body.name_en,
            reason=reason,
        )

    return effect


BODY_FLOW = Flow(
    name="body",
    title=_("Admission of a certification body"),
    model=BodyProfile,
    states=BodyStatus,
    tags={
        BodyStatus.REGISTERED: "waiting",
        BodyStatus.APPROVED: "valid",
        BodyStatus.REFUSED: "withdrawn",
        BodyStatus.SUSPENDED: "suspended",
    },
    transitions=(
        Transition(
            action="approve",
            sources=(BodyStatus.REGISTERED, BodyStatus.REFUSED),
            target=BodyStatus.APPROVED,
            right=IS_OPERATOR,
            title=_("Approve the body"),
            task=_("Decide on the admission"),
            past=_("Body approved"),
            guards=(approval_is_in_force,),
            effect=_told("organisations.body_approved"),
        ),
        Transition(
            action="refuse",
            sources=(BodyStatus.REGISTERED,),
            target=BodyStatus.REFUSED,
            right=IS_OPERATOR,
            title=_("Refuse the body"),
            past=_("Body refused"),
            requires=(REASON,),
            serious=True,
            effect=_told("organisations.body_refused"),
        ),
        Transition(
            action="suspend",
            sources=(BodyStatus.APPROVED,),
            target=BodyStatus.SUSPENDED,
            right=IS_OPERATOR,
            title=_("Suspend the body"),
            past=_("Body suspended"),
            requires=(REASON,),
            awaited=False,
            serious=True,
            effect=_told("organisations.body_suspended"),
        ),
        Transition(
            action="reinstate",
            sources=(BodyStatus.SUSPENDED,),
            target=BodyStatus.APPROVED,
            right=IS_OPERATOR,
            title=_("Reinstate the body"),
            past=_("Body reinstated"),
            guards=(approval_is_in_force,),
            awaited=False,
            effect=_told("organisations.body_reinstated"),
        ),
    ),
)
