"""The admin site of operators: everything listed, searched and read; what the process writes, kept.

Apps register their models with these bases. Status fields move along flows only, and what the
process needs is never deleted.
"""

from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, UUIDField
from django.template.response import TemplateResponse
from django.urls import resolve
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from foundation import files, jobs, journal, notices, timeline
from foundation.access import declared_right
from foundation.actor import OPERATOR
from foundation.formatting import size
from foundation.models import (
    Attachment,
    Job,
    JournalChain,
    JournalEntry,
    Notice,
    Record,
    StoredFile,
)
from foundation.models.base import subject_type
from foundation.models.jobs import JobState
from foundation.templatetags.portal_ui import digest
from foundation.workflow import FLOW_OF, WorkflowRefusal, perform

NOTHING = "–"


class ForOperators:
    """Mixin: operators read; nobody adds, changes or deletes unless a class says so."""

    def has_module_permission(self, request):
        return request.actor.is_operator

    def has_view_permission(self, request, obj=None):
        return request.actor.is_operator

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class RowsInline(ForOperators, admin.TabularInline):
    """Rows that belong to the one shown."""

    extra = 0
    can_delete = False

    def get_readonly_fields(self, request, obj=None):
        return self.fields


class ReadOnlyAdmin(ForOperators, admin.ModelAdmin):
    """Rows that the process writes: every field, the files and the journal are shown.

    ``hidden`` fields are folded away at the end of the page, ``uuid_fields`` are searched beside
    the key by whoever pastes an identifier from an address, ``story`` shows the journal of the
    whole case beside the row's own. Actions of the row's flow that operators may take without
    saying more are offered for many rows at once.
    """

    list_per_page = 50
    show_full_result_count = False
    empty_value_display = NOTHING
    view_on_site = False
    object_history_template = "admin/journal.html"
    hidden: tuple[str, ...] = ()
    uuid_fields: tuple[str, ...] = ()
    story = False

    def get_fields(self, request, obj=None):
        if self.fields:
            return self.fields
        every = (*self.opts.concrete_fields, *self.opts.many_to_many)
        names = [field.name for field in every if field.name not in self.hidden]
        return [*names, "attached"] if issubclass(self.model, Record) else names

    def get_fieldsets(self, request, obj=None):
        folded = (_("As stored"), {"classes": ["collapse"], "fields": self.hidden})
        return [*super().get_fieldsets(request, obj), *([folded] if self.hidden else [])]

    def get_readonly_fields(self, request, obj=None):
        return [*self.get_fields(request, obj), *self.hidden]

    @admin.display(description=_("Files"))
    def attached(self, obj):
        """Link the files that hang on this row."""
        rows = files.attachments_of(obj)
        links = ((row.file.get_absolute_url(), row.file.name, row.label) for row in rows)
        return format_html_join(mark_safe("<br>"), '<a href="{}">{}</a> ({})', links) or NOTHING

    def get_search_results(self, request, queryset, search_term):
        """Find a row by its whole identifier, else by the words."""
        try:
            key = UUID(search_term.strip())
        except ValueError:
            return super().get_search_results(request, queryset, search_term)
        names = [*self.uuid_fields]
        if isinstance(self.opts.pk, UUIDField):
            names.append("pk")
        found = Q(pk__in=[])
        for name in names:
            found |= Q(**{name: key})
        return queryset.filter(found), False

    def get_actions(self, request):
        """Add what an operator may do to many rows at once, by the table of their flow."""
        actions = super().get_actions(request)
        flow = FLOW_OF.get(self.opts.label_lower)
        for transition in flow.transitions if flow else ():
            asks = transition.requires or transition.serious
            if OPERATOR in transition.right.roles and not asks:
                act = _along(flow, transition)
                actions[transition.action] = (act, transition.action, transition.title)
        return actions

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        """Link the row's page in the portal where an operator may open it."""
        response = super().render_change_form(request, context, *args, obj=obj, **kwargs)
        url = _portal_page(request, obj)
        response.context_data |= {"has_absolute_url": bool(url), "absolute_url": url}
        return response

    def history_view(self, request, object_id, extra_context=None):
        """Show the journal of the row instead of what was done in the admin alone."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("Journal of %(object)s") % {"object": obj},
            "subtitle": None,
            "module_name": str(capfirst(self.opts.verbose_name_plural)),
            "object": obj,
            "opts": self.opts,
            "entries": [_told(entry) for entry in self.entries_of(obj)],
        }
        return TemplateResponse(request, self.object_history_template, context)

    def entries_of(self, obj):
        """Return the journal of a row, newest first."""
        if not isinstance(obj, Record):
            return JournalEntry.objects.none()
        own = Q(subject_type=subject_type(obj), subject_id=obj.pk)
        return JournalEntry.objects.filter(
            own | Q(thread=obj.journal_thread) if self.story else own
        )


class JournaledAdmin(ReadOnlyAdmin):
    """Rows that operators keep: they are added and changed, each time with a journal entry."""

    verbs = ("recorded", "changed")

    def get_readonly_fields(self, request, obj=None):
        return (*self.readonly_fields, "attached")

    def get_fields(self, request, obj=None):
        return admin.ModelAdmin.get_fields(self, request, obj)

    def has_add_permission(self, request, obj=None):
        return request.actor.is_operator

    def has_change_permission(self, request, obj=None):
        return request.actor.is_operator

    def facts(self, row) -> dict:
        """Return what the journal entry says beside the names of the changed fields."""
        return {}

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        facts = {**self.facts(form.instance), "changed": form.changed_data if change else []}
        journal.record(form.instance, self.verbs[change], request.actor, facts)


def _along(flow, transition):
    """Return the admin action that takes a transition on every chosen row."""

    def act(modeladmin, request, queryset):
        done = 0
        for row in queryset:
            try:
                perform(flow, row, transition.action, request.actor)
            except WorkflowRefusal as refusal:
                modeladmin.message_user(request, f"{row}: {refusal}", messages.ERROR)
            else:
                done += 1
        if done:
            words = ngettext("%(title)s: %(n)s row.", "%(title)s: %(n)s rows.", done)
            modeladmin.message_user(request, words % {"title": transition.title, "n": done})

    return act


def _portal_page(request, obj) -> str:
    if not hasattr(obj, "get_absolute_url"):
        return ""
    url = obj.get_absolute_url()
    match = resolve(url)
    right = declared_right(match.func, match.view_name)
    return url if right is not None and right(request.actor) else ""


def _told(entry) -> dict:
    return {"entry": entry, "text": _text(entry)}


def _text(entry):
    """Say what an entry tells; a verb that no flow knows any more stands for itself."""
    try:
        return timeline.text_of(entry)
    except KeyError:
        return entry.verb


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "told", "user_name", "subject_type", "chain", "number"]
    list_filter = ["at", "subject_type", "chain"]
    search_fields = ["verb", "user_name", "organisation_zh", "organisation_en", "chain"]
    uuid_fields = ("subject_id", "thread")

    @admin.display(description=_("event"))
    def told(self, obj):
        return _text(obj)


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


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ["title", "state", "error", "attempts", "created_at", "done_at", "user"]
    list_filter = ["state", "kind", "created_at"]
    list_select_related = ["user"]
    search_fields = ["kind", "key", "error", "user__name"]
    uuid_fields = ("subject_id",)
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


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ["title", "recipient", "created_at", "read_at", "mailed_at"]
    list_filter = ["kind", "created_at"]
    list_select_related = ["recipient"]
    search_fields = ["kind", "recipient__name", "recipient__email"]
    uuid_fields = ("subject_id",)

    @admin.display(description=_("notice"))
    def title(self, obj):
        return notices.texts(obj)[0] if obj.kind in notices.KINDS else obj.kind


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin):
    list_display = ["name", "content_type", "length", "fingerprint", "state", "generated",
                    "uploaded_by", "created_at"]  # fmt: skip
    list_filter = ["state", "generated", "content_type", "created_at"]
    list_select_related = ["uploaded_by"]
    search_fields = ["name", "sha256", "uploaded_by__name"]
    uuid_fields = ("organisation_id",)

    @admin.display(description=_("size"), ordering="size")
    def length(self, obj):
        return size(obj.size)

    @admin.display(description=_("SHA-256"))
    def fingerprint(self, obj):
        return digest(obj.sha256)


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
