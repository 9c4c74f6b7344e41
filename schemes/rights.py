"""Who may record what bodies are approved for, people are competent in and have declared."""

from django.utils.translation import gettext_lazy as _

from foundation.access import ALLOWED, IS_OPERATOR, Denied, Right
from organisations.enums import DESK_ROLES, Kind, Role
from organisations.models import Membership
from organisations.rights import MANAGER, REVIEWER

_BODY = {*DESK_ROLES, Role.AUDITOR}


def _is_somebody_elses(actor, row):
    """Nobody judges the own competence (ISO/IEC 17021-1:2015 5.2.1)."""
    if row is None or row.user_id is None or row.user_id != actor.user.pk:
        return ALLOWED
    return Denied(_("Nobody judges the own competence: a colleague does this."))


def _is_ones_own(actor, row):
    if not actor.is_authenticated or actor.kind != Kind.BODY:
        return Denied(_("Only people of the certification body may do this."))
    if row is None or (row.user_id == actor.user.pk and row.body_id == actor.organisation_id):
        return ALLOWED
    return Denied(_("Only the person whose competence it is may do this."))


def _manages(actor, user_id) -> bool:
    """Tell whether the actor manages a body to which a person belongs."""
    return Role.MANAGER in actor.roles and (
        Membership.objects.current()
        .filter(user=user_id, organisation=actor.organisation_id, organisation__kind=Kind.BODY)
        .exists()
    )


def _declares(actor, interest):
    if not actor.is_authenticated or actor.kind != Kind.BODY:
        return Denied(_("Only people of the certification body may do this."))
    if interest is None or interest.user_id == actor.user.pk or _manages(actor, interest.user_id):
        return ALLOWED
    return Denied(_("Only the person or a manager of the body may do this."))


def _keeps_entries(actor, entry):
    """The body speaks of employment and evaluations, the person or a manager of the rest."""
    if not actor.is_authenticated or actor.kind != Kind.BODY:
        return Denied(_("Only people of the certification body may do this."))
    if entry is None or (entry.body_id is None and entry.user_id == actor.user.pk):
        return ALLOWED
    if not _manages(actor, entry.user_id) or entry.body_id not in (None, actor.organisation_id):
        return Denied(_("Only the person or a manager of the body may do this."))
    if entry.user_id == actor.user.pk:
        return Denied(_("Nobody judges the own competence: a colleague does this."))
    return ALLOWED


def _reads_team(actor, obj):
    if not actor.is_authenticated:
        return Denied(_("Sign in first."))
    if actor.kind == Kind.BODY and not actor.roles & DESK_ROLES:
        return Denied(_("Only the desk of the body reads the competence of all."))
    return ALLOWED


READS_TEAM = Right("reads the competence of a whole body", _reads_team)
_OTHER = Right("not one's own", _is_somebody_elses)

RECORD_APPROVAL = IS_OPERATOR
RECORD_COMPETENCE = (IS_OPERATOR | MANAGER) & _OTHER
JUDGES_COMPETENCE = (MANAGER | REVIEWER) & _OTHER
MANAGES_COMPETENCE = MANAGER & _OTHER
OWN_COMPETENCE = Right("the person, in the body", _is_ones_own, _BODY)
DECLARES = Right("the person or a manager of a body", _declares, _BODY)
KEEPS_ENTRIES = Right("the person or a manager of the body", _keeps_entries, _BODY)
