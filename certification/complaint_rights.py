"""Who may do what with a complaint or an appeal; independence is part of every right."""

from django.utils.translation import gettext_lazy as _

from certification.complaint_links import Complainant
from certification.enums import About, ComplaintKind
from certification.queries.complaints import client_has_answered, involved, nobody_is_independent
from foundation.access import ALLOWED, Denied, Right
from organisations.enums import ROLES_OF, Kind, Role
from organisations.rights import CERTIFIER, ENTERPRISE, MANAGER, REVIEWER

_BODY_ROLES = frozenset(ROLES_OF[Kind.BODY])
_INVOLVED = _(
    "You took part in the matter, or it is about you: somebody who did not handles and decides it."
)


def _is_not_subject(actor, complaint):
    if complaint is None or complaint.subject_id is None or actor.user is None:
        return ALLOWED
    return Right.allow(actor.user.pk != complaint.subject_id, _INVOLVED)


def _took_no_part(actor, complaint):
    """Nobody handles or decides who is concerned (ISO/IEC 17021-1:2015 9.7, 9.8)."""
    if complaint is None or actor.user is None:
        return ALLOWED
    return Right.allow(actor.user.pk not in involved(complaint), _INVOLVED)


def _is_named(actor, complaint, person_id):
    return (
        actor.user is not None
        and actor.organisation_id == complaint.body_id
        and person_id == actor.user.pk
    )


def _is_handler(actor, complaint):
    if complaint is None or _is_named(actor, complaint, complaint.handler_id):
        return ALLOWED
    return Denied(_("Only who was named to handle it may do this."))


def _is_decider(actor, complaint):
    if complaint is None or _is_named(actor, complaint, complaint.decider_id):
        return ALLOWED
    return Denied(_("Only a manager, or who was named to decide it, may do this."))


def _complains(actor, complaint):
    if complaint is None:
        return ALLOWED
    if isinstance(actor, Complainant) and actor.complaint_id == complaint.pk:
        return ALLOWED
    appeals = complaint.kind == ComplaintKind.APPEAL
    if appeals and actor.holds(Role.OWNER, complaint.enterprise_id):
        return ALLOWED
    return Denied(_("Only who complained may do this."))


def _holds_link(actor, complaint):
    if isinstance(actor, Complainant) and complaint and actor.complaint_id == complaint.pk:
        return ALLOWED
    return Denied(_("Only who complained may do this."))


def _was_passed_on(actor, complaint):
    if complaint is None:
        return ALLOWED
    if complaint.kind != ComplaintKind.COMPLAINT or complaint.passed_on_at is None:
        return Denied(_("It was not passed on to you."))
    return Right.allow(not client_has_answered(complaint), _("You have answered already."))


def _is_authority(actor, complaint):
    if complaint is None:
        return Right.allow(actor.kind == Kind.AUTHORITY, _("Only the authority may do this."))
    turned_to = actor.holds(Role.SUPERVISOR, complaint.authority_id)
    return Right.allow(turned_to, _("Only the authority that was turned to may do this."))


def _has_nobody(actor, complaint):
    if complaint is None or nobody_is_independent(complaint):
        return ALLOWED
    return Denied(_("The body has people who took no part: one of them handles it."))


def _decided_anew_by(about):
    def test(actor, complaint):
        return Right.allow(
            complaint is None or complaint.about == about,
            _("Somebody else decides anew on this."),
        )

    return test


INDEPENDENT = Right("took no part in the matter", _took_no_part)
MANAGES = MANAGER & Right("not the person it is about", _is_not_subject)
HANDLES = Right("named to handle it", _is_handler, _BODY_ROLES) & INDEPENDENT
DECIDES = (MANAGER | Right("named to decide it", _is_decider, _BODY_ROLES)) & INDEPENDENT
ENDS = MANAGES | HANDLES
COMPLAINS = Right("who complained", _complains, {Role.OWNER})
HOLDS_LINK = Right("holder of the private link", _holds_link)
ANSWERS = ENTERPRISE & Right("it was passed on to", _was_passed_on)
TURNED_TO = Right("authority that was turned to", _is_authority, {Role.SUPERVISOR})
HANDS_OVER = MANAGES & Right("nobody is independent", _has_nobody)
ESCALATES = COMPLAINS | HANDS_OVER
DECIDES_ANEW = (
    CERTIFIER & Right("decisions on certification", _decided_anew_by(About.DECISION))
    | REVIEWER & Right("application reviews", _decided_anew_by(About.APPLICATION))
) & INDEPENDENT
