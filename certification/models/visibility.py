"""Who sees what of a case, in one place."""

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet

from foundation.models import VisibleQuerySet
from organisations.enums import DESK_ROLES, Kind


def seen_by(rows: QuerySet, actor, *, prefix: str = "", involved=()) -> QuerySet:
    """Return those of the rows, which name enterprise and body, that an actor may see.

    ``prefix`` leads to the row with ``enterprise`` and ``body``; ``involved`` are lookups of
    the people assigned to it, for auditors who see only their own cases. No row comes twice, and
    none has to be compared with others for that.
    """
    return rows.filter(_condition(rows.model, actor, prefix, involved))


def _condition(model, actor, prefix, involved) -> Q:
    if actor.is_operator:
        return Q()
    if actor.kind == Kind.ENTERPRISE:
        own = Q(**{f"{prefix}enterprise_id": actor.organisation_id})
        return own | _of_the_past(model, actor, prefix) if actor.organisation.successor_id else own
    if actor.kind == Kind.BODY and (actor.roles & DESK_ROLES or involved):
        own = Q(**{f"{prefix}body_id": actor.organisation_id})
        if actor.roles & DESK_ROLES:
            return own
        assigned = Q()
        for lookup in [involved] if isinstance(involved, str) else involved:
            mine = model._base_manager.filter(**{lookup: actor.user})
            assigned |= Q(pk__in=mine.values("pk"))
        return own & assigned
    if actor.kind == Kind.AUTHORITY:
        region = actor.organisation.region_prefix
        return Q(**{f"{prefix}enterprise__region__startswith": region}) | Q(
            **{f"{prefix}body__region__startswith": region}
        )
    return Q(pk__in=[])


def _of_the_past(model, actor, prefix) -> Q:
    """Return what there was of a case by the day it passed from the actor's enterprise."""
    target = model
    for name in prefix.split("__")[:-1]:
        target = target._meta.get_field(name).related_model
    path = "pk" if target._meta.label_lower == "certification.case" else "case_id"
    held = apps.get_model("certification", "FormerHolder").objects.filter(
        enterprise=actor.organisation_id,
        case=OuterRef(f"{prefix}{path}"),
        until__gte=OuterRef("created_at"),
    )
    return Q(Exists(held))


class CaseRowQuerySet(VisibleQuerySet):
    """Rows that belong to a case are seen by whoever sees the case."""

    path = "case__"

    def visible_to(self, actor):
        return seen_by(self, actor, prefix=self.path, involved=f"{self.path}involvements__user")
