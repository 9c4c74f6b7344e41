from foundation.models.base import Record, VisibleQuerySet
from foundation.models.editing import Editing
from foundation.models.feeds import CalendarFeed
from foundation.models.files import Attachment, StorageUse, StoredFile, Upload
from foundation.models.heartbeats import Heartbeat
from foundation.models.jobs import Job
from foundation.models.journal import JournalChain, JournalEntry
from foundation.models.lists import (
    BulkItem,
    BulkRun,
    Export,
    SavedView,
    Undo,
)
from foundation.models.mail import RefusedAddress
from foundation.models.notices import Delivery, Digest, Notice, NoticeChoice
from foundation.models.privacy import DataRequest, RetentionRun
from foundation.models.reminders import GivenReminder
from foundation.models.restorations import Restoration
from foundation.models.work import WorkItem

__all__ = [
    "Attachment",
    "BulkItem",
    "BulkRun",
    "CalendarFeed",
    "DataRequest",
    "Delivery",
    "Digest",
    "Editing",
    "Export",
    "GivenReminder",
    "Heartbeat",
    "Job",
    "JournalChain",
    "JournalEntry",
    "Notice",
    "NoticeChoice",
    "Record",
    "RefusedAddress",
    "Restoration",
    "RetentionRun",
    "SavedView",
    "StorageUse",
    "StoredFile",
    "Undo",
    "Upload",
    "VisibleQuerySet",
    "WorkItem",
]
