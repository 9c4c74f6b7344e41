from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.models import Record, VisibleQuerySet
from organisations.enums import Role
from organisations.models.organisations import Organisation


class MembershipQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """The team of the actor's own organisation; operators all."""
        if actor.is_operator:
            return self
        if actor.organisation_id is None:
            return self.none()
        return self.filter(organisation_id=actor.organisation_id)

    def current(self):
        return self.filter(ended_at=None, user__is_active=True)

    def people(self, organisation_id, roles):
        """Return the active people with one of these roles in an organisation."""
        return (
            get_user_model()
            .objects.filter(
                memberships__organisation_id=organisation_id,
                memberships__role__in=roles,
                memberships__ended_at=None,
                is_active=True,
            )
            .distinct()
            .order_by("name")
        )


class Membership(Record):
    """One role of one person in one organisation."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=models.Q(ended_at=None),
                name="membership_once",
            )
        ]

    def __str__(self):
        return f"{self.user} · {self.get_role_display()}"
