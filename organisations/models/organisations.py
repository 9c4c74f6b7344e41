from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from simple_history.models import HistoricalRecords

from foundation.models import Record, VisibleQuerySet
from foundation.models.base import in_language
from organisations.enums import Kind
from organisations.lookalikes import skeleton


class OrganisationQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """Own organisation; an authority those of its region; operators all."""
        if actor.is_operator:
            return self
        if actor.organisation_id is None:
            return self.none()
        own = Q(pk=actor.organisation_id)
        if actor.kind == Kind.AUTHORITY:
            own |= Q(region__startswith=actor.organisation.region_prefix)
        return self.filter(own)


class Organisation(Record):
    """An enterprise, a certification body, a laboratory or an authority."""

    REGION_DIGITS = 6

    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    name_zh = models.CharField(_("legal name in Chinese"), max_length=200, blank=True)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    country = CountryField(_("country"), default="CN")
    identifier = models.CharField(
        _("identifier"),
        max_length=40,
        help_text=_("In China the unified social credit code, elsewhere the registration number."),
    )
    address_zh = models.CharField(_("registered address in Chinese"), max_length=300, blank=True)
    address_en = models.CharField(_("registered address in English"), max_length=300, blank=True)
    region = models.CharField(
        _("region code"), max_length=6, blank=True, help_text=_("Six digits, GB/T 2260.")
    )
    legal_representative = models.CharField(_("legal representative"), max_length=100, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    website = models.CharField(
        _("website"), max_length=200, blank=True, validators=[URLValidator(["https", "http"])]
    )
    licence_valid_until = models.DateField(
        _("licence valid until"), null=True, blank=True, help_text=_("Leave empty when long-term.")
    )
    # Set once both have agreed to a merger; it ended when everything had passed over.
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("merges into"),
    )
    ended_on = models.DateField(_("ended by the merger on"), null=True, blank=True, editable=False)

    # What the names look like at a glance, to find those that are taken for each other.
    look_zh = models.CharField(max_length=400, blank=True, editable=False, db_index=True)
    look_en = models.CharField(max_length=400, blank=True, editable=False, db_index=True)

    history = HistoricalRecords(excluded_fields=["look_zh", "look_en"])
    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name_zh", "name_en"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "country", "identifier"], name="organisation_identifier_once"
            ),
            models.CheckConstraint(
                condition=~Q(name_zh="", name_en=""), name="organisation_has_a_name"
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | ~Q(successor=models.F("id")),
                name="organisation_not_its_own_successor",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(successor__isnull=False),
                name="organisation_ends_in_its_successor",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "name_zh", "name_en", "id"], name="organisation_by_name")
        ]

    def save(self, *, update_fields=None, **kwargs):
        self.look_zh, self.look_en = skeleton(self.name_zh), skeleton(self.name_en)
        if update_fields is not None:
            update_fields = {*update_fields, "look_zh", "look_en"}
        super().save(update_fields=update_fields, **kwargs)

    @property
    def name(self) -> str:
        return in_language(self.name_zh, self.name_en)

    @property
    def address(self) -> str:
        return in_language(self.address_zh, self.address_en)

    @property
    def region_prefix(self) -> str:
        """The leading part of the region code that all its districts share."""
        code = self.region
        while code.endswith("00"):
            code = code[:-2]
        return code

    @property
    def licence_is_valid(self) -> bool:
        return self.licence_valid_until is None or self.licence_valid_until >= timezone.localdate()

    def people(self, *roles):
        """Return the active people holding one of these roles here, by name."""
        return list(self.memberships.model.objects.people(self.pk, roles))

    def get_absolute_url(self):
        return reverse("organisations:organisation", args=[self.pk])
