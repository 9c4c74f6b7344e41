from decimal import Decimal

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.models.applications import Application
from certification.models.reviews import AuditTimeCalculation
from certification.models.visibility import seen_by
from foundation.models import Record, StoredFile, VisibleQuerySet


class OfferQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """Both parties and the authority of the region; auditors do not see fees."""
        return seen_by(self, actor, prefix="application__")


class Offer(Record):
    """What the body offers: fee lines, the audit time behind them, and until when.

    ``lines`` are ``{"zh", "en", "quantity", "unit_price", "amount"}`` with decimal strings.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="offers")
    version = models.PositiveSmallIntegerField()
    calculation = models.ForeignKey(
        AuditTimeCalculation, on_delete=models.PROTECT, related_name="offers"
    )
    lines = models.JSONField()
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    total = models.DecimalField(_("total"), max_digits=12, decimal_places=2)
    terms = models.TextField(_("terms"), max_length=4000, blank=True)
    valid_until = models.DateField(_("valid until"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    snapshot = models.JSONField(default=dict)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["application", "version"], name="offer_version_once"),
            models.CheckConstraint(
                condition=models.Q(total__gte=Decimal(0)), name="offer_total_not_negative"
            ),
        ]

    def __str__(self):
        return f"{self.application} {self.version}"

    @property
    def is_expired(self) -> bool:
        return self.valid_until < timezone.localdate()

    def get_absolute_url(self):
        return reverse("certification:offer", args=[self.pk])


class Signature(Record):
    """A contract signed online: who typed which name under which bytes, and when."""

    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="signature")
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    name_typed = models.CharField(_("name as typed"), max_length=100)
    sha256 = models.CharField(_("SHA-256 of the document"), max_length=64)
    address = models.GenericIPAddressField(_("network address"), null=True)

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")

    def __str__(self):
        return self.name_typed
