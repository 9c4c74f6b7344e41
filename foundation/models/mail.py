"""What is known of the addresses we write to."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.models.base import Record


class RefusedAddress(Record):
    """An address whose mail server said for good that mail cannot be delivered there.

    Nothing is sent there until ``cleared_at`` says that somebody set it right; a report on an
    older mail does not close it again.
    """

    address = models.EmailField(_("e-mail address"), unique=True)
    code = models.CharField(_("answer"), max_length=20)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    refused_at = models.DateTimeField(_("refused"))
    cleared_at = models.DateTimeField(_("set right"), null=True)

    class Meta:
        verbose_name = _("undeliverable address")
        verbose_name_plural = _("undeliverable addresses")
        ordering = ["-refused_at"]

    def __str__(self):
        return self.address
