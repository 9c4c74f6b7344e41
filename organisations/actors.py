"""Build the actor of a request: the person, and the organisation acted for now."""

from foundation.actor import ANONYMOUS, Actor
from organisations.models import Membership

SESSION_KEY = "acting_as"


def actor_for(user, organisation_id=None) -> Actor:
    """Return the actor for a person acting for one organisation.

    Without a choice, or with one the person does not belong to, the oldest membership counts.
    An operator acts for no organisation.
    """
    if user is None or not user.is_authenticated:
        return ANONYMOUS
    if user.is_staff:
        return Actor(user=user)
    rows = list(
        Membership.objects.current()
        .filter(user=user)
        .select_related("organisation")
        .order_by("created_at")
    )
    if not rows:
        return Actor(user=user)
    by_organisation = {}
    for row in rows:
        by_organisation.setdefault(row.organisation_id, []).append(row)
    chosen = by_organisation.get(organisation_id) or next(iter(by_organisation.values()))
    return Actor(
        user=user,
        organisation=chosen[0].organisation,
        roles=frozenset(row.role for row in chosen),
        memberships=tuple(group[0].organisation for group in by_organisation.values()),
    )


def actor_in(user, organisation) -> Actor:
    """Return the actor for a person in this organisation. Raises LookupError for a stranger."""
    actor = actor_for(user, organisation.pk)
    if actor.organisation_id != organisation.pk:
        raise LookupError(f"{user} does not belong to {organisation}")
    return actor
