"""Rights by role: who holds a role in the party that an object names."""

from django.utils.translation import gettext_lazy as _

from foundation.access import ALLOWED, Denied, Right
from organisations.enums import DESK_ROLES, Kind, Role


def held(*roles: Role, party: str) -> Right:
    """Return the right of those who hold one of these roles in the object's party.

    ``party`` is the field that names the organisation: ``enterprise`` or ``body``. Without an
    object the role alone opens the door.
    """
    labels = " / ".join(str(role.value) for role in roles)

    def test(actor, obj):
        if obj is None:
            held_now = actor.roles & set(roles)
        else:
            organisation_id = getattr(obj, f"{party}_id")
            held_now = any(actor.holds(role, organisation_id) for role in roles)
        if held_now:
            return ALLOWED
        return Denied(
            _("Only this role may do this: %(roles)s.")
            % {"roles": ", ".join(str(role.label) for role in roles)}
        )

    return Right(f"{labels} of the {party}", test, roles)


OWNER = held(Role.OWNER, party="enterprise")
ENTERPRISE = held(Role.OWNER, Role.MEMBER, party="enterprise")
MANAGER = held(Role.MANAGER, party="body")
REVIEWER = held(Role.REVIEWER, party="body")
PLANNER = held(Role.PLANNER, party="body")
AUDITOR = held(Role.AUDITOR, party="body")
CERTIFIER = held(Role.CERTIFIER, party="body")
BODY_DESK = held(*sorted(DESK_ROLES), party="body")


def _acts_for_someone(actor, obj):
    if actor.organisation_id is None:
        return Denied(_("Register your enterprise first, or ask a colleague to invite you."))
    return ALLOWED


def _administers(actor, obj):
    """The owner of an enterprise or manager of a body, for the organisation itself."""
    roles = {Role.OWNER, Role.MANAGER, Role.SUPERVISOR}
    if not actor.roles & roles:
        return Denied(_("Only an owner or manager of the organisation may do this."))
    if obj is not None and obj.pk != actor.organisation_id:
        return Denied(_("This is not your organisation."))
    return ALLOWED


ACTS = Right("member of an organisation", _acts_for_someone)
ADMINISTERS = Right(
    "owner or manager of the organisation",
    _administers,
    {Role.OWNER, Role.MANAGER, Role.SUPERVISOR},
)
IN_ENTERPRISE = Right(
    "acts for an enterprise",
    lambda actor, obj: (
        ALLOWED
        if actor.kind == Kind.ENTERPRISE
        else Denied(_("Only people of an enterprise may do this."))
    ),
    {Role.OWNER, Role.MEMBER},
)
