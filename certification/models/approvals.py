from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certification.enums import ApprovalCause, ApprovalChangeKind, ApprovalChangeStatus
from foundation.models import Record, VisibleQuerySet
from organisations.enums import DESK_ROLES, Kind
from organisations.models import Organisation
from schemes.models import BodyApproval, TechnicalArea


class ApprovalChangeQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """Operators all; the desk of the body and its authority what was ordered."""
        if actor.is_operator:
            return self
        ordered = self.filter(status=ApprovalChangeStatus.ORDERED)
        if actor.kind == Kind.BODY and actor.roles & DESK_ROLES:
            return ordered.filter(body=actor.organisation_id)
        if actor.kind == Kind.AUTHORITY:
            return ordered.filter(body__region__startswith=actor.organisation.region_prefix)
        return self.none()


class ApprovalChange(Record):
    """What an authority decided about the approval of a body, and from when.

    It is prepared, so that what it affects can be looked at, and then ordered. ``approvals`` are
    the versions it ends; what follows them are versions of their own. A narrower approval loses
    ``areas``, or ends on ``last_day``.
    """

    body = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="approval_changes",
        verbose_name=_("certification body"),
    )
    status = models.CharField(
        _("status"),
        max_length=16,
        choices=ApprovalChangeStatus.choices,
        default=ApprovalChangeStatus.PREPARED,
    )
    kind = models.CharField(_("what changes"), max_length=16, choices=ApprovalChangeKind.choices)
    approvals = models.ManyToManyField(
        BodyApproval, related_name="changes", verbose_name=_("approvals")
    )
    areas = models.ManyToManyField(
        TechnicalArea,
        related_name="+",
        blank=True,
        verbose_name=_("technical areas that fall away"),
    )
    last_day = models.DateField(_("last day in force"), null=True, blank=True)
    cause = models.CharField(_("cause"), max_length=16, choices=ApprovalCause.choices)
    reason = models.TextField(_("reason"), max_length=2000)
    reference = models.CharField(_("reference of the order"), max_length=60)
    takes_effect_on = models.DateField(_("takes effect on"))
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    ordered_at = models.DateTimeField(_("ordered"), null=True)
    told_at = models.DateTimeField(_("enterprises told"), null=True)

    objects = ApprovalChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of an approval")
        verbose_name_plural = _("changes of approvals")
        ordering = ["-created_at"]

    def __str__(self):
        return self.reference

    @property
    def journal_thread(self):
        return self.body_id

    @property
    def desk_number(self) -> str:
        return self.reference

    @property
    def desk_detail(self) -> str:
        """What a queue says beside the reference: which body, and what changes."""
        return f"{self.body.name} · {self.get_kind_display()}"

    def get_absolute_url(self):
        return reverse("certification:approval_change", args=[self.pk])
