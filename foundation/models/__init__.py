from foundation.models.base import Record, VisibleQuerySet
from foundation.models.files import Attachment, StoredFile
from foundation.models.jobs import Job
from foundation.models.journal import JournalChain, JournalEntry
from foundation.models.notices import Notice

__all__ = [
    "Attachment",
    "Job",
    "JournalChain",
    "JournalEntry",
    "Notice",
    "Record",
    "StoredFile",
    "VisibleQuerySet",
]
