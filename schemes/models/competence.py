"""What a person is competent to do for a body."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from foundation.models import Record
from organisations.enums import DESK_ROLES, Kind
from organisations.models import Organisation
from schemes.enums import CompetenceRole
from schemes.models.area import TechnicalArea
from schemes.models.base import InForceQuerySet
from schemes.models.scheme import Scheme


class CompetenceQuerySet(InForceQuerySet):
    def in_force(self, on, until=None):
        """Return the rows that hold on a day, or without a break from it through ``until``."""
        return self.filter(valid_from__lte=on, valid_until__gte=until or on)

    def visible_to(self, actor):
        """One's own; the desk of a body and an authority those of their bodies; operators all."""
        if actor.is_operator:
            return self
        if not actor.is_authenticated:
            return self.none()
        own = Q(user=actor.user)
        if actor.kind == Kind.BODY and not actor.roles & DESK_ROLES:
            return self.filter(own)
        return self.filter(own | Q(body__in=Organisation.objects.visible_to(actor)))


class Competence(Record):
    """A person's proven competence in one role for one scheme in named technical areas.

    ``languages`` lists language codes (``zh``, ``en``) in which the person can audit.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="competences",
        verbose_name=_("person"),
    )
    body = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="competences",
        verbose_name=_("certification body"),
    )
    scheme = models.ForeignKey(
        Scheme, on_delete=models.PROTECT, related_name="competences", verbose_name=_("scheme")
    )
    areas = models.ManyToManyField(
        TechnicalArea, related_name="competences", verbose_name=_("technical areas")
    )
    role = models.CharField(_("role"), max_length=20, choices=CompetenceRole.choices)
    registration_number = models.CharField(_("registration number"), max_length=60, blank=True)
    languages = models.JSONField(_("languages"), default=list)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"))

    history = HistoricalRecords(m2m_fields=["areas"])
    objects = CompetenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("competence")
        verbose_name_plural = _("competences")
        ordering = ["user", "scheme__position", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "body", "scheme", "role", "valid_from"], name="competence_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gte=models.F("valid_from")),
                name="competence_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(
                fields=["body", "scheme", "role", "valid_until"], name="competence_lookup"
            ),
        ]

    def __str__(self):
        return f"{self.user} {self.scheme} {self.get_role_display()}"

    def get_absolute_url(self):
        return reverse("schemes:competence_item", args=[self.body_id, self.pk])
