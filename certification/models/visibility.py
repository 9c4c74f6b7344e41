"""Who sees what of a case, in one place."""

from django.db.models import Q

from foundation.models import VisibleQuerySet
from organisations.enums import DESK_ROLES, Kind


def parties(actor, *, prefix: str = "", involved: str = "") -> Q:
    """Return the condition under which an actor may see rows that name enterprise and body.

    ``prefix`` leads to the row with ``enterprise`` and ``body``; ``involved`` is the lookup of
    the people assigned to it, for auditors who see only their own cases.
    """
    if actor.is_operator:
        return Q()
    if actor.kind == Kind.ENTERPRISE:
        return Q(**{f"{prefix}enterprise_id": actor.organisation_id})
    if actor.kind == Kind.BODY and (actor.roles & DESK_ROLES or involved):
        own = Q(**{f"{prefix}body_id": actor.organisation_id})
        return own if actor.roles & DESK_ROLES else own & Q(**{involved: actor.user})
    if actor.kind == Kind.AUTHORITY:
        region = actor.organisation.region_prefix
        return Q(**{f"{prefix}enterprise__region__startswith": region}) | Q(
            **{f"{prefix}body__region__startswith": region}
        )
    return Q(pk__in=[])


class CaseRowQuerySet(VisibleQuerySet):
    """Rows that belong to a case are seen by whoever sees the case."""

    path = "case__"

    def visible_to(self, actor):
        return self.filter(
            parties(actor, prefix=self.path, involved=f"{self.path}involvements__user")
        ).distinct()
