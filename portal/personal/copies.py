"""A copy of everything the portal keeps about one person: JSON files and a list of uploads."""

import io
import json
import zipfile
from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from accounts.models import AccountEvent, Connection, SignInSession
from audits.models import Absence
from foundation import files, jobs, notices
from foundation.models import (
    CalendarFeed,
    DataRequest,
    Job,
    JournalEntry,
    Notice,
    NoticeChoice,
    RefusedAddress,
    StoredFile,
)
from foundation.models.jobs import JobState
from foundation.models.privacy import Wish
from organisations.models import ApiKey, Membership
from schemes.models import Competence, Declaration, Entry, Interest

MAKE = "portal.make_copy"
READY = "portal.copy_ready"
KEPT_FOR = timedelta(days=7)
NAME = "my-data.zip"


def ask(*, actor) -> DataRequest:
    """Ask for a copy of the actor's own data; one that is being made is that one.

    What failed is tried again.
    """
    making = DataRequest.objects.filter(user=actor.user, wish=Wish.COPY, done_at=None).first()
    if making:
        for job in Job.objects.filter(kind=MAKE, subject_id=making.pk, state=JobState.FAILED):
            jobs.retry(job)
        return making
    with transaction.atomic():
        request = DataRequest.objects.create(user=actor.user, wish=Wish.COPY)
        jobs.enqueue(MAKE, key=f"copy:{request.pk}", subject=request, actor=actor)
    return request


def make(request: DataRequest) -> None:
    """Write the copy and tell its person; once."""
    if request.done_at is not None:
        return
    data = _packed(contents(request.user))
    with transaction.atomic():
        request.file = files.write_generated([data], name=NAME, content_type="application/zip")
        request.done_at = timezone.now()
        request.expires_at = request.done_at + KEPT_FOR
        request.save(update_fields=["file", "done_at", "expires_at", "changed_at"])
        notices.notify(READY, to=[request.user], obj=request, url=request.get_absolute_url())


def contents(user) -> dict[str, list[dict]]:
    """Return every row about a person, by the name of its file; never a secret."""
    person = {
        "email": user.email,
        "name": user.name,
        "name_latin": user.name_latin,
        "language": user.language,
        "joined": user.date_joined,
        "last_login": user.last_login,
    }
    own = {"user": user}
    return {
        "person": [person],
        "addresses": _rows(EmailAddress, own, "email", "verified", "primary"),
        "second-factors": _rows(Authenticator, own, "type", "created_at", "last_used_at"),
        "sessions": _rows(SignInSession, own, "created_at", "seen_at", "address", "device"),
        "connected-sign-ins": _rows(
            Connection, own, "created_at", "provider", "issuer", "subject", "email", "last_used_at"
        ),
        "api-keys": _rows(
            ApiKey, own, "created_at", "name", "prefix", "scopes", "organisation__name_zh",
            "organisation__name_en", "expires_at", "last_used_at", "last_address", "ended_at",
        ),
        "sign-ins": _rows(AccountEvent, own, "created_at", "kind", "address", "device", "detail"),
        "roles": _rows(
            Membership, own, "organisation__name_zh", "organisation__name_en", "role",
            "created_at", "ended_at",
        ),
        "competence": _rows(
            Competence, own, "body__name_zh", "body__name_en", "scheme__code", "role",
            "registration_number", "languages", "valid_from", "valid_until", "status", "grounds",
            "answer",
        ),
        "absences": _rows(
            Absence, own, "body__name_zh", "body__name_en", "starts_on", "ends_on", "part", "kind",
            "note", "entered_by__name", "created_at",
        ),
        "profile": _rows(
            Entry, own, "kind", "body__name_zh", "body__name_en", "title", "issuer", "number",
            "grade", "engagement", "scheme__code", "first_day", "last_day", "hours", "result",
            "text", "struck_at", "struck_why",
        ),
        "interests": _rows(
            Interest, own, "created_at", "kind", "country", "identifier", "name", "began_on",
            "ended_on", "text",
        ),
        "declaration": _rows(Declaration, own, "confirmed_at", "due_on"),
        "notices": _rows(
            Notice, {"recipient": user}, "created_at", "kind", "params", "read_at", "mailed_at"
        ),
        "notice-choices": _rows(NoticeChoice, own, "group", "level"),
        "calendar": _rows(CalendarFeed, own, "created_at", "read_at"),
        "refused-mail": _rows(
            RefusedAddress, {"address": user.email.lower()}, "address", "refused_at", "reason",
            "cleared_at",
        ),
        "journal": _rows(
            JournalEntry, own, "at", "verb", "before", "after", "subject_type", "subject_id",
            "user_name", "organisation_zh", "organisation_en", "chain", "number",
        ),
        "files": _rows(
            StoredFile, {"uploaded_by": user}, "created_at", "name", "content_type", "size",
            "sha256",
        ),
    }  # fmt: skip


def _rows(model, where: dict, *names: str) -> list[dict]:
    return list(model._base_manager.filter(**where).order_by("pk").values(*names))


def _packed(tables: dict[str, list[dict]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in tables.items():
            text = json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
            archive.writestr(f"{name}.json", text)
    return out.getvalue()
