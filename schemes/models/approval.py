"""What a body is approved to certify."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from foundation.models import Record
from organisations.models import Organisation
from schemes.models.area import TechnicalArea
from schemes.models.base import Dated, InForceQuerySet
from schemes.models.scheme import Scheme


class BodyApprovalQuerySet(InForceQuerySet):
    def visible_to(self, actor):
        """Approvals are public facts: whoever looks a body up may read them."""
        return self


class BodyApproval(Record, Dated):
    """A body's approval for one scheme in named technical areas, with its accreditation."""

    body = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="approvals",
        verbose_name=_("certification body"),
    )
    scheme = models.ForeignKey(
        Scheme, on_delete=models.PROTECT, related_name="approvals", verbose_name=_("scheme")
    )
    areas = models.ManyToManyField(
        TechnicalArea, related_name="approvals", verbose_name=_("technical areas")
    )
    reference = models.CharField(_("approval reference"), max_length=60)
    accreditation = models.CharField(
        _("accreditation"),
        max_length=60,
        blank=True,
        help_text=_("Accreditation body and number; leave empty when not accredited."),
    )

    history = HistoricalRecords(m2m_fields=["areas"])
    objects = BodyApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("body approval")
        verbose_name_plural = _("body approvals")
        ordering = ["body", "scheme__position", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "scheme", "reference"], name="approval_reference_once"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gte=models.F("valid_from")),
                name="approval_ends_after_it_begins",
            ),
        ]

    def __str__(self):
        return f"{self.reference} {self.scheme}"

    def get_absolute_url(self):
        return reverse("schemes:approval", args=[self.body_id, self.pk])
