from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audits.enums import AbsenceKind, DayPart
from foundation.models import Record, VisibleQuerySet
from organisations.enums import Role
from organisations.models import Organisation


class AbsenceQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """One's own; the planners of the body in which it was entered read it too."""
        if actor.user is None or actor.organisation_id is None:
            return self.none()
        own = Q(user=actor.user)
        if Role.PLANNER in actor.roles:
            own |= Q(body_id=actor.organisation_id)
        return self.filter(own)

    def within(self, first, last):
        """Those that touch a day from ``first`` through ``last``."""
        return self.filter(starts_on__lte=last, ends_on__gte=first)


class Absence(Record):
    """Days on which a person is not available; every body respects them, none but one reads why.

    The kinds are few on purpose, and ``note`` is for the person and the planners of ``body``, in
    which it was entered: nobody has to tell a reason that is nobody's business (PIPL Art. 6).
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="absences"
    )
    body = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(
        _("kind"), max_length=12, choices=AbsenceKind.choices, default=AbsenceKind.LEAVE
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    part = models.CharField(
        _("part of the day"), max_length=9, choices=DayPart.choices, default=DayPart.WHOLE
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ["starts_on", "created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="absence_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(part=DayPart.WHOLE) | Q(ends_on=F("starts_on")),
                name="absence_half_days_alone",
            ),
        ]
        indexes = [models.Index(fields=["user", "ends_on"], name="absence_of_person")]

    def __str__(self):
        return f"{self.user} {self.starts_on}"

    @staticmethod
    def get_absolute_url():
        return reverse("audits:absences")
