"""What people keep of lists: views of their own, long exports, bulk actions, acts to undo."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from foundation.models.base import Record, VisibleQuerySet
from foundation.models.files import StoredFile

_USER = settings.AUTH_USER_MODEL


class OwnQuerySet(VisibleQuerySet):
    """Rows of one person, while acting for the organisation they were made for."""

    def visible_to(self, actor):
        """Return what this person made for the organisation acted for now."""
        if not actor.is_authenticated:
            return self.none()
        return self.filter(person=actor.user, organisation_id=actor.organisation_id)


class SavedViewQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """Return a person's own views and those shared in the team."""
        if not actor.is_authenticated:
            return self.none()
        shared = Q(shared=True)
        if actor.organisation_id is None:
            shared &= Q(person__is_staff=actor.is_operator)
            shared = shared if actor.is_operator else Q(pk__in=[])
        return self.filter(Q(person=actor.user) | shared, organisation_id=actor.organisation_id)


class SavedView(Record):
    """The address of a list under a name, for its maker or for the whole team."""

    person = models.ForeignKey(_USER, on_delete=models.CASCADE, related_name="saved_views")
    organisation_id = models.UUIDField(null=True)
    list_key = models.CharField(max_length=120)
    label = models.CharField(_("name of the view"), max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    shared = models.BooleanField(_("share it with the team"), default=False)
    position = models.PositiveSmallIntegerField(default=0)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["position", "created_at"]
        indexes = [models.Index(fields=["organisation_id", "list_key"], name="saved_view_list")]

    def __str__(self):
        return self.label


class Undo(Record):
    """A way back from an act, for the person who did it, once and for a short time."""

    person = models.ForeignKey(_USER, on_delete=models.CASCADE, related_name="+")
    organisation_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=64)
    payload = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = _("act to undo")
        verbose_name_plural = _("acts to undo")
        indexes = [models.Index(fields=["expires_at"], name="undo_expiry")]

    def __str__(self):
        return self.kind


class AskedOfList(Record):
    """Work on what a list shows, done by a job with the rights its person has at that moment."""

    person = models.ForeignKey(_USER, on_delete=models.CASCADE, related_name="+")
    organisation_id = models.UUIDField(null=True)
    list_name = models.CharField(max_length=64)
    place = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0)

    objects = OwnQuerySet.as_manager()

    class Meta:
        abstract = True


class Export(AskedOfList):
    """A long list as a file, made by a job and kept for a few days."""

    query = models.TextField(blank=True)
    extension = models.CharField(max_length=8)
    file = models.ForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-created_at"]

    def __str__(self):
        return f"{self.list_name}.{self.extension}"

    def get_absolute_url(self):
        return reverse("foundation:export", args=[self.pk])


class BulkRun(AskedOfList):
    """One action on many rows of a list; every row has a result of its own."""

    action = models.CharField(max_length=64)
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    back = models.CharField(max_length=1000, blank=True)
    started_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("bulk action")
        verbose_name_plural = _("bulk actions")
        ordering = ["-created_at"]

    def __str__(self):
        return f"{self.list_name}: {self.action}"

    def get_absolute_url(self):
        return reverse("foundation:bulk_run", args=[self.pk])


class BulkState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")
    FAILED = "failed", _("Could not be completed")


class BulkItem(models.Model):
    """One row of a bulk action and what became of it."""

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="items")
    object_id = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=BulkState.choices, default=BulkState.WAITING)
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name = _("row of a bulk action")
        verbose_name_plural = _("rows of bulk actions")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "object_id"], name="bulk_item_once"),
        ]
        indexes = [models.Index(fields=["run", "state"], name="bulk_item_state")]

    def __str__(self):
        return f"{self.object_id} {self.state}"
