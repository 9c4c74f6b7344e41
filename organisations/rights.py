"""Rights by role: who holds a role in the party that an object names."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from foundation.access import ALLOWED, Denied, Right
from foundation.actor import OPERATOR
from organisations.enums import DESK_ROLES, Kind, Role

_NOT_OURS = _("This is not your organisation.")


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
        return Denied(_NOT_OURS)
    return ALLOWED


def _works_in_the_body(actor, obj):
    if actor.kind != Kind.BODY:
        return Denied(_("Only people of the certification body may do this."))
    return ALLOWED if obj is None or actor.organisation_id == _body_of(obj) else Denied(_NOT_OURS)


def _body_of(obj):
    """Return the body of a record, which of a finding is that of its audit."""
    return obj.audit.body_id if hasattr(obj, "audit") else obj.body_id


REMINDS = Right("works in the body", _works_in_the_body, {*DESK_ROLES, Role.AUDITOR})
ACTS = Right("member of an organisation", _acts_for_someone)
ADMINISTERS = Right(
    "owner or manager of the organisation",
    _administers,
    {Role.OWNER, Role.MANAGER, Role.SUPERVISOR},
)


def _of_the_house(actor, file) -> bool:
    return (
        file.organisation_id is not None
        and not file.generated
        and file.organisation_id == actor.organisation_id
        and (not actor.is_confined or file.uploaded_by_id == actor.user.pk)
    )


def _keeps_files(actor, file):
    if file is None:
        return _acts_for_someone(actor, None)
    return ALLOWED if _of_the_house(actor, file) else Denied(_("This is not your file."))


def _ends_files(actor, file):
    access = _keeps_files(actor, file)
    if not access or file is None:
        return access
    if file.uploaded_by_id == actor.user.pk or _administers(actor, None):
        return ALLOWED
    return Denied(_("Only who uploaded it, or an owner or manager, may do this."))


# Whom the files of an organisation are for: see StoredFile.objects.visible_to.
KEEPS_FILES = Right("member of an organisation", _keeps_files)
ENDS_FILES = Right("member of an organisation", _ends_files)
IN_ENTERPRISE = Right(
    "acts for an enterprise",
    lambda actor, obj: (
        ALLOWED
        if actor.kind == Kind.ENTERPRISE
        else Denied(_("Only people of an enterprise may do this."))
    ),
    {Role.OWNER, Role.MEMBER},
)


def _works_in_admin(actor, obj):
    """Operators; and the desk of a body, whose rows are fetched through the actor."""
    if actor.is_operator or (actor.kind == Kind.BODY and actor.roles & DESK_ROLES):
        return ALLOWED
    return Denied(_("Only staff of a certification body and operators work here."))


WORKS_IN_ADMIN = Right("operator or desk of a body", _works_in_admin, {OPERATOR, *DESK_ROLES})


def works_for_others(actor) -> bool:
    """Tell whether somebody relies on this person's work: operators, bodies and authorities.

    Whoever belongs to one does, whomever he or she acts for now.
    """
    staffed = {organisation.kind for organisation in actor.memberships}
    return actor.is_operator or bool(staffed & {Kind.BODY, Kind.AUTHORITY})


def needs_second_factor(actor) -> bool:
    """Tell whether this person may only work with a second factor."""
    return settings.SECOND_FACTOR == "required" and works_for_others(actor)


@dataclass(frozen=True)
class Limits:
    """How long a session may rest, and how long it may last."""

    idle: timedelta
    absolute: timedelta


def session_limits(actor) -> Limits:
    """Return the limits of this person's sessions."""
    return Limits(*settings.SESSION_LIMITS["staff" if works_for_others(actor) else "others"])
