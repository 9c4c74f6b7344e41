"""Build the actor of a request: the person, and the organisation acted for now."""

from collections import defaultdict

from django.utils.translation import gettext as _

from accounts.models import User
from foundation.actor import ANONYMOUS, OPERATOR, Actor
from organisations.enums import DESK_ROLES, Kind
from organisations.models import Membership

SESSION_KEY = "acting_as"


def actor_for(user, organisation_id=None, *, confirmed=False) -> Actor:
    """Return the actor for a person acting for one organisation.

    Without a choice, or with one the person does not belong to, the oldest membership counts.
    An operator acts for no organisation. ``confirmed`` says that the person has just proved who
    he or she is.
    """
    if user is None or not user.is_authenticated:
        return ANONYMOUS
    if user.is_staff:
        return Actor(user=user, confirmed=confirmed)
    rows = list(
        Membership.objects.current()
        .filter(user=user)
        .select_related("organisation__body_profile")
        .order_by("created_at")
    )
    if not rows:
        return Actor(user=user, confirmed=confirmed)
    by_organisation = {}
    for row in rows:
        by_organisation.setdefault(row.organisation_id, []).append(row)
    chosen = by_organisation.get(organisation_id) or next(iter(by_organisation.values()))
    return _acting(
        user,
        chosen,
        memberships=tuple(group[0].organisation for group in by_organisation.values()),
        confirmed=confirmed,
    )


def _acting(user, rows, **facts) -> Actor:
    roles = frozenset(row.role for row in rows)
    return Actor(
        user=user,
        organisation=rows[0].organisation,
        roles=roles,
        oversees=bool(roles & DESK_ROLES),
        is_confined=rows[0].organisation.kind == Kind.BODY and not roles & DESK_ROLES,
        **facts,
    )


def crews_of(parties) -> dict:
    """Return everybody who can act for these organisations, by organisation.

    ``parties`` holds identifiers of organisations, and ``OPERATOR`` when operators are asked for.
    """
    crews = {}
    if OPERATOR in parties:
        staff = User.objects.filter(is_staff=True, is_active=True).order_by("pk")
        crews[OPERATOR] = [Actor(user=user) for user in staff]
    rows = defaultdict(list)
    for row in (
        Membership.objects.current()
        .filter(organisation_id__in=parties - {OPERATOR}, user__is_staff=False)
        .select_related("organisation", "user")
        .order_by("created_at")
    ):
        rows[row.organisation_id, row.user].append(row)
    for (organisation_id, user), held in rows.items():
        crews.setdefault(organisation_id, []).append(_acting(user, held))
    return crews


def actor_in(user, organisation) -> Actor:
    """Return the actor for a person in this organisation. Raises LookupError for a stranger."""
    actor = actor_for(user, organisation.pk)
    if actor.organisation_id != organisation.pk:
        raise LookupError(f"{user} does not belong to {organisation}")
    return actor


def actor_again(user, organisation_id) -> Actor:
    """Return the actor for a person in an organisation, or in none, as a job finds them.

    Raises LookupError when the person left it, may not sign in any more, or acts otherwise now.
    """
    actor = actor_for(user, organisation_id) if user.is_active else ANONYMOUS
    if not actor.is_authenticated or actor.organisation_id != organisation_id:
        raise LookupError(_("You do not act for this organisation any more."))
    return actor
