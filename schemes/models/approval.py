"""What a body is approved to certify."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from foundation.models import Record
from organisations.models import Organisation
from schemes.enums import ApprovalStanding
from schemes.models.area import TechnicalArea
from schemes.models.base import Dated, InForceQuerySet
from schemes.models.scheme import Scheme


class BodyApprovalQuerySet(InForceQuerySet):
    def visible_to(self, actor):
        """Approvals are public facts: whoever looks a body up may read them."""
        return self

    def in_force(self, on, until=None):
        """Return the versions that give the right to certify on a day, or through ``until``."""
        return self.on_record(on, until).filter(standing=ApprovalStanding.HOLDS)

    def on_record(self, on, until=None):
        """Return the versions of a day, suspended and withdrawn ones too."""
        return super().in_force(on, until)


class BodyApproval(Record, Dated):
    """A version of a body's approval for one scheme in named technical areas.

    An order of the authority ends a version and is followed by the next one, whose ``standing``
    says whether the body may certify under it; what was is never overwritten.
    """

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

    standing = models.CharField(
        _("standing"),
        max_length=12,
        choices=ApprovalStanding.choices,
        default=ApprovalStanding.HOLDS,
        db_default=ApprovalStanding.HOLDS,
    )
    order = models.CharField(
        _("order it rests on"), max_length=60, blank=True, default="", db_default=""
    )

    history = HistoricalRecords(m2m_fields=["areas"])
    objects = BodyApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("body approval")
        verbose_name_plural = _("body approvals")
        ordering = ["body", "scheme__position", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "scheme", "reference", "valid_from"],
                name="approval_version_once",
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
