"""Work that waits for somebody: one row for each thing people are expected to do now."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.models.base import Record, VisibleQuerySet, in_language
from foundation.worksources import SOURCES


class WorkItemQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """Return what the actor's party has to do or waits for; a person at least the own work.

        What is kept from the desk of a body is seen there by those who may do it.
        """
        if actor.is_operator:
            return self.filter(organisation_id=None)
        if actor.organisation_id is None:
            return self.none()
        here = actor.organisation_id
        if not actor.oversees:
            return self.filter(organisation_id=here, people=actor.user)
        # Looked up first: with a condition on people the counts of a desk would read every row.
        kept = self.model.objects.filter(
            organisation_id=here, overseen_by=None, people=actor.user
        ).values_list("pk", flat=True)
        overseen = models.Q(overseen_by=here)
        return self.filter(overseen | models.Q(pk__in=own) if (own := list(kept)) else overseen)

    def open(self, today=None):
        """Return what is to be done by now or soon; what begins later is no work yet."""
        today = today or timezone.localdate()
        return self.filter(models.Q(shown_from=None) | models.Q(shown_from__lte=today))

    def doable_by(self, actor):
        """Return what this person may do, acting for this organisation."""
        if not actor.is_authenticated:
            return self.none()
        return self.filter(people=actor.user, organisation_id=actor.organisation_id)

    def waiting_for(self, actor):
        """Return what this person may do and nobody else has been given."""
        mine = models.Q(assignee=actor.user) | models.Q(assignee=None)
        return self.doable_by(actor).filter(mine)


class WorkItem(Record):
    """One action that a record waits for, as the tables of the workflows say.

    Derived from the records and the rights (foundation.work), so it can be made anew at any
    time; ``assignee`` alone is a person's choice. ``people`` are those whom the right lets act,
    ``sole`` the only one. ``organisation_id`` names the party that has to act, empty for
    operators; ``overseen_by`` the body whose desk watches it. ``urgent_on`` is what a queue is
    sorted by: the limit, or two weeks after the work came.
    """

    USUAL = timedelta(days=14)

    subject_type = models.CharField(max_length=64)
    subject_id = models.UUIDField()
    thread = models.UUIDField(db_index=True)
    action = models.CharField(max_length=40)
    status = models.CharField(max_length=40)
    organisation_id = models.UUIDField(null=True)
    overseen_by = models.UUIDField(null=True)
    client_id = models.UUIDField(null=True)
    number = models.CharField(_("number"), max_length=60, blank=True)
    client_zh = models.CharField(max_length=200, blank=True)
    client_en = models.CharField(max_length=200, blank=True)
    detail_zh = models.CharField(max_length=300, blank=True)
    detail_en = models.CharField(max_length=300, blank=True)
    url = models.CharField(max_length=200)
    since = models.DateTimeField(_("since"))
    due_on = models.DateField(_("due"), null=True)
    urgent_on = models.DateField()
    shown_from = models.DateField(null=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    sole = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")

    objects = WorkItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("piece of work")
        verbose_name_plural = _("work")
        ordering = ["urgent_on", "since"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "action"], name="work_once"
            )
        ]
        indexes = [
            models.Index(fields=["organisation_id", "urgent_on"], name="work_to_do"),
            # All that the counts of a desk's views look at, so that they read no row.
            models.Index(
                fields=[
                    "overseen_by",
                    "urgent_on",
                    "since",
                    "id",
                    "shown_from",
                    "organisation_id",
                    "due_on",
                    "assignee",
                    "sole",
                ],
                name="work_overseen",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def who(self):
        """Whose work it is: the person it was given to, or the only one who may do it."""
        return self.assignee or self.sole

    @property
    def client(self) -> str:
        return in_language(self.client_zh, self.client_en)

    @property
    def detail(self) -> str:
        return in_language(self.detail_zh, self.detail_en)

    @property
    def name(self) -> str:
        """What it is about: number, client, what kind."""
        whose = " ".join(part for part in (self.number, self.client) if part)
        return " · ".join(part for part in (whose, self.detail) if part)

    @property
    def source(self):
        return SOURCES[self.subject_type]

    @property
    def task(self):
        return self.source.task(self.status, self.action)

    @property
    def title(self):
        """What is to be done."""
        return self.task.title

    @property
    def explain(self):
        return self.task.explain

    @property
    def state(self):
        """How the status of the record reads."""
        return self.source.label(self.status)

    @property
    def tag(self) -> str:
        return self.source.tag(self.status)

    def get_absolute_url(self):
        return self.url
