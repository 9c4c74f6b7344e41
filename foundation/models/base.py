"""What every business record shares."""

import uuid

from django.db import models
from django.utils.translation import get_language


class VisibleQuerySet(models.QuerySet):
    """Rows fetched through the actor; each model says what its parties may see."""

    def visible_to(self, actor):
        """Return the rows this actor may read. Raises NotImplementedError until a model says."""
        raise NotImplementedError(self.model.__name__)


class Record(models.Model):
    """A row with an identifier that cannot be guessed, fit for an address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    def __str__(self):
        return str(getattr(self, "number", "") or getattr(self, "name", "") or self.pk)

    @property
    def journal_thread(self) -> uuid.UUID:
        """The story this record belongs to; rows of one case share one thread."""
        return self.pk

    @property
    def journal_chain(self) -> str:
        """Who keeps the records: the body's own chain, or the portal's."""
        return str(getattr(self, "body_id", None) or "portal")


def in_language(zh: str, en: str) -> str:
    """Return the text in the reader's language, or the other one when it is empty."""
    chinese = (get_language() or "").startswith("zh")
    return (zh or en) if chinese else (en or zh)


def subject_type(obj) -> str:
    """Return the label by which rows point at any record, ``app.model``."""
    return obj._meta.label_lower
