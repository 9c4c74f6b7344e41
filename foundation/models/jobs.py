"""Jobs people can see: each is a row written together with the change that asks for it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.models.base import Record, VisibleQuerySet


class JobState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Could not be completed")


class JobQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """Return the jobs the actor's organisation asked for; operators see all."""
        if actor.is_operator:
            return self
        if actor.organisation_id:
            return self.filter(organisation_id=actor.organisation_id)
        return self.none()


class Job(Record):
    """Work to be done once.

    ``key`` is unique: asking twice for one effect gives one job. A running job holds a lease;
    when the lease runs out the job is taken up again.
    """

    kind = models.CharField(max_length=64)
    key = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=16, choices=JobState.choices, default=JobState.QUEUED)
    payload = models.JSONField(default=dict)
    subject_type = models.CharField(max_length=64, blank=True)
    subject_id = models.UUIDField(null=True)
    organisation_id = models.UUIDField(null=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    request_id = models.CharField(max_length=64, blank=True)
    progress = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    run_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["state", "run_at"], name="job_due"),
            models.Index(fields=["subject_type", "subject_id"], name="job_subject"),
        ]

    def __str__(self):
        return f"{self.kind} {self.state}"
