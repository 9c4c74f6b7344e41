"""The journal: what happened, who did it, chained by hash and never changed."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class JournalChain(models.Model):
    """The head of one chain: a body and a year."""

    name = models.CharField(max_length=64, primary_key=True)
    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("journal chain")
        verbose_name_plural = _("journal chains")

    def __str__(self):
        return self.name


class JournalEntryQuerySet(models.QuerySet):
    def update(self, **kwargs):
        raise TypeError("Journal entries are never changed.")

    def delete(self):
        raise TypeError("Journal entries are never deleted.")

    def visible_to(self, actor):
        """Return the entries of stories the actor may read; the caller restricts the thread."""
        if actor.is_operator:
            return self
        return self.filter(
            models.Q(internal_to=None) | models.Q(internal_to=actor.organisation_id)
            if actor.organisation_id
            else models.Q(internal_to=None)
        )


class JournalEntry(models.Model):
    """One event. The database refuses UPDATE and DELETE (migration 0002)."""

    chain = models.CharField(max_length=64)
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField(db_index=True)
    subject_type = models.CharField(max_length=64)
    subject_id = models.UUIDField()
    thread = models.UUIDField()
    verb = models.CharField(max_length=64)
    before = models.CharField(max_length=32, blank=True)
    after = models.CharField(max_length=32, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    user_name = models.CharField(max_length=150)
    organisation_id = models.UUIDField(null=True)
    organisation_zh = models.CharField(max_length=200, blank=True)
    organisation_en = models.CharField(max_length=200, blank=True)
    internal_to = models.UUIDField(null=True)
    data = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    objects = JournalEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["chain", "number"], name="journal_number_once"),
        ]
        indexes = [
            models.Index(fields=["thread", "-id"], name="journal_thread"),
            models.Index(fields=["subject_type", "subject_id"], name="journal_subject"),
        ]

    def __str__(self):
        return f"{self.chain} {self.number} {self.verb}"

    def delete(self, *args, **kwargs):
        raise TypeError("Journal entries are never deleted.")
