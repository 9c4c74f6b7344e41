"""What the foundation keeps, for operators: journal, jobs, notices, files."""

from datetime import timedelta

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from foundation import jobs, journal, notices
from foundation.admin_base import NOTHING, JournaledAdmin, ReadOnlyAdmin, text_of
from foundation.formatting import size
from foundation.models import (
    Attachment,
    Delivery,
    Digest,
    GivenReminder,
    Job,
    JournalChain,
    JournalEntry,
    Notice,
    RefusedAddress,
    Restoration,
    StorageUse,
    StoredFile,
)
from foundation.models.jobs import JobState
from foundation.templatetags.portal_ui import digest

LATE = timedelta(minutes=5)


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "told", "user_name", "subject_type", "chain", "number"]
    list_filter = ["at", "subject_type", "chain"]
    search_fields = ["verb", "user_name", "organisation_zh", "organisation_en", "chain"]
    uuid_fields = ("subject_id", "thread")

    @admin.display(description=_("event"))
    def told(self, obj):
        return text_of(obj)


@admin.register(JournalChain)
class JournalChainAdmin(ReadOnlyAdmin):
    list_display = ["name", "number", "head"]
    search_fields = ["name"]
    ordering = ["name"]
    actions = ["verify"]

    @admin.display(description=_("hash"))
    def head(self, obj):
        return digest(obj.hash)

    @admin.action(description=_("Verify the chosen chains"))
    def verify(self, request, queryset):
        """Recompute chains and say what is wrong with them."""
        for chain in queryset:
            problems = journal.verify(chain.name)
            for problem in problems:
                self.message_user(request, problem, messages.ERROR)
            if not problems:
                words = _("No entry is missing or changed: %(chain)s") % {"chain": chain.name}
                self.message_user(request, words, messages.SUCCESS)


class Lateness(admin.SimpleListFilter):
    """Jobs that nobody does though they are due: no worker runs, or one died over them."""

    title = _("lateness")
    parameter_name = "late"

    def lookups(self, request, model_admin):
        return [("yes", _("Due for more than five minutes"))]

    def queryset(self, request, queryset):
        if self.value() != "yes":
            return queryset
        return queryset.filter(pk__in=jobs.due(timezone.now() - LATE).values("pk"))


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ["title", "state", "error", "attempts", "created_at", "run_at", "done_at",
                    "user", "request_id"]  # fmt: skip
    list_filter = ["state", Lateness, "kind", "created_at"]
    list_select_related = ["user"]
    search_fields = ["kind", "key", "error", "user__name", "request_id"]
    uuid_fields = ("subject_id",)
    date_hierarchy = "created_at"
    hidden = ("payload",)
    actions = ["try_again"]

    @admin.display(description=_("job"), ordering="kind")
    def title(self, obj):
        return jobs.title_of(obj)

    @admin.action(description=_("Try again"))
    def try_again(self, request, queryset):
        """Queue the failed ones of the chosen jobs again."""
        count = sum(jobs.retry(row) for row in queryset.filter(state=JobState.FAILED))
        words = ngettext("%(n)s job is queued again.", "%(n)s jobs are queued again.", count)
        level = messages.SUCCESS if count else messages.WARNING
        self.message_user(request, words % {"n": count}, level)


class Mailed(admin.SimpleListFilter):
    """What became of the e-mail of a notice that goes out at once."""

    title = _("e-mail")
    parameter_name = "mail"

    def lookups(self, request, model_admin):
        return [("sent", _("Sent")), ("waiting", _("Not sent yet")), ("failed", _("Failed"))]

    def queryset(self, request, queryset):
        if self.value() == "sent":
            return queryset.exclude(mailed_at=None)
        if self.value() in ("waiting", "failed"):
            failed = Exists(_mail_jobs().filter(state=JobState.FAILED))
            rows = queryset.filter(delivery=Delivery.NOW, mailed_at=None)
            return rows.filter(failed) if self.value() == "failed" else rows.exclude(failed)
        return queryset


def _mail_jobs():
    """Return the jobs that send the e-mail of the notice of the outer query."""
    return Job.objects.filter(
        kind=notices.MAIL, subject_type=Notice._meta.label_lower, subject_id=OuterRef("pk")
    )


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ["title", "recipient", "delivery", "created_at", "read_at", "mailed_at",
                    "mail"]  # fmt: skip
    list_filter = [Mailed, "delivery", "kind", "created_at"]
    list_select_related = ["recipient"]
    search_fields = ["kind", "recipient__name", "recipient__email", "mailed_to"]
    uuid_fields = ("subject_id",)
    date_hierarchy = "created_at"
    actions = ["send_again"]

    def get_queryset(self, request):
        job = _mail_jobs().order_by("-created_at")
        return super().get_queryset(request).annotate(
            mail_state=Subquery(job.values("state")[:1]),
            mail_error=Subquery(job.values("error")[:1]),
        )  # fmt: skip

    @admin.display(description=_("notice"))
    def title(self, obj):
        return notices.texts(obj)[0] if obj.kind in notices.KINDS else obj.kind

    @admin.display(description=_("e-mail"))
    def mail(self, obj):
        """Say what the job that sends it came to, with its error."""
        if obj.mailed_at or not obj.mail_state:
            return NOTHING
        return f"{JobState(obj.mail_state).label} {obj.mail_error}".strip()

    @admin.action(description=_("Send the e-mail again"))
    def send_again(self, request, queryset):
        """Queue the e-mails that could not be sent; one that went out is not sent twice."""
        rows = queryset.filter(mailed_at=None).values_list("pk", flat=True)
        failed = Job.objects.filter(
            kind=notices.MAIL, state=JobState.FAILED, subject_id__in=list(rows)
        )
        count = sum(jobs.retry(row) for row in failed)
        words = ngettext("%(n)s e-mail is sent again.", "%(n)s e-mails are sent again.", count)
        level = messages.SUCCESS if count else messages.WARNING
        self.message_user(request, words % {"n": count}, level)


@admin.register(Digest)
class DigestAdmin(ReadOnlyAdmin):
    list_display = ["day", "recipient", "mailed_at", "mailed_to"]
    list_filter = ["day"]
    list_select_related = ["recipient"]
    search_fields = ["recipient__name", "recipient__email"]


@admin.register(RefusedAddress)
class RefusedAddressAdmin(ReadOnlyAdmin):
    list_display = ["address", "code", "reason", "refused_at", "cleared_at"]
    list_filter = ["code", "refused_at"]
    search_fields = ["address", "reason"]


@admin.register(GivenReminder)
class GivenReminderAdmin(ReadOnlyAdmin):
    list_display = ["key", "date", "step", "subject_type", "created_at"]
    list_filter = ["key", "date"]
    uuid_fields = ("subject_id",)


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin):
    list_display = ["name", "content_type", "length", "fingerprint", "state", "scan",
                    "generated", "uploaded_by", "created_at"]  # fmt: skip
    list_filter = ["state", "scan", "generated", "content_type", "created_at"]
    list_select_related = ["uploaded_by"]
    search_fields = ["name", "sha256", "uploaded_by__name"]
    uuid_fields = ("organisation_id",)

    @admin.display(description=_("size"), ordering="size")
    def length(self, obj):
        return size(obj.size)

    @admin.display(description=_("SHA-256"))
    def fingerprint(self, obj):
        return digest(obj.sha256)


@admin.register(StorageUse)
class StorageUseAdmin(JournaledAdmin):
    """Operators give an organisation another quota; what is in use is counted."""

    verbs = ("", "quota_changed")
    list_display = ["organisation_id", "in_use", "allowed"]
    fields = ["organisation_id", "in_use", "quota"]
    readonly_fields = ["organisation_id", "in_use"]
    uuid_fields = ("organisation_id",)

    def has_add_permission(self, request, obj=None):
        return False

    @admin.display(description=_("storage in use"), ordering="used")
    def in_use(self, obj):
        return size(obj.used)

    @admin.display(description=_("allowed"))
    def allowed(self, obj):
        return size(obj.most)


@admin.register(Attachment)
class AttachmentAdmin(ReadOnlyAdmin):
    list_display = ["label", "file_name", "subject_type", "subject_id", "created_at"]
    list_filter = ["label", "subject_type"]
    list_select_related = ["file"]
    search_fields = ["label", "file__name", "file__sha256"]
    uuid_fields = ("subject_id", "internal_to")

    @admin.display(description=_("file"))
    def file_name(self, obj):
        return obj.file.name


@admin.register(Restoration)
class RestorationAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "backup_made_at", "newest_at", "accepted_at", "accepted_by"]
