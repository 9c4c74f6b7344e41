"""The people of a body, and those who answer for them."""

from django.contrib.auth import get_user_model

from organisations.enums import Kind, Role
from organisations.models import Membership


def members_of(actor, body):
    """Return the people of a body whom this actor may choose from, by name."""
    team = Membership.objects.visible_to(actor).current().filter(organisation=body)
    return get_user_model().objects.filter(pk__in=team.values("user")).order_by("name", "pk")


def managers_of(user, body=None) -> list:
    """Return the managers of a person's bodies, or of one of them, the person apart."""
    rows = Membership.objects.current().filter(user=user, organisation__kind=Kind.BODY)
    if body is not None:
        rows = rows.filter(organisation=body)
    found = (
        get_user_model()
        .objects.filter(
            memberships__organisation__in=rows.values("organisation"),
            memberships__role=Role.MANAGER,
            memberships__ended_at=None,
            is_active=True,
        )
        .exclude(pk=user.pk)
    )
    return list(found.distinct().order_by("name", "pk"))
