"""Restorations: when this installation was made again from a backup, and what did not fit."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.models.base import Record


class Restoration(Record):
    """One restore. ``problems`` are sentences; with any, the portal is read-only until somebody
    accepts them, with a reason."""

    backup_made_at = models.DateTimeField(_("backup made"))
    newest_at = models.DateTimeField(_("last entry of its journal"), null=True)
    problems = models.JSONField(_("what did not fit"), default=list)
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    accepted_by = models.CharField(_("accepted by"), max_length=100, blank=True)
    reason = models.TextField(_("why it was accepted"), blank=True)

    class Meta:
        verbose_name = _("restoration")
        verbose_name_plural = _("restorations")
        ordering = ["-created_at"]

    def __str__(self):
        return f"{self.created_at:%Y-%m-%d %H:%M}"
