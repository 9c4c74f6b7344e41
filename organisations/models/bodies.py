from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from foundation.models import Record, VisibleQuerySet
from organisations.enums import BodyStatus
from organisations.models.organisations import Organisation


class BodyProfileQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """The body itself; an authority those of its region; operators all."""
        if actor.is_operator:
            return self
        return self.filter(organisation__in=Organisation.objects.visible_to(actor))


class BodyProfile(Record):
    """What a certification body is approved as, and how its certificates look and count."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="body_profile"
    )
    status = models.CharField(
        _("status"), max_length=16, choices=BodyStatus.choices, default=BodyStatus.REGISTERED
    )
    approval_number = models.CharField(_("approval number"), max_length=40)
    approval_valid_until = models.DateField(_("approval valid until"), null=True, blank=True)
    accreditation_number = models.CharField(_("accreditation number"), max_length=40, blank=True)
    accreditation_body = models.CharField(_("accreditation body"), max_length=100, blank=True)
    number_pattern = models.CharField(
        _("certificate number pattern"),
        max_length=60,
        default="{short} {yy} {letter} {serial:05} R{cycle} {size}",
        help_text=_(
            "Use {short}, {yy}, {yyyy}, {letter}, {serial:05}, {cycle} and {size}; "
            "for example {short} {yy} {letter} {serial:05} R{cycle} {size}"
        ),
    )
    short_code = models.CharField(
        _("short code in numbers"), max_length=8, help_text=_("For example 034.")
    )
    signatory_zh = models.CharField(_("signatory in Chinese"), max_length=60, blank=True)
    signatory_en = models.CharField(_("signatory in English"), max_length=60, blank=True)
    signatory_title_zh = models.CharField(_("title in Chinese"), max_length=60, default="总经理")
    signatory_title_en = models.CharField(
        _("title in English"), max_length=60, default="General Manager"
    )

    history = HistoricalRecords()
    objects = BodyProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("certification body")
        verbose_name_plural = _("certification bodies")
        constraints = [
            models.UniqueConstraint(fields=["approval_number"], name="body_approval_once"),
            models.UniqueConstraint(fields=["short_code"], name="body_short_code_once"),
        ]

    @property
    def name(self):
        return self.organisation.name

    @property
    def body_id(self):
        return self.organisation_id

    @property
    def journal_thread(self):
        return self.organisation_id

    def approval_lasts(self, on: date) -> bool:
        """Tell whether the approval is not over on a day; one without an end lasts."""
        return self.approval_valid_until is None or self.approval_valid_until >= on

    def get_absolute_url(self):
        return self.organisation.get_absolute_url()
