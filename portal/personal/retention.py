"""Remove what nobody needs any more, by the table in retention.yaml; each night, or by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import yaml
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import AccountEvent, SignInSession, User
from audits.models import Absence
from certification.models import Complaint
from certification.services.complaint_telling import forget_mails
from foundation import journal
from foundation.actor import SYSTEM
from foundation.calendar import add_working_days
from foundation.models import (
    Attachment,
    DataRequest,
    Digest,
    Export,
    Job,
    JournalEntry,
    Notice,
    RetentionRun,
    StoredFile,
)
from foundation.models.base import in_language, subject_type
from foundation.models.jobs import JobState
from foundation.models.privacy import Wish
from organisations.models import Membership

# Rows of one statement: a night after years of nothing must not hold the database.
AT_ONCE = 500


@dataclass(frozen=True)
class Rule:
    """One line of the table; without ``days`` nothing is removed by itself."""

    key: str
    days: int | None
    names: dict[str, str]
    source: str

    @property
    def what(self) -> str:
        """What is kept, in the reader's language."""
        return in_language(self.names["zh"], self.names["en"])

    @property
    def why(self) -> str:
        """Why so long, in the reader's language."""
        return in_language(self.names["why_zh"], self.names["why_en"])


@cache
def _read() -> dict:
    return yaml.safe_load((Path(__file__).parent / "retention.yaml").read_text(encoding="utf-8"))


def answer_by(asked: datetime) -> date:
    """Return the day by which somebody who asked to be erased has an answer."""
    limit = _read()["answer"]
    return add_working_days(timezone.localdate(asked), limit["working_days"], limit["calendar"])


@cache
def table() -> tuple[str, tuple[Rule, ...]]:
    """Return the edition of the table and its rules."""
    read = _read()
    rules = tuple(
        Rule(
            row["key"],
            row.get("days"),
            {name: row[name] for name in ("zh", "en", "why_zh", "why_en")},
            row["source"],
        )
        for row in read["rules"]
    )
    return read["edition"], rules


def _accounts(before: datetime) -> QuerySet:
    """Accounts that were made and never used: no confirmed address, no role, no trace."""
    mine = OuterRef("pk")
    return User.objects.filter(
        ~Exists(EmailAddress.objects.filter(user=mine, verified=True)),
        ~Exists(Membership.objects.filter(user=mine)),
        ~Exists(JournalEntry.objects.filter(user=mine)),
        ~Exists(Job.objects.filter(user=mine)),
        ~Exists(StoredFile.objects.filter(uploaded_by=mine)),
        ~Exists(DataRequest.objects.filter(user=mine)),
        last_login=None,
        is_staff=False,
        is_active=True,
        date_joined__lt=before,
    )


def _jobs(before: datetime) -> QuerySet:
    return Job.objects.filter(state=JobState.DONE, done_at__lt=before)


def _notices(before: datetime) -> QuerySet:
    """Notices that were read; one that still waits for its e-mail stays."""
    return _mailed(Notice).filter(read_at__lt=before, created_at__lt=before)


def _digests(before: datetime) -> QuerySet:
    return _mailed(Digest).filter(created_at__lt=before)


def _absences(before: datetime) -> QuerySet:
    return Absence.objects.filter(ends_on__lt=timezone.localdate(before))


def _mailed(model) -> QuerySet:
    about = Job.objects.filter(subject_type=subject_type(model), subject_id=OuterRef("pk"))
    return model.objects.filter(~Exists(about.exclude(state=JobState.DONE)))


def _exports(before: datetime) -> QuerySet:
    return Export.objects.filter(created_at__lt=before)


def _copies(before: datetime) -> QuerySet:
    return DataRequest.objects.filter(wish=Wish.COPY, created_at__lt=before)


def _complainants(before: datetime) -> QuerySet:
    """Complaints that are over and still say who complained."""
    rows = Complaint.objects.filter(ended_at__lt=before)
    return rows.exclude(name="", email="")


def _forget_complainants(rows: QuerySet) -> int:
    """Take the names and addresses off the complaints, which stay."""
    keys = list(rows.values_list("pk", flat=True)[:AT_ONCE])
    Complaint.objects.filter(pk__in=keys).update(name="", email="")
    forget_mails(keys)
    return len(keys)


def _delete(rows: QuerySet) -> int:
    keys = list(rows.values_list("pk", flat=True)[:AT_ONCE])
    rows.model._base_manager.filter(pk__in=keys).delete()
    return len(keys)


def _delete_accounts(rows: QuerySet) -> int:
    keys = list(rows.values_list("pk", flat=True)[:AT_ONCE])
    AccountEvent.objects.filter(user__in=keys).update(user=None)
    User.objects.filter(pk__in=keys).delete()
    return len(keys)


def _delete_with_files(rows: QuerySet) -> int:
    """Remove rows with the files made for them; the sweeper takes the bytes."""
    chosen = list(rows[:AT_ONCE])
    keys = [row.pk for row in chosen]
    Attachment.objects.filter(subject_type=subject_type(rows.model), subject_id__in=keys).delete()
    rows.model._base_manager.filter(pk__in=keys).delete()
    StoredFile.objects.filter(pk__in=[row.file_id for row in chosen], attachments=None).delete()
    return len(keys)


@dataclass(frozen=True)
class Removal:
    """Which rows a rule removes, and how."""

    rule: str
    rows: Callable[[datetime], QuerySet]
    remove: Callable[[QuerySet], int] = _delete


REMOVALS = (
    Removal(
        "sessions",
        lambda before: SignInSession.objects.exclude(
            session_key__in=Session.objects.filter(expire_date__gte=before).values("session_key")
        ),
    ),
    Removal("sessions", lambda before: Session.objects.filter(expire_date__lt=before)),
    Removal("account_events", lambda before: AccountEvent.objects.filter(created_at__lt=before)),
    Removal("accounts", _accounts, _delete_accounts),
    Removal("complainants", _complainants, _forget_complainants),
    Removal("notices", _notices),
    Removal("digests", _digests),
    Removal("absences", _absences),
    Removal("jobs", _jobs),
    Removal("exports", _exports, _delete_with_files),
    Removal("exports", _copies, _delete_with_files),
)


def apply(*, dry_run: bool = False, now: datetime | None = None) -> dict[str, int]:
    """Remove what the table says, and return how many rows of each rule.

    Applying it again removes nothing more. What was removed is journaled in sum.
    """
    now = now or timezone.now()
    edition, rules = table()
    days = {rule.key: rule.days for rule in rules if rule.days is not None}
    counts = dict.fromkeys(days, 0)
    for removal in REMOVALS:
        rows = removal.rows(now - timedelta(days=days[removal.rule]))
        if dry_run:
            counts[removal.rule] += rows.count()
            continue
        while removed := _remove(removal, rows):
            counts[removal.rule] += removed
    if any(counts.values()) and not dry_run:
        with transaction.atomic():
            run = RetentionRun.objects.create(counts=counts)
            journal.record(run, "retention.applied", SYSTEM, {"edition": edition, **counts})
    return counts


@transaction.atomic
def _remove(removal: Removal, rows: QuerySet) -> int:
    return removal.remove(rows)
