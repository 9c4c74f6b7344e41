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
from schemes.enums import LIVE, CompetenceRole, CompetenceStatus
from schemes.models.area import TechnicalArea
from schemes.models.base import InForceQuerySet
from schemes.models.entries import Entry
from schemes.models.scheme import Scheme


class CompetenceQuerySet(InForceQuerySet):
    def in_force(self, on, until=None):
        """Return what holds on a day, or without a break through ``until``: approved rows alone."""
        return self.approved().filter(valid_from__lte=on, valid_until__gte=until or on)

    def approved(self):
        return self.filter(status=CompetenceStatus.APPROVED)

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
    """A person's competence in one role for one scheme in named technical areas.

    The body records it, or the person proposes it with the entries of the profile that ``support``
    it and somebody else of the body approves it (ISO/IEC 17021-1:2015 7.2). ``languages`` lists
    language codes (``zh``, ``en``) in which the person can audit.
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
    status = models.CharField(
        _("status"),
        max_length=16,
        choices=CompetenceStatus.choices,
        default=CompetenceStatus.APPROVED,
        db_default=CompetenceStatus.APPROVED,
    )
    grounds = models.TextField(_("grounds"), max_length=2000, blank=True, db_default="")
    support = models.ManyToManyField(
        Entry, related_name="supports", blank=True, verbose_name=_("supported by")
    )
    answer = models.TextField(_("reason of the body"), max_length=2000, blank=True, db_default="")

    history = HistoricalRecords(m2m_fields=["areas"])
    objects = CompetenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("competence")
        verbose_name_plural = _("competences")
        ordering = ["user", "scheme__position", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "body", "scheme", "role", "valid_from"],
                condition=Q(status__in=LIVE),
                name="competence_once",
                violation_error_message=_(
                    "This person has a competence in this role and scheme from this day already."
                ),
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

    @property
    def desk_number(self) -> str:
        return self.user.name

    @property
    def desk_detail(self) -> str:
        """What a queue says beside the person."""
        return f"{self.scheme.code} · {self.get_role_display()}"

    def get_absolute_url(self):
        return reverse("schemes:competence_item", args=[self.body_id, self.pk])
