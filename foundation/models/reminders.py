"""Which reminder of which date was given: the row is the effect, so that none is given twice."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.models.base import Record


class GivenReminder(Record):
    """One reminder of one date of one record. A date that moves begins anew.

    ``step`` is the number of days before the date, below 0 after it.
    """

    key = models.CharField(max_length=64)
    subject_type = models.CharField(max_length=64)
    subject_id = models.UUIDField()
    date = models.DateField()
    step = models.SmallIntegerField()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(
                fields=["subject_id", "key", "date", "step"], name="reminder_given_once"
            )
        ]

    def __str__(self):
        return f"{self.key} {self.date} {self.step}"
