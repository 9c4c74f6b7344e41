from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audits.models.audits import Audit
from certification.models import ProgrammeItem
from foundation.formatting import day_range
from foundation.models import Record, VisibleQuerySet
from organisations.enums import Role
from organisations.models import Organisation


class ScheduleQuerySet(VisibleQuerySet):
    path = ""

    def visible_to(self, actor):
        """The planners of the body: a draft is nobody else's."""
        if actor.organisation_id is None or Role.PLANNER not in actor.roles:
            return self.none()
        return self.filter(**{f"{self.path}body_id": actor.organisation_id})


class ScheduleRowQuerySet(ScheduleQuerySet):
    path = "schedule__"


class Schedule(Record):
    """A draft of where the audits of a period could go; nothing is booked before it is accepted.

    ``round`` counts how often it was computed; ``figures`` are those of the plan and of the greedy
    one beside it. ``stopped_at`` tells a running computation to end with the best so far.
    """

    body = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    first = models.DateField(_("from"))
    last = models.DateField(_("until"))
    round = models.PositiveSmallIntegerField(default=0)
    figures = models.JSONField(default=dict)
    solved_at = models.DateTimeField(_("computed"), null=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft schedule")
        verbose_name_plural = _("draft schedules")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last__gte=F("first")), name="schedule_ends_after_it_begins"
            )
        ]

    def __str__(self):
        return day_range(self.first, self.last)

    @property
    def job_key(self) -> str:
        return f"schedule:{self.pk}:{self.round}"

    def get_absolute_url(self):
        return reverse("audits:schedule", args=[self.pk])


class ScheduleRow(Record):
    """Where one audit of the programme could go; ``team`` are people, who leads first.

    Without dates it could not be placed, and ``why`` holds the reasons as codes with facts.
    ``audit`` is what became of it when it was accepted, ``refusal`` why that was not possible.
    """

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="rows")
    item = models.ForeignKey(ProgrammeItem, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField(_("first day"), null=True)
    ends_on = models.DateField(_("last day"), null=True)
    team = models.JSONField(default=list)
    why = models.JSONField(default=list)
    locked = models.BooleanField(_("locked"), default=False)
    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, null=True, related_name="+")
    refusal = models.TextField(blank=True)

    objects = ScheduleRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("row of a draft schedule")
        verbose_name_plural = _("rows of draft schedules")
        ordering = [F("starts_on").asc(nulls_last=True), "created_at"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "item"], name="schedule_item_once")
        ]

    def __str__(self):
        return str(self.item)

    @property
    def journal_thread(self):
        return self.item.case.thread
