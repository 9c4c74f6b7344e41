"""What ties a person to an enterprise, and the person's word that this is all."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from foundation.models import Record, VisibleQuerySet
from organisations.enums import Kind, Role
from organisations.models import Membership
from schemes.enums import InterestKind

# Who in a body reads why a person is barred.
READERS = frozenset({Role.MANAGER, Role.PLANNER})


def reads_interests(actor, user) -> bool:
    """Tell whether an actor who sees a person's profile reads what ties the person to others."""
    if actor.is_operator or actor.user == user:
        return True
    return actor.kind == Kind.BODY and bool(actor.roles & READERS)


class PersonalQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """One's own; managers and planners of a body those of its present people; operators all."""
        if actor.is_operator:
            return self
        if not actor.is_authenticated:
            return self.none()
        own = Q(user=actor.user)
        if actor.kind != Kind.BODY or not actor.roles & READERS:
            return self.filter(own)
        present = Membership.objects.current().filter(organisation=actor.organisation_id)
        return self.filter(own | Q(user__in=present.values("user")))


class Interest(Record):
    """A tie to one enterprise; without an end it goes on (ISO/IEC 17021-1:2015 5.2).

    It names the enterprise by country and identifier and not by a row, so that it binds also
    before the enterprise comes to the portal, and tells nobody who is here.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="interests",
        verbose_name=_("person"),
    )
    country = CountryField(_("country"), default="CN")
    identifier = models.CharField(_("identifier"), max_length=40)
    name = models.CharField(_("name of the enterprise"), max_length=200)
    kind = models.CharField(_("kind"), max_length=16, choices=InterestKind.choices)
    began_on = models.DateField(_("began on"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    text = models.TextField(_("remarks"), max_length=1000, blank=True)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects = PersonalQuerySet.as_manager()

    class Meta:
        verbose_name = _("declared interest")
        verbose_name_plural = _("declared interests")
        ordering = ["-began_on", "created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=models.F("began_on")),
                name="interest_ends_after_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["identifier", "country", "user"], name="interest_lookup")]

    def __str__(self):
        return f"{self.user} · {self.get_kind_display()}"

    def get_absolute_url(self):
        return reverse("schemes:interest", args=[self.pk])


class Declaration(Record):
    """Until when a person has to confirm that the declared interests are complete.

    The first one is due at once; each confirmation moves ``due_on`` by the months of the rules.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="declaration"
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    due_on = models.DateField(_("to be confirmed by"), db_index=True)

    objects = PersonalQuerySet.as_manager()

    class Meta:
        verbose_name = _("declaration of interests")
        verbose_name_plural = _("declarations of interests")

    def __str__(self):
        return str(self.user)
